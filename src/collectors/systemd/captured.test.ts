import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, ResourceReading } from '../../domain/reading.ts';
import { applyConfirmation } from './answers.ts';
import { captured } from './captured.fixture.ts';
import { createEar, type Ear, type EarParts } from './ear.ts';
import type { Properties } from './facts.ts';
import { natureOf } from './nature.ts';
import { createState, drain, recordOf, type State, type Want } from './state.ts';

const settings = { watch: ['*.service', '*.mount', '*.timer'], ignore: [] };
const time = () => ({ now: 1_795_331_500_000, monotonic: 400_000 });

/** The units that were made for the capture. */
const ours = /^t-|^mnt/;

const drawReading = ({ kind, id, attributes: a }: ResourceReading): string[] => {
  if (kind !== 'systemd.unit' || !ours.test(id)) return [];
  const restarting = a.restarting === true ? ' restarting' : '';
  const gaveUp = a.gaveUp === true ? ' gave-up' : '';
  const state = [`${a.activeState as string}/${a.subState as string}`, a.result as string];
  return [`${id} ${state.join(' ')}${restarting}${gaveUp}`];
};
const drawEvent = ({ event, id, attributes: a }: Event): string =>
  `! ${event} ${id} ${a.result ?? a.jobResult ?? ''}${
    a.willRestart === undefined ? '' : a.willRestart === true ? ' will-restart' : ' final'
  }`.trim();
const drawWant = (want: Want): string => `? ${want.type} ${want.name}`;

/** An ear with nobody behind it. */
const listen = (state: State, more: Partial<EarParts> = {}): Ear =>
  createEar({
    state,
    bootId: 'boot',
    time,
    owner: () => ':1.0',
    publish: () => {},
    onOwner: () => {},
    onReloading: () => {},
    ...more,
  });

/** What the signals of a scenario lead to, one line each. */
function heardOf(
  state: State,
  scenario: string,
  answer: (state: State, want: Want) => void = () => {},
): string[] {
  let owner = ':1.0';
  const drawn: string[] = [];
  const publish = (): void => {
    for (let told = drain(state); told !== undefined; told = drain(state)) {
      drawn.push(...told.resources.flatMap(drawReading), ...told.events.map(drawEvent));
      drawn.push(...told.gone.filter(({ id }) => ours.test(id)).map(({ id }) => `- ${id}`));
      drawn.push(...told.wants.filter(({ name }) => ours.test(name)).map(drawWant));
      for (const want of told.wants) answer(state, want);
    }
  };
  const ear = listen(state, {
    publish,
    owner: () => owner,
    onOwner: (name) => {
      owner = name;
      drawn.push(`owner ${name}`);
    },
    onReloading: (reloading) => drawn.push(reloading ? 'reloading' : 'reloaded'),
  });
  for (const signal of captured(scenario)) ear.hear(signal);
  // A state that is announced twice is drawn once.
  return drawn.filter((line, i) => line !== drawn[i - 1]);
}

function heard(
  scenario: string,
  before: (state: State) => void = () => {},
  answer?: (state: State, want: Want) => void,
): string[] {
  const state = createState(settings);
  before(state);
  drain(state);
  return heardOf(state, scenario, answer);
}

/** systemd has said what the unit is, before anything happens to it. */
const known =
  (name: string, properties: Properties = { Type: 'simple', Restart: 'no' }) =>
  (state: State): void =>
    state.natures.keep(name, natureOf('service', properties));

/** systemd answers: it is still failed. */
const stillFailed = (state: State, want: Want): void => {
  if (want.type === 'confirm') applyConfirmation(state, want.name, want.usec);
};

const restartCycle = [
  't-restart.service failed/failed exit-code restarting',
  '? confirm t-restart.service',
  't-restart.service activating/auto-restart exit-code restarting',
  '! run-failed t-restart.service exit-code will-restart',
  't-restart.service activating/auto-restart exit-code restarting',
  '! restarted t-restart.service exit-code',
];
const restarted = [
  't-restart.service inactive/dead success',
  't-restart.service active/running success',
];

