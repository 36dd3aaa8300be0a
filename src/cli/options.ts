/** All options, declared once: parsing, help, completion and man page are made from the table. */
import { alertSources, severities } from '../domain/alert.ts';
import { formats } from './output/printer.ts';

export interface Option {
  readonly help: string;
  readonly short?: string;
  /** What its value is called; left out: it has none. */
  readonly value?: string;
  /** The words it can be, alone or joined by commas. */
  readonly words?: readonly string[];
  /** It can be given several times. */
  readonly many?: true;
}

export const phases = ['pending', 'firing', 'resolved', 'all'] as const;

export const optionTable = {
  output: {
    short: 'o',
    value: 'FORMAT',
    words: formats,
    help: 'How to show it. wide has more columns, jsonl one JSON value a line, id only ids; simple and extended are other names of table and wide.',
  },
  'no-legend': { help: 'Tables without the names of the columns and the last line, which counts.' },
  utc: { help: 'Instants in UTC instead of ages and local time.' },
  socket: {
    value: 'PATH',
    help: 'The socket of tocsind; else $TOCSIN_SOCKET, else local.sock in $TOCSIN_RUNTIME_DIR or /run/tocsin.',
  },
  url: {
    value: 'URL',
    help: 'Ask over TCP instead: http://127.0.0.1:PORT or the address behind nginx; else $TOCSIN_URL.',
  },
  token: {
    value: 'TOKEN',
    help: 'Token for --url. Everybody on the machine can see it; better put it into $TOCSIN_TOKEN.',
  },
  timeout: { value: 'DURATION', help: 'How long to wait for each answer; 30s.' },
  help: { short: 'h', help: 'Show help for the command.' },
  version: { help: 'Show the version.' },
  severity: { value: 'WORDS', words: severities, help: 'Of these severities.' },
  source: { value: 'WORDS', words: alertSources, help: 'Of these sources.' },
  phase: { value: 'WORDS', words: phases, help: 'In these phases; firing where nothing is said.' },
  all: {
    help: 'All of them: alerts in every phase; units that are not watched too; every reported run.',
  },
  since: {
    value: 'WHEN',
    help: 'Begun at or after: 1h30m, "2d ago", today, yesterday, "2026-11-22 07:00", RFC 3339.',
  },
  until: { value: 'WHEN', help: 'Begun before.' },
  limit: {
    short: 'n',
    value: 'N',
    help: 'At most so many, the newest. 100 where nothing is said and the past is asked for.',
  },
  after: {
    value: 'NUMBER',
    help: 'Only what came after this one: the number of an event, the seq of a change.',
  },
  grep: { value: 'WORDS', help: 'Title or message holds all these words.' },
  unacknowledged: { help: 'Only those that nobody has acknowledged.' },
  comment: { short: 'c', value: 'TEXT', help: 'Why, for those who read it later.' },
  acknowledged: { help: 'Only those that somebody has acknowledged, the oldest of these first.' },
  author: { short: 'a', value: 'NAME', help: 'Who sets it; else $SUDO_USER or $USER.' },
  duration: {
    short: 'd',
    value: 'DURATION',
    help: 'How long: 30m, 2h, 3d; an hour where nothing is said.',
  },
  start: {
    value: 'WHEN',
    help: 'When it begins: 30m (from now), "2026-11-22 22:00", RFC 3339; now where nothing is said.',
  },
  end: { value: 'WHEN', help: 'When it ends, instead of --duration.' },
  calendar: {
    value: 'EXPRESSION',
    help: 'It opens at each moment of this: "Sat 02:00", "*-*-01 22:00" (systemd.time(7)).',
  },
  age: { help: 'The oldest first.' },
  follow: { short: 'f', help: 'Go on and show each one as it comes.' },
  unit: { short: 'u', value: 'UNIT', many: true, help: 'Of these units; .service is added.' },
  kind: { value: 'KIND', help: 'Kind of the resource, such as systemd.unit.' },
  id: { value: 'ID', help: 'Id of the resource.' },
  event: { value: 'NAME', help: 'Only this event, such as run-failed.' },
  channel: { value: 'NAME', help: 'Over this channel.' },
  by: { value: 'WHO', help: 'Only what this one did: uid:0, token:grafana.' },
  operation: { value: 'NAME', help: 'Only this operation, such as silence.save.' },
  database: {
    value: 'FILE',
    help: 'Check this copy of tocsin.db, with its -wal beside it; needs no tocsind.',
  },
  state: { value: 'WORDS', help: 'In these states.' },
  failed: { help: 'Only units or tasks that are failed.' },
  name: { value: 'JOB', help: 'What the task is called; each run has the same name.' },
  progress: {
    help: 'Read the output on its way for lines with a percentage. The command then writes to a pipe, not to the terminal.',
  },
  message: { value: 'TEXT', help: 'What is wrong, at more length than the title.' },
  advice: { value: 'TEXT', help: 'What to do first.' },
  label: { value: 'NAME=VALUE', many: true, help: 'A label.' },
  expires: {
    value: 'DURATION',
    help: 'End it by itself after this time: 15m, 2h; an acknowledgement also with the word change.',
  },
  key: { value: 'KEY', help: 'Raising again with the same key updates the alert.' },
  role: {
    value: 'ROLE',
    words: ['viewer', 'operator', 'admin'],
    help: 'What it may do: viewer looks, operator acknowledges and silences too, admin may do everything.',
  },
  overlap: {
    value: 'DURATION',
    help: 'How long the old secret is valid beside the new one; 24h, at most 30d, 0s for not at all.',
  },
  'rules-dir': {
    value: 'DIR[:DIR…]',
    help: 'Folders of rules; else $TOCSIN_RULES_DIR, else those of tocsind.',
  },
  config: { value: 'FILE', help: 'The settings; else $TOCSIN_CONFIG, else those of tocsind.' },
  for: { value: 'DURATION', help: 'End by itself after this time; 1h, at most 24h.' },
  silence: {
    value: 'MATCHER[,MATCHER…]',
    many: true,
    help: 'Try a silence on the past as well.',
  },
  channels: { help: 'Count the messages of each channel; all rules run for it.' },
  assert: { help: 'Compare with what was recorded; ends with 3 and the difference.' },
  run: { value: 'REGEX', help: 'Only tests whose name matches.' },
  warning: { value: 'N', help: 'WARNING when more than N warnings fire; 0.' },
  critical: { value: 'N', help: 'CRITICAL when more than N critical alerts fire; 0.' },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof optionTable;
export const optionNames = Object.keys(optionTable) as readonly OptionName[];
export const optionOf = (name: OptionName): Option => optionTable[name];

/** Every command takes these. */
export const everywhere: readonly OptionName[] = ['help', 'version'];
/** Commands that ask tocsind take these. */
export const asking: readonly OptionName[] = ['socket', 'url', 'token', 'timeout'];
/** Commands that show things take these. */
export const showing: readonly OptionName[] = ['output', 'no-legend', 'utc'];

/** `-o, --output FORMAT`, as help and man page write it. */
export function spell(name: OptionName): string {
  const { short, value } = optionOf(name);
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}
