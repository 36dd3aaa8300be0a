/** The commands about tokens, which programs show where no kernel says who they are. */
import type { Command } from './command.ts';
import {
  changeToken,
  createToken,
  listTokens,
  revokeTokens,
  rotateToken,
} from './commands/token.ts';

export const tokenCommands: readonly Command[] = [
  {
    name: 'token list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: [],
    summary: 'The tokens: what they may do, until when, and when each was used last.',
    operations: ['token.list'],
    run: listTokens,
  },
  {
    name: 'token create',
    arguments: 'NAME',
    count: [1, 1],
    options: ['role', 'expires'],
    summary:
      'Make a token for a program or a person, a viewer where nothing is said. It is printed this once.',
    operations: ['token.create'],
    run: createToken,
  },
  {
    name: 'token change',
    arguments: 'NAME|ID',
    count: [1, 1],
    options: ['role'],
    summary: 'Give a token another role.',
    operations: ['token.list', 'token.change'],
    completes: 'token',
    run: changeToken,
  },
  {
    name: 'token rotate',
    arguments: 'NAME|ID',
    count: [1, 1],
    options: ['overlap'],
    summary:
      'Give a token a new secret, which is printed this once. The old one is valid for a day longer.',
    operations: ['token.list', 'token.rotate'],
    completes: 'token',
    run: rotateToken,
  },
  {
    name: 'token revoke',
    arguments: 'NAME|ID…',
    count: [1, Infinity],
    options: [],
    summary: 'End tokens for good; sessions and streams that were opened with them end too.',
    operations: ['token.list', 'token.revoke'],
    completes: 'token',
    run: revokeTokens,
  },
];
