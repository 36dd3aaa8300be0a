/**
 * POST alerts: what Prometheus and amtool push becomes alerts of tocsin. Each is known by its
 * labels; pushing it again moves its end, an end that is past ends it. Valid ones are taken also
 * when others are wrong.
 */
import type { Alert, AlertSource, Severity } from '../../domain/alert.ts';
import { alertSources } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { labelFingerprint } from '../../domain/ulid.ts';
import { raiseIn } from '../../operations/alert-raise.ts';
import type { Caller, House } from '../../operations/house.ts';
import type { RaisedByHand } from '../../rules/engine.ts';
import { resolveTimeout } from './alert-view.ts';
import { evidenceOf, type Labels, seeRunbook } from './labels.ts';
import { isRecord, type Read, readInstant } from './params.ts';
import { done, misfit, type Reply, refused } from './reply.ts';

/** In one request; Prometheus sends 64 to 256. The others are refused. */
const alertsMax = 2000;
/** Of one alert, labels and annotations each. An alert with more is refused. */
const labelsMax = 64;
/** Characters of a name, and of a label's value: an alert with a longer one is refused. */
const nameLengthMax = 128;
const valueLengthMax = 1024;
/** Annotations identify nothing: what is beyond is cut off. */
const annotationLengthMax = 8192;
const titleLengthMax = 300;
const resourceIdLengthMax = 200;

/** `alertname` of what was pushed without one. */
const namelessRule = 'pushed';
const resourceKind = 'alertmanager.alert';

/** One that was pushed, read and within bounds. */
interface Pushed {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly generatorUrl: string;
  readonly fingerprint: string;
}

type Answer =
  | { readonly type: 'ok'; readonly value: Pushed }
  | { readonly type: 'wrong'; readonly why: string }
  /** Not even of the form; the message is go-openapi's. */
  | { readonly type: 'misfit'; readonly why: string };

/** What no UTF-8 and no database can hold is replaced. */
const wellFormed = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

/** Without the empty ones; they are like those that are not there. */
function readLabels(what: string, value: unknown, lengthMax: number): Read<Labels> {
  const wrong = (why: string): Read<Labels> => ({ type: 'wrong', why: `invalid ${what}: ${why}` });
  if (!isRecord(value)) return wrong('they must be an object of texts');
  const entries = Object.entries(value);
  if (entries.length > labelsMax) return wrong(`${entries.length}, at most ${labelsMax}`);
  const read: [string, string][] = [];
  for (const [name, text] of entries) {
    const shown = JSON.stringify(name.slice(0, nameLengthMax));
    if (typeof text !== 'string') return wrong(`${shown} is no text`);
    if (name === '' || name.length > nameLengthMax || /\p{Cc}|\p{Cs}/u.test(name))
      return wrong(`${shown} is no name of 1 to ${nameLengthMax} characters`);
    if (text.length > lengthMax) return wrong(`${shown} is longer than ${lengthMax} characters`);
    if (text !== '') read.push([name, wellFormed(text)]);
  }
  return { type: 'ok', value: Object.fromEntries(read) };
}

