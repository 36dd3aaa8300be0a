/** Raising an alert by hand or from a program, without a rule. */
import { type Static, Type } from 'typebox';
import type { Alert } from '../domain/alert.ts';
import { type EpochMs, parseDuration } from '../domain/time.ts';
import type { RaisedByHand } from '../rules/engine.ts';
import { digestOf } from './cursor.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { refuse, refuseField } from './refusals.ts';
import { renderAlert } from './render.ts';
import { alert, line, severity, source, text } from './schemas.ts';

const kindName = Type.String({
  maxLength: 64,
  pattern: '^[a-z][a-z0-9]*(?:\\.[a-z][a-zA-Z0-9]*)*$',
  'x-expects': 'a kind such as systemd.unit',
});
const labels = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  // Prometheus' label names; names with two underscores in front are its own.
  patternProperties: { '^(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,63}$': line },
  additionalProperties: false,
  maxProperties: 32,
});

const input = Type.Object(
  {
    severity,
    source,
    title: line,
    message: Type.Optional(text),
    advice: Type.Optional(text),
    resource: Type.Optional(
      Type.Object({ kind: kindName, id: line }, { additionalProperties: false }),
    ),
    labels: Type.Optional(labels),
    expiresAfter: Type.Optional(
      Type.String({ maxLength: 32, description: 'ends by itself after this duration: 15m, 2h' }),
    ),
    key: Type.Optional({ ...line, description: 'raising again with the same key updates it' }),
  },
  { additionalProperties: false },
);
type Input = Static<typeof input>;

function readExpiry(duration: string | undefined, now: EpochMs): EpochMs | null {
  if (duration === undefined) return null;
  const span = parseDuration(duration);
  if (span === undefined || span <= 0) {
    throw refuseField('expiresAfter', 'must be a duration such as 15m or 2h, longer than nothing');
  }
  return now + span;
}

/** Throws the refusal `too-many-alerts`. */
export async function raiseIn(house: House, raised: RaisedByHand, by: string): Promise<Alert> {
  const found = await house.raise(raised, by);
  if (found !== undefined) return found;
  throw refuse('too-many-alerts', 'so many alerts are active that no more can be raised');
}

/** An alert that names no resource is about this machine. */
function resourceOf(house: House, given: Input): { readonly kind: string; readonly id: string } {
  const [host] = house.resources('system.host');
  return given.resource ?? { kind: 'system.host', id: host?.id ?? 'localhost' };
}

export const raiseAlert = defineOperation({
  name: 'alert.raise',
  summary: 'Raises an alert by hand or from a program; again with the same key: updates it.',
  permission: 'write',
  // Programs raise again and again; the change that it makes names who and through which door.
  audited: false,
  method: 'POST',
  path: '/api/v1/monitoring/alerts',
  input,
  output: alert,
  refusals: ['too-many-alerts'],
  // One that was detected before the request came was there already.
  status: ({ detectedAt }, askedAt) => (Date.parse(detectedAt) >= Math.floor(askedAt) ? 201 : 200),
  async run(house, given, caller) {
    const resource = resourceOf(house, given);
    const { severity: level, source: from, title } = given;
    const key = given.key ?? digestOf({ from, title, resource });
    const raised = await raiseIn(
      house,
      {
        door: caller.door,
        severity: level,
        source: from,
        title,
        message: given.message ?? '',
        advice: given.advice ?? '',
        resource,
        labels: given.labels ?? {},
        key,
        expiresAt: readExpiry(given.expiresAfter, house.now()),
      },
      caller.name,
    );
    return renderAlert(raised);
  },
});
