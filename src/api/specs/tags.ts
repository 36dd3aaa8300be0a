/** The groups of operations, by the first word of their names. */

export const tags: Readonly<Record<string, string>> = {
  alert: 'What is wrong, and what is done about it.',
  audit: 'Who did what through which door.',
  channel: 'Where tocsin tells of alerts.',
  daemon: 'The daemon itself.',
  delivery: 'What was told, to whom, and how often it was tried.',
  event: 'What happened once to some resource.',
  health: 'How tocsin itself is.',
  maintenance: 'Windows of time in which nobody is told.',
  metrics: 'The appliance in figures, now and over time.',
  problem: 'The codes of refusals, explained.',
  recording: 'All that tocsin sees, for a replay elsewhere.',
  resource: 'The watched things, as last known.',
  rule: 'What is taken for a fault, and trying it on the past.',
  session: 'A token for a cookie, for browsers.',
  silence: 'Alerts that nobody is told of for a time.',
  specification: 'These documents.',
  stream: 'Every change as it happens.',
  task: 'Runs of jobs.',
  token: 'Who may ask through the network.',
  topology: 'Who needs whom.',
};