const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`.toWellFormed();

/** Long annotations are shortened first: an alert is not lost for its prose. */
const shortened = (value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, text]) => [
          name,
          typeof text === 'string' ? cut(text, annotationLengthMax) : text,
        ]),
      )
    : value;

/** People follow it by a click: it leads to a page, or nowhere (CVE-2023-40577). */
function readUrl(value: unknown): string {
  const isPage = typeof value === 'string' && /^https?:\/\/[^\s\p{Cc}]+$/iu.test(value);
  return isPage && value.length <= annotationLengthMax ? wellFormed(value) : '';
}

function readPushed(value: unknown, i: number, now: EpochMs): Answer {
  if (!isRecord(value) || value.labels === undefined || value.labels === null) {
    return { type: 'misfit', why: `${i}.labels in body is required` };
  }
  const labels = readLabels('label set', value.labels, valueLengthMax);
  if (labels.type === 'wrong') return labels;
  const given = shortened(value.annotations ?? {});
  const annotations = readLabels('annotations', given, annotationLengthMax);
  if (annotations.type === 'wrong') return annotations;
  const startsAt = readInstant('startsAt', value.startsAt);
  if (startsAt.type === 'wrong') return startsAt;
  const endsAt = readInstant('endsAt', value.endsAt);
  if (endsAt.type === 'wrong') return endsAt;
  if (Object.keys(labels.value).length === 0) {
    return { type: 'wrong', why: 'at least one label pair required' };
  }
  const start = startsAt.value ?? endsAt.value ?? now;
  const end = endsAt.value ?? now + resolveTimeout;
  if (end < start) return { type: 'wrong', why: 'start time must be before end time' };
  const pushed = {
    labels: labels.value,
    annotations: annotations.value,
    startsAt: start,
    endsAt: end,
    generatorUrl: readUrl(value.generatorURL),
    fingerprint: labelFingerprint(labels.value),
  };
  return { type: 'ok', value: pushed };
}

/**
 * One without a word that is known is a warning: as `info` it would be told to nobody by default,
 * and Alertmanager tells all.
 */
function severityOf({ severity = '' }: Labels): Severity {
  const word = severity.toLowerCase();
  if (['critical', 'page', 'emergency', 'fatal'].includes(word)) return 'critical';
  return ['info', 'information', 'notice', 'debug', 'none', 'ok'].includes(word)
    ? 'info'
    : 'warning';
}

const sourceOf = ({ source }: Labels): AlertSource =>
  alertSources.find((one) => one === source) ?? 'system';

/** What it is about: the labels that are neither its name nor its weight, as Prometheus has it. */
function resourceIdOf({ labels, fingerprint }: Pushed): string {
  const text = Object.entries(labels)
    .filter(([name]) => name !== 'alertname' && name !== 'severity')
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort()
    .join(',');
  return text === '' || text.length > resourceIdLengthMax ? fingerprint : text;
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

function raisedOf(pushed: Pushed): RaisedByHand {
  const { labels, annotations, fingerprint, startsAt, endsAt, generatorUrl } = pushed;
  const { summary, title, description, message, advice, runbook_url: runbook } = annotations;
  const rule = cut(oneLine(labels.alertname ?? namelessRule), nameLengthMax);
  const texts = {
    title: cut(oneLine(summary ?? title ?? rule), titleLengthMax),
    message: description ?? message ?? '',
    advice: advice ?? (runbook === undefined ? '' : seeRunbook(runbook)),
  };
  return {
    ...texts,
    origin: 'pushed',
    rule,
    severity: severityOf(labels),
    source: sourceOf(labels),
    resource: { kind: resourceKind, id: resourceIdOf(pushed) },
    labels,
    evidence: evidenceOf(texts, annotations, generatorUrl),
    key: fingerprint,
    startsAt,
    expiresAt: endsAt,
  };
}

/** Fingerprints of what was pushed and fires. */
const pushedFingerprints = (alerts: readonly Alert[]): ReadonlySet<string> =>
  new Set(
    alerts
      .filter(({ origin }) => origin === 'pushed')
      .map(({ labels }) => labelFingerprint(labels)),
  );

/** All at once: the daemon commits what comes together in one transaction. */
async function raiseAll(house: House, pushed: readonly Pushed[], caller: Caller) {
  const now = house.now();
  // Twice in one request: the later one is newer.
  const latest = new Map(pushed.map((one) => [one.fingerprint, one]));
  const known = pushedFingerprints(house.activeAlerts());
  // What has ended and is not known has nothing to end.
  const wanted = [...latest.values()].filter(
    ({ endsAt, fingerprint }) => endsAt > now || known.has(fingerprint),
  );
  const { door, name } = caller;
  return Promise.allSettled(wanted.map((one) => raiseIn(house, { ...raisedOf(one), door }, name)));
}

export async function postAlerts(house: House, body: unknown, caller: Caller): Promise<Reply> {
  if (body === undefined) return misfit(602, 'alerts in body is required');
  // Go writes an empty list so.
  if (body === null) return done();
  if (!Array.isArray(body)) return refused('parsing the body failed: it must be a list of alerts');
  if (body.length > alertsMax) {
    return refused(`${body.length} alerts in one request; at most ${alertsMax}`);
  }
  const now = house.now();
  const read = body.map((value, i) => readPushed(value, i, now));
  const valid = read.flatMap((one) => (one.type === 'ok' ? one.value : []));
  const raised = await raiseAll(house, valid, caller);
  const failed = raised.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    const { reason } = failed;
    return refused(reason instanceof Error ? reason.message : String(reason), 500);
  }
  const bad = read.find((one) => one.type === 'misfit');
  if (bad?.type === 'misfit') return misfit(602, bad.why);
  const whys = read.flatMap((one) => (one.type === 'wrong' ? one.why : []));
  return whys.length === 0 ? done() : refused(whys.slice(0, 20).join('; '));
}
