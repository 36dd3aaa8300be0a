/** The shape of an explanation; the words are made from it. */
import { type Static, Type } from 'typebox';
import { announceReasons } from '../domain/message.ts';
import { certainties } from './explain-cause.ts';
import { changeTypes } from './explain-changes.ts';
import { muterTypes } from './mute-names.ts';
import { alert, instant, list, nullable, resourceRef, severity } from './schemas.ts';

export const brief = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  severity,
  phase: Type.Enum(['pending', 'firing', 'resolved']),
  title: Type.String(),
  resource: resourceRef,
  startsAt: instant,
});

const told = Type.Object({
  number: Type.Integer({ description: 'of the delivery' }),
  channel: Type.String(),
  time: instant,
  reason: Type.Enum([...announceReasons, 'counted'], {
    description: 'counted: the message had no room for the alert itself',
  }),
  attempts: Type.Integer(),
  state: Type.String({ description: 'what became of it, in words' }),
});

export const explanation = {
  alert,
  firstSign: Type.Object({ time: instant, what: Type.String(), resource: resourceRef }),
  cause: nullable(
    Type.Object({ alert: brief, certainty: Type.Enum([...certainties]), why: Type.String() }),
  ),
  alternatives: list(brief),
  victims: list(brief),
  victimCount: Type.Integer(),
  changed: Type.Object({
    since: instant,
    until: instant,
    items: list(
      Type.Object({ time: instant, type: Type.Enum([...changeTypes]), what: Type.String() }),
    ),
    omitted: Type.Integer({ description: 'older ones, for which there was no room' }),
    unreadable: list(Type.Object({ what: Type.String(), why: Type.String() })),
  }),
  mutedBy: list(
    Type.Object({
      id: Type.String(),
      type: Type.Enum([...muterTypes]),
      name: Type.String(),
      by: nullable(Type.String()),
      until: nullable(instant),
    }),
  ),
  told: list(told),
  toldMore: Type.Boolean({ description: 'there are earlier messages' }),
  routes: list(Type.Object({ channel: Type.String(), tells: Type.Boolean(), why: Type.String() })),
};
const explained = Type.Object(explanation);
export type Explanation = Static<typeof explained>;
