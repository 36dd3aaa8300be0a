/** POST silences, DELETE silence: checked in the order and with the words of Alertmanager. */
import type { Alert } from '../../domain/alert.ts';
import type { MatcherText } from '../../domain/mute.ts';
import type { Caller, House } from '../../operations/house.ts';
import type { SilenceDraft } from '../../operations/house-mutes.ts';
import { operatorOf, renderMatcher } from '../../rules/matchers.ts';
import { acknowledgementOf, findAcknowledged } from './acknowledgement.ts';
import { isRecord, type Read, readInstant } from './params.ts';
import { done, misfit, notFound, type Reply, refused } from './reply.ts';

/** A draft, or the reply that says what is wrong with the body. */
type Drafted =
  | { readonly type: 'draft'; readonly draft: SilenceDraft & { readonly createdBy: string } }
  | { readonly type: 'refused'; readonly reply: Reply };

/** As the operations of silences take them: each of a thousand is kept for good. */
const commentLengthMax = 4000;
const nameLengthMax = 500;

type Json = Readonly<Record<string, unknown>>;

/** In the order in which Alertmanager looks for them; only the first is told. */
const silenceFields = ['comment', 'createdBy', 'endsAt', 'matchers', 'startsAt'] as const;
const matcherFields = ['isRegex', 'name', 'value'] as const;

const missingIn = (value: Json, names: readonly string[]): string | undefined =>
  names.find((name) => value[name] === undefined || value[name] === null);

const wrong = (why: string): Drafted => ({
  type: 'refused',
  reply: refused(`parsing the body failed: ${why}`),
});
const misfitting = (code: 602 | 612, message: string): Drafted => ({
  type: 'refused',
  reply: misfit(code, message),
});

function readMatcher(value: unknown): Read<MatcherText> {
  const { name, value: text, isRegex = false, isEqual = true } = isRecord(value) ? value : {};
  const isRight =
    typeof name === 'string' &&
    name !== '' &&
    typeof text === 'string' &&
    typeof isRegex === 'boolean' &&
    typeof isEqual === 'boolean';
  return isRight
    ? { type: 'ok', value: { name, operator: operatorOf(isEqual, isRegex), value: text } }
    : { type: 'wrong', why: 'a matcher has the texts name and value, and isRegex and isEqual' };
}

function readMatchers(values: readonly unknown[]): Read<readonly MatcherText[]> {
  const read = values.map(readMatcher);
  const bad = read.find((one) => one.type === 'wrong');
  return bad ?? { type: 'ok', value: read.flatMap((one) => (one.type === 'ok' ? one.value : [])) };
}

/** What go-openapi finds missing, before anything else is looked at. */
function findMissing(body: Json): Drafted | undefined {
  const missing = missingIn(body, silenceFields);
  if (missing !== undefined) return misfitting(602, `${missing} in body is required`);
  if (!Array.isArray(body.matchers)) return wrong('matchers must be a list');
  if (body.matchers.length === 0) {
    return misfitting(612, 'matchers in body should have at least 1 items');
  }
  for (const [i, matcher] of body.matchers.entries()) {
    const field = isRecord(matcher) ? missingIn(matcher, matcherFields) : undefined;
    if (field !== undefined) return misfitting(602, `matchers.${i}.${field} in body is required`);
  }
  return undefined;
}

function draftOf(body: unknown, now: number): Drafted {
  if (body === undefined) return misfitting(602, 'silence in body is required');
  if (!isRecord(body)) return wrong('it must be a JSON object');
  const missing = findMissing(body);
  if (missing !== undefined) return missing;
  const { comment, createdBy, id = '' } = body;
  if (typeof comment !== 'string' || typeof createdBy !== 'string' || typeof id !== 'string') {
    return wrong('comment, createdBy and id must be texts');
  }
  if (comment.length > commentLengthMax || createdBy.length > nameLengthMax) {
    return wrong(`comment has at most ${commentLengthMax} characters, createdBy ${nameLengthMax}`);
  }
  const startsAt = readInstant('startsAt', body.startsAt);
  const endsAt = readInstant('endsAt', body.endsAt);
  const matchers = readMatchers(Array.isArray(body.matchers) ? body.matchers : []);
  if (startsAt.type === 'wrong') return wrong(startsAt.why);
  if (endsAt.type === 'wrong') return wrong(endsAt.why);
  if (matchers.type === 'wrong') return wrong(matchers.why);
  const draft = {
    ...(id !== '' && { id: id.toLowerCase() }),
    matchers: matchers.value,
    startsAt: startsAt.value ?? now,
    endsAt: endsAt.value ?? 0,
    comment,
    createdBy,
  };
  return { type: 'draft', draft };
}

const failed = (why: string): Reply => refused(`Failed to create silence: ${why}`);

async function save(house: House, draft: SilenceDraft, caller: Caller): Promise<Reply> {
  const answer = await house.mutes.saveSilence(draft, caller.name);
  switch (answer.type) {
    case 'done':
      return done({ silenceID: answer.value.id });
    case 'unknown':
      return refused('silence not found', 404);
    case 'wrong':
      return failed(`${answer.field}: ${answer.why}`);
    default:
      return refused(answer.why, 500);
  }
}

/** In whatever order. */
const sameMatchers = (a: readonly MatcherText[], b: readonly MatcherText[]): boolean => {
  const texts = new Set(a.map(renderMatcher));
  return a.length === b.length && b.every((matcher) => texts.has(renderMatcher(matcher)));
};

const takeBack = (house: House, { id }: Alert, { name, door }: Caller) =>
  house.act(id, { type: 'unacknowledge', comment: null, door }, name);

/** What stands for an acknowledgement is changed as one, or becomes a silence like others. */
async function change(house: House, alert: Alert, draft: SilenceDraft, caller: Caller) {
  const { comment, endsAt, matchers, startsAt } = draft;
  const { id, matchers: own } = acknowledgementOf(alert);
  if (sameMatchers(matchers, own)) {
    const deed = { type: 'acknowledge', comment, until: endsAt } as const;
    await house.act(alert.id, { ...deed, door: caller.door }, caller.name);
    return done({ silenceID: id });
  }
  const { createdBy } = draft;
  const anew = { matchers, startsAt, endsAt, comment, ...(createdBy && { createdBy }) };
  const reply = await save(house, anew, caller);
  if (reply.status !== 200) return reply;
  await takeBack(house, alert, caller);
  return reply;
}

export async function postSilence(house: House, body: unknown, caller: Caller): Promise<Reply> {
  const now = house.now();
  const drafted = draftOf(body, now);
  if (drafted.type === 'refused') return drafted.reply;
  const { draft } = drafted;
  if (draft.startsAt >= draft.endsAt) return failed('start time must be before end time');
  if (draft.endsAt < now) return failed("end time can't be in the past");
  const alert =
    draft.id === undefined ? undefined : findAcknowledged(house.activeAlerts(), draft.id);
  return alert === undefined ? save(house, draft, caller) : change(house, alert, draft, caller);
}

export async function deleteSilence(house: House, id: string, caller: Caller): Promise<Reply> {
  const alert = findAcknowledged(house.activeAlerts(), id);
  if (alert !== undefined) {
    await takeBack(house, alert, caller);
    return done();
  }
  const answer = await house.mutes.expireSilence(id.toLowerCase(), caller.name);
  if (answer.type === 'unknown') return notFound;
  return answer.type === 'done' ? done() : refused(answer.why, 500);
}
