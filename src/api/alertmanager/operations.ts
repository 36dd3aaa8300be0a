/**
 * Alertmanager's API as operations of ours, one row each: rights are checked where all rights are
 * (operations/run.ts). They take what they are given and answer for what is wrong themselves,
 * because its clients understand no other words; so they stand in no list of operations.
 */
import { Type } from 'typebox';
import type { Caller, House } from '../../operations/house.ts';
import { defineOperation, type Permission } from '../../operations/operation.ts';
import type { Texts } from '../query.ts';
import { listAlerts, listGroups } from './alert-list.ts';
import { postAlerts } from './push.ts';
import { misfit, type Reply } from './reply.ts';
import { deleteSilence, postSilence } from './silence-acts.ts';
import { listSilences, showSilence } from './silence-view.ts';
import { listReceivers, renderMetrics, showStatus } from './status.ts';

/** A request, as the door hands it on. */
export interface Asked {
  readonly query: Texts;
  readonly body: unknown;
  /** Of the path; empty where it names none. */
  readonly id: string;
  /** `https://box`: how the caller reaches us. */
  readonly base: string;
}

const prefix = '/am';
const api = `${prefix}/api/v2`;

/** Prometheus sends up to 256 alerts with their annotations at once. */
const alertsBytesMax = 4 * 1024 * 1024;

const input = Type.Object({
  query: Type.Unsafe<Texts>({ type: 'object' }),
  body: Type.Unknown(),
  id: Type.String(),
  base: Type.String(),
});
const output = Type.Unsafe<Reply>({ type: 'object' });

const outcomes: Readonly<Record<number, string>> = {
  200: 'done',
  400: 'invalid-input',
  404: 'silence-unknown',
  422: 'invalid-input',
};

/** For the audit: these operations answer for what is wrong themselves. */
function outcomeOf({ status, body }: Reply) {
  const made = typeof body === 'object' && body !== null && 'silenceID' in body && body.silenceID;
  return {
    subject: typeof made === 'string' ? made : null,
    outcome: outcomes[status] ?? 'failed',
  };
}

type Method = 'GET' | 'POST' | 'DELETE';
type Answering = (house: House, asked: Asked, caller: Caller) => Reply | Promise<Reply>;

const row = (
  [method, path]: readonly [Method, string],
  name: string,
  permission: Permission,
  summary: string,
  answer: Answering,
  bodyBytesMax?: number,
) =>
  defineOperation({
    name: `alertmanager.${name}`,
    summary,
    permission,
    method,
    path,
    input,
    output,
    ...(bodyBytesMax !== undefined && { bodyBytesMax }),
    // Prometheus sends all alerts anew each minute; their changes name who and through which door.
    ...(name === 'push' && { audited: false }),
    outcome: outcomeOf,
    run: async (house, asked, caller) => answer(house, asked, caller),
  });

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A silence by its id, which must be a UUID before anything is looked for. */
const withId =
  (answer: Answering): Answering =>
  (house, asked, caller) =>
    uuid.test(asked.id)
      ? answer(house, asked, caller)
      : misfit(601, `silenceID in path must be of type uuid: ${JSON.stringify(asked.id)}`);

async function reload(house: House): Promise<Reply> {
  const why = await house.reload();
  return why === null
    ? { status: 200 }
    : { status: 500, body: `failed to reload config: ${why}`, type: 'text' };
}

export const alertmanagerOperations = [
  row(['GET', `${api}/status`], 'status', 'read', 'Version and configuration.', showStatus),
  row(['GET', `${api}/receivers`], 'receivers', 'read', 'The channels.', (house, { query }) =>
    listReceivers(house, query),
  ),
  row(['GET', `${api}/alerts`], 'alerts', 'read', 'Firing alerts.', (house, { query, base }) =>
    listAlerts(house, query, base),
  ),
  row(
    ['POST', `${api}/alerts`],
    'push',
    'write',
    'Raises alerts, moves their ends, ends them.',
    (house, { body }, caller) => postAlerts(house, body, caller),
    alertsBytesMax,
  ),
  row(
    ['GET', `${api}/alerts/groups`],
    'groups',
    'read',
    'Firing alerts as channels group them.',
    (house, { query, base }) => listGroups(house, query, base),
  ),
  row(['GET', `${api}/silences`], 'silences', 'read', 'Silences.', (house, { query }) =>
    listSilences(house, query),
  ),
  row(
    ['POST', `${api}/silences`],
    'silence',
    'write',
    'Makes or changes a silence.',
    (house, { body }, caller) => postSilence(house, body, caller),
  ),
  row(
    ['GET', `${api}/silence/:id`],
    'showSilence',
    'read',
    'One silence.',
    withId((house, { id }) => showSilence(house, id)),
  ),
  row(
    ['DELETE', `${api}/silence/:id`],
    'expire',
    'write',
    'Ends a silence or an acknowledgement.',
    withId((house, { id }, caller) => deleteSilence(house, id, caller)),
  ),
  row(['GET', `${prefix}/metrics`], 'metrics', 'read', 'Version and counts.', (house) => ({
    status: 200,
    body: renderMetrics(house),
    type: 'metrics',
  })),
  row(['GET', `${prefix}/-/healthy`], 'healthy', 'none', 'It answers.', () => ({
    status: 200,
    body: 'OK',
    type: 'text',
  })),
  row(['GET', `${prefix}/-/ready`], 'ready', 'none', 'All was looked at once.', (house) => ({
    status: house.ready() ? 200 : 503,
    body: house.ready() ? 'OK' : 'not ready',
    type: 'text',
  })),
  row(['POST', `${prefix}/-/reload`], 'reload', 'admin', 'Reads settings and rules anew.', reload),
];
