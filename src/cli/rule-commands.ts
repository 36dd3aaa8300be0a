/** The commands about rules. */
import type { Command } from './command.ts';
import { listRules, showRule } from './commands/rule.ts';
import {
  addRules,
  disableRules,
  enableRules,
  removeRules,
  setRule,
  showDelta,
} from './commands/rule-change.ts';
import { checkRules } from './commands/rule-check.ts';
import { testRules } from './commands/rule-test.ts';

const many = Infinity;

export const ruleCommands: readonly Command[] = [
  {
    name: 'rule list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: ['severity', 'source', 'kind'],
    summary: 'The rules in force, disabled ones too.',
    operations: ['rule.list'],
    run: listRules,
  },
  {
    name: 'rule show',
    arguments: 'ID',
    count: [1, 1],
    options: [],
    summary: 'One rule after its drop-ins, and where it is written.',
    operations: ['rule.get'],
    completes: 'rule',
    run: showRule,
  },
  {
    name: 'rule add',
    arguments: 'FILE…',
    count: [1, many],
    options: [],
    summary: 'Add the rules of these files; they are checked, written to 90-api.yaml and in force.',
    operations: ['rule.create'],
    completes: 'file',
    run: addRules,
  },
  {
    name: 'rule set',
    arguments: 'ID FIELD=VALUE…',
    count: [2, many],
    options: [],
    summary:
      'Change fields of a rule: rule set disk-hot for=10m severity=critical. An empty VALUE takes the field away. Of a shipped rule it writes a drop-in.',
    operations: ['rule.change'],
    completes: 'rule',
    run: setRule,
  },
  {
    name: 'rule enable',
    arguments: 'ID…',
    count: [1, many],
    options: [],
    summary: 'Put rules in force again.',
    operations: ['rule.change'],
    completes: 'rule',
    run: enableRules,
  },
  {
    name: 'rule disable',
    arguments: 'ID…',
    count: [1, many],
    options: [],
    summary: 'Put rules out of force; their alerts end.',
    operations: ['rule.change'],
    completes: 'rule',
    run: disableRules,
  },
  {
    name: 'rule remove',
    arguments: 'ID…',
    count: [1, many],
    options: [],
    summary: 'Remove rules that were added so; set any other back to what is shipped.',
    operations: ['rule.remove'],
    completes: 'rule',
    run: removeRules,
  },
  {
    name: 'rule delta',
    arguments: '',
    count: [0, 0],
    options: [],
    summary: 'What this site changed against the rules that are shipped.',
    operations: ['rule.delta'],
    run: showDelta,
  },
  {
    name: 'rule check',
    arguments: '[FILE…]',
    count: [0, many],
    options: ['rules-dir', 'output'],
    summary:
      'Check rule files as if they were added to those in force, or the ones in force. Needs no tocsind.',
    operations: [],
    completes: 'file',
    run: checkRules,
  },
  {
    name: 'rule test',
    arguments: '[FILE…]',
    count: [0, many],
    options: ['rules-dir', 'run', 'output'],
    summary:
      'Run the tests in rule files or test files, or those of the rules in force. Needs no tocsind.',
    operations: [],
    completes: 'file',
    run: testRules,
  },
];
