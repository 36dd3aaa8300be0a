/** Refusals of what does not exist: the part of the table (refusal-table.ts) with 404. */

export interface RefusalKind {
  /** Of HTTP; other doors translate the code. */
  readonly status: number;
  readonly title: string;
  /** What it means and what to do, for people who look the code up. */
  readonly help: string;
}

export const unknownThings = {
  'alert-unknown': {
    status: 404,
    title: 'There is no such alert',
    help: 'No alert has this id: it was mistyped, or the alert is older than the retention time.',
  },
  'resource-unknown': {
    status: 404,
    title: 'There is no such resource',
    help:
      'The inventory has no resource of this kind with this id. GET /api/v1/resources?kind=KIND' +
      ' lists those it has.',
  },
  'task-unknown': {
    status: 404,
    title: 'There is no such task',
    help:
      'No run has this id, and no program has reported a job of this name: it was mistyped, or ' +
      'the run is older than the retention time. Runs of units are reported by systemd alone.',
  },
  'kind-unknown': {
    status: 404,
    title: 'There is no such kind of thing',
    help:
      'No collector of this tocsin declares a kind of this name. Names are like systemd.unit or ' +
      'scst.target: GET /api/v1/resources shows them, and the reference lists all.',
  },
  'attribute-unknown': {
    status: 404,
    title: 'The kind has no such attribute',
    help: 'GET /api/v1/resources?kind=KIND shows the attributes of a kind; so does the reference.',
  },
  'rule-unknown': {
    status: 404,
    title: 'There is no such rule',
    help: 'No loaded rule has this id. GET /api/v1/rules lists all, disabled ones too.',
  },
  'channel-unknown': {
    status: 404,
    title: 'There is no such channel',
    help: 'The settings name no channel so. GET /api/v1/channels lists those there are.',
  },
  'recording-unknown': {
    status: 404,
    title: 'There is no such recording',
    help:
      'There is one recording at a time, and it is forgotten a minute after nobody reads it any ' +
      'more. Begin another with `tocsin record FILE`.',
  },
  'token-unknown': {
    status: 404,
    title: 'There is no such token',
    help: 'No token has this id, or it is revoked. GET /api/v1/tokens lists those there are.',
  },
  'silence-unknown': {
    status: 404,
    title: 'There is no such silence',
    help: 'No silence has this id, or it was over for more than five days and is forgotten.',
  },
  'maintenance-unknown': {
    status: 404,
    title: 'There is no such maintenance window',
    help: 'No window has this id, or it was over for more than five days and is forgotten.',
  },
  'problem-unknown': {
    status: 404,
    title: 'There is no such problem code',
    help: 'GET /problems lists all codes.',
  },
} as const satisfies Readonly<Record<string, RefusalKind>>;
