/**
 * MESSAGE_ID of what the channel `journal` writes: one for each kind of entry, so that
 * `journalctl MESSAGE_ID=…` finds them all and `journalctl -x` explains them
 * (systemd/tocsin.catalog). They are public, and never used for another meaning.
 */
export const messageIds = {
  firing: { id: 'b84031ca032a45d5993d67907c02ad0c', help: 'An alert fires.' },
  over: { id: 'de35d7d29199440d90ef8dba23ef9068', help: 'An alert is over.' },
  digest: { id: '825f2a7cdb8d4edc8553fd1846204210', help: 'News that had to wait, collected.' },
  report: {
    id: '79a61e6ec9c34eceb2cafc91f8abc0a7',
    help: 'A report, as after a maintenance window.',
  },
  reminder: {
    id: '36de78b0f0e3459d954eac8ac137c717',
    help: 'A reminder of what is held back long.',
  },
  test: { id: '154ea1d1582d4038a57f4886707fd3ae', help: 'A test of the channel.' },
  untold: {
    id: '3ea39caee0984163a7a5268e0482f3d0',
    help: 'A critical alert that nobody was told of.',
  },
} as const;

export type EntryType = keyof typeof messageIds;
