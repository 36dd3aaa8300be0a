/**
 * Alerts as Alertmanager's clients know them: by labels alone, and by the fingerprint of those.
 * What was pushed in keeps the very labels it came with; an alert of ours has beside its labels
 * what `rules/matchers.ts` takes for labels, so that a silence made from what is shown hits it.
 */
import type { Alert, Evidence } from '../../domain/alert.ts';
import { labelFingerprint } from '../../domain/ulid.ts';

export type Labels = Readonly<Record<string, string>>;

const withoutEmpty = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

function reckonLabels(alert: Alert): Labels {
  if (alert.origin === 'pushed') return alert.labels;
  const { labels, rule, severity, source, resource } = alert;
  return withoutEmpty({
    ...labels,
    alertname: rule,
    severity,
    source,
    resourceKind: resource.kind,
    resourceId: resource.id,
  });
}

interface Identity {
  readonly labels: Labels;
  readonly fingerprint: string;
}

/** An alert never changes, its next state is another: clients ask for the same ones each minute. */
const identities = new WeakMap<Alert, Identity>();

function identityOf(alert: Alert): Identity {
  const known = identities.get(alert);
  if (known !== undefined) return known;
  const labels = reckonLabels(alert);
  const identity = { labels, fingerprint: labelFingerprint(labels) };
  identities.set(alert, identity);
  return identity;
}

export const labelsOf = (alert: Alert): Labels => identityOf(alert).labels;

/** Over the labels shown, as Alertmanager reckons it: not the alert's own, which lacks some. */
export const fingerprintOf = (alert: Alert): string => identityOf(alert).fingerprint;

/** The evidence that holds what was pushed and has no other place in an alert. */
const annotationsTitle = 'As it was pushed';
const generatorTitle = 'Pushed from';

/** A note's line is one line: what would break it, or be taken for more, is written as JSON. */
const renderText = (text: string, special: RegExp): string =>
  special.test(text) ? JSON.stringify(text) : text;
const renderValue = (value: string): string => renderText(value, /^"|\p{Cc}/u);
const parseText = (text: string): string =>
  text.startsWith('"') ? String(JSON.parse(text)) : text;

const renderLine = ([name, value]: readonly [string, string]): string =>
  `${renderText(name, /^"|:|\p{Cc}/u)}: ${renderValue(value)}`;

function parseLine(line: string): readonly [string, string] {
  const [start = '', name = ''] = /^("(?:[^"\\]|\\.)*"|[^:]*): /.exec(line) ?? [];
  return [parseText(name), parseText(line.slice(start.length))];
}

/** The texts of an alert that stand for annotations of these names. */
type Texts = Pick<Alert, 'title' | 'message' | 'advice'>;
const textsOf = ({ title, message, advice }: Texts): Labels =>
  withoutEmpty({ summary: title, description: message, advice });

/** What the texts do not tell of the annotations, and where the alert was made. */
export function evidenceOf(texts: Texts, annotations: Labels, generatorUrl: string): Evidence[] {
  const told = textsOf(texts);
  const lines = Object.entries(annotations)
    .filter(([name, value]) => value !== '' && told[name] !== value)
    .map(renderLine);
  const notes = [
    { title: generatorTitle, lines: generatorUrl === '' ? [] : [renderValue(generatorUrl)] },
    { title: annotationsTitle, lines },
  ];
  return notes.filter((note) => note.lines.length > 0).map((note) => ({ type: 'note', ...note }));
}

const linesOf = ({ evidence }: Alert, wanted: string): readonly string[] =>
  evidence.flatMap(({ type, title, lines }) => (type === 'note' && title === wanted ? lines : []));

export const seeRunbook = (url: string): string => `See ${url}`;

/** What is pushed comes back as it was: a text made from something else is no annotation. */
export function annotationsOf(alert: Alert): Labels {
  if (alert.origin !== 'pushed') return textsOf(alert);
  const notes = Object.fromEntries(linesOf(alert, annotationsTitle).map(parseLine));
  const made: Readonly<Record<string, readonly (string | undefined)[]>> = {
    summary: [alert.rule, notes.title],
    description: [notes.message],
    advice: [seeRunbook(notes.runbook_url ?? '')],
  };
  const texts = Object.entries(textsOf(alert)).filter(
    ([name, text]) => !made[name]?.includes(text),
  );
  return { ...Object.fromEntries(texts), ...notes };
}

/** Where the alert was made; of ours, the alert itself. `base`: `https://box`. */
export function generatorUrlOf(alert: Alert, base: string): string {
  if (alert.origin !== 'pushed') return `${base}/api/v1/monitoring/alerts/${alert.id}`;
  return parseText(linesOf(alert, generatorTitle)[0] ?? '');
}