const cases: readonly {
  readonly name: string;
  readonly scenario: string;
  readonly before?: (state: State) => void;
  readonly answer?: (state: State, want: Want) => void;
  readonly drawn: readonly string[];
}[] = [
  {
    name: 'a failure of a unit that systemd never restarts is final in its own signal',
    scenario: 'fail',
    before: known('t-fail.service'),
    drawn: [
      't-fail.service inactive/dead success',
      't-fail.service activating/start success',
      '? detail t-fail.service',
      't-fail.service failed/failed exit-code',
      '! run-failed t-fail.service exit-code final',
      't-fail.service failed/failed exit-code',
      '! job-failed t-fail.service failed',
    ],
  },
  {
    name: 'a failure of a unit of which nothing is known is final when one look says so',
    scenario: 'kill9',
    answer: stillFailed,
    drawn: [
      't-sleep.service failed/failed signal restarting',
      '? confirm t-sleep.service',
      '? detail t-sleep.service',
      't-sleep.service failed/failed signal',
      '! run-failed t-sleep.service signal final',
    ],
  },
  {
    name: 'three restarts and giving up: each failure is an event, only the last one is final',
    scenario: 'autorestart',
    before: known('t-restart.service', { Type: 'simple', Restart: 'on-failure' }),
    drawn: [
      't-restart.service inactive/dead success',
      't-restart.service active/running success',
      '? detail t-restart.service',
      ...restartCycle,
      ...restarted,
      ...restartCycle,
      ...restarted,
      ...restartCycle,
      't-restart.service inactive/dead exit-code',
      't-restart.service failed/failed exit-code gave-up',
      '! start-limit-hit t-restart.service exit-code',
      't-restart.service failed/failed exit-code gave-up',
      '! job-failed t-restart.service failed',
    ],
  },
  {
    name: 'a watchdog timeout counts when the run has ended, not while it is being killed',
    scenario: 'watchdog',
    before: known('t-watchdog.service'),
    drawn: [
      't-watchdog.service inactive/dead success',
      't-watchdog.service activating/start success',
      '? detail t-watchdog.service',
      't-watchdog.service active/running success',
      't-watchdog.service deactivating/stop-watchdog watchdog',
      't-watchdog.service failed/failed watchdog',
      '! run-failed t-watchdog.service watchdog final',
    ],
  },
  {
    name: 'a start that takes too long is a failure',
    scenario: 'notifytimeout',
    before: known('t-notify.service'),
    drawn: [
      't-notify.service inactive/dead success',
      't-notify.service activating/start success',
      '? detail t-notify.service',
      't-notify.service deactivating/stop-sigterm timeout',
      't-notify.service failed/failed timeout',
      '! run-failed t-notify.service timeout final',
      't-notify.service failed/failed timeout',
      '! job-failed t-notify.service failed',
    ],
  },
  {
    name: 'a new start of a failed unit is no second failure, though it says failed once more',
    scenario: 'restart',
    before: known('t-sleep.service'),
    drawn: [
      't-sleep.service failed/failed signal',
      '! run-failed t-sleep.service signal final',
      '? detail t-sleep.service',
      't-sleep.service failed/failed signal',
      't-sleep.service active/running success',
    ],
  },
  {
    name: 'a unit that is unloaded is gone, and others who load it again cause no question',
    scenario: 'stop',
    drawn: [
      't-sleep.service active/running success',
      '? detail t-sleep.service',
      't-sleep.service deactivating/stop-sigterm success',
      't-sleep.service inactive/dead success',
      '- t-sleep.service',
    ],
  },
  {
    name: 'a failure that is reset is over',
    scenario: 'resetfailed',
    drawn: ['t-fail.service inactive/dead success', '- t-fail.service'],
  },
  {
    name: 'an unmounted mount is gone',
    scenario: 'umount',
    drawn: ['mnt.mount inactive/dead success', '- mnt.mount'],
  },
  {
    name: 'a reload announces 200 units as removed and new, and means nothing by it',
    scenario: 'daemonreload',
    before: (state) => void recordOf(state, 'share.mount'),
    drawn: ['reloading', 'reloaded'],
  },
  {
    name: 'masking a unit reloads, and what was loaded for it goes without a word',
    scenario: 'mask',
    drawn: ['reloading', 'reloaded'],
  },
  {
    name: 'a new systemd announces what it takes over, and nothing is believed until it is done',
    scenario: 'daemonreexec',
    drawn: [
      'reloading',
      'owner :1.59',
      'reloaded',
      't-sleep.service active/running success',
      '? detail t-sleep.service',
      't-sleep.service deactivating/stop-sigterm success',
      't-sleep.service inactive/dead success',
      't-sleep.service active/running success',
    ],
  },
];

for (const { name, scenario, before, answer, drawn } of cases)
  test(name, () => assert.deepEqual(heard(scenario, before, answer), drawn));

test('nobody but systemd is believed: a forged signal does nothing', () => {
  const state = createState(settings);
  const ear = createEar({
    state,
    bootId: 'boot',
    time,
    owner: () => ':1.0',
    publish: () => {},
    onOwner: () => assert.fail('taken for the bus'),
    onReloading: () => assert.fail('taken for systemd'),
  });
  const forged = [...captured('fail'), ...captured('daemonreload'), ...captured('daemonreexec')];
  for (const signal of forged) ear.hear({ ...signal, sender: ':1.999' });
  assert.equal(drain(state), undefined);
  assert.equal(state.units.size, 0);
});

test('a mount made by hand says nothing by itself, and is kept in mind for a listing', () => {
  const state = createState(settings);
  assert.deepEqual(heardOf(state, 'mount'), []);
  assert.deepEqual([...state.fresh], ['mnt.mount']);
});

test('the times of a failure are those of systemd, not of the message', () => {
  const state = createState(settings);
  known('t-fail.service')(state);
  const ear = listen(state);
  for (const signal of captured('fail')) ear.hear(signal);
  const told = drain(state);
  const failure = told?.events.find(({ event }) => event === 'run-failed');
  const failing = told?.resources.find(({ attributes }) => attributes.activeState === 'failed');
  assert.equal(failing?.attributes.invocationId, failure?.attributes.invocationId);
  assert.equal(failure?.key, failing?.attributes.invocationId);
  assert.equal(failure?.at, failing?.at);
  assert.equal(failing?.at, failing?.attributes.stateChangeAt);
  assert.deepEqual(
    [failure?.attributes.execMainCode, failure?.attributes.execMainStatus],
    ['exited', 1],
  );
});
