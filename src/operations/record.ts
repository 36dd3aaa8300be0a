/** Recording what tocsin sees, piece by piece, for a replay elsewhere. */
import { Type } from 'typebox';
import { hours, parseDuration, renderDuration, rfc3339, seconds } from '../domain/time.ts';
import { defineOperation } from './operation.ts';
import { refuse, refuseField } from './refusals.ts';
import { alertId, instant } from './schemas.ts';

const durationDefault = hours(1);
const durationMax = hours(24);
/** A reader comes again after this at the latest. */
const patienceMax = seconds(20);

const closed = { additionalProperties: false };
const unknown = (id: string) =>
  refuse('recording-unknown', `there is no recording ${id}: it has ended, or was never begun`);

export const startRecording = defineOperation({
  name: 'recording.start',
  summary: 'Begins a recording of all that tocsin sees and concludes; one at a time.',
  permission: 'admin',
  method: 'POST',
  path: '/api/v1/recordings',
  refusals: ['conflict'],
  input: Type.Object(
    {
      duration: Type.Optional(
        Type.String({ maxLength: 32, description: `at most ${renderDuration(durationMax)}` }),
      ),
    },
    closed,
  ),
  output: Type.Object({ id: Type.String(), by: Type.String(), since: instant }),
  status: () => 201,
  statuses: [201],
  async run(house, { duration: text }, caller) {
    const duration = text === undefined ? durationDefault : (parseDuration(text) ?? 0);
    if (duration <= 0 || duration > durationMax)
      throw refuseField('duration', `must be a duration up to ${renderDuration(durationMax)}`);
    const started = house.records.recordings.start(duration, caller.name);
    if (typeof started === 'string') throw refuse('conflict', started);
    return { ...started, since: rfc3339(started.since) };
  },
});

export const readRecording = defineOperation({
  name: 'recording.read',
  summary: 'The next piece of a recording; waits for one for a moment.',
  permission: 'admin',
  method: 'GET',
  path: '/api/v1/recordings/:id',
  refusals: ['recording-unknown'],
  input: Type.Object(
    {
      id: alertId,
      piece: Type.Optional(Type.Integer({ minimum: 0, description: '`next` of the piece before' })),
      wait: Type.Optional(Type.Integer({ minimum: 0, maximum: patienceMax / 1000 })),
    },
    closed,
  ),
  output: Type.Object({
    text: Type.String({ description: 'whole lines of the recording' }),
    next: Type.Integer(),
    ended: Type.Boolean({ description: 'there will be no more' }),
  }),
  async run(house, { id, piece, wait }) {
    const patience = seconds(wait ?? 0);
    const found = await house.records.recordings.read(id, piece ?? 0, patience);
    if (found === undefined) throw unknown(id);
    return found;
  },
});

export const stopRecording = defineOperation({
  name: 'recording.stop',
  summary: 'Ends a recording. What has not been read yet can still be.',
  permission: 'admin',
  method: 'DELETE',
  path: '/api/v1/recordings/:id',
  refusals: ['recording-unknown'],
  input: Type.Object({ id: alertId }, closed),
  output: Type.Object({ stopped: Type.Boolean() }),
  async run(house, { id }) {
    if (!house.records.recordings.stop(id)) throw unknown(id);
    return { stopped: true };
  },
});
