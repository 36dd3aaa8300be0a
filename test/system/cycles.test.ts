/**
 * Ten thousand times a unit fails and is started again, 100 ms after each start: ten thousand
 * events, none missed, none twice. The units themselves write down each of their runs; what
 * tocsin says is compared with that, run by run.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';

const unitCount = 50;
const cycles = 200;

/** Writes its run down, lives for 100 ms, and fails; after so many failures it stays. Builtins only: they are many. */
const script = `#!/bin/sh
read -r n </run/cycles/$1.count 2>/dev/null || n=0
n=$((n + 1))
echo $n >/run/cycles/$1.count
[ $n -gt ${cycles} ] && exec sleep infinity
echo $INVOCATION_ID >>/run/cycles/$1.runs
sleep 0.1
exit 1
`;

const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
RuntimeDirectory=cycles
RuntimeDirectoryPreserve=yes
ExecStart=/bin/sh /etc/cycle %i
Restart=on-failure
RestartSec=100ms
`;

describe('10,000 failures of units that come back at once', { timeout: 600_000 }, () => {
  const names = Array.from({ length: unitCount }, (_, i) => `cycle@${i}.service`);
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({
      units: { 'cycle@.service': unit },
      files: { 'etc/cycle': script },
    });
    stream = await appliance.follow();
  });
  after(() => appliance?.stop());

  it('are 10,000 events, each with its run, none missed and none twice', async (test) => {
    const began = performance.now();
    await appliance.systemctl('start', ...names);
    // The units' own word that they have failed for the last time.
    const done = `until [ $(cat /run/cycles/*.count | grep -cx ${cycles + 1}) = ${unitCount} ]; do sleep 1; done`;
    await appliance.container.run(done, { timeoutMs: 500_000 });
    await appliance.settled(stream);
    const took = (performance.now() - began) / 1000;
    const truth = (await appliance.container.run('cd /run/cycles && grep -H "" *.runs'))
      .trim()
      .split('\n')
      .map((line) => line.replace(/^(\d+)\.runs:/, 'cycle@$1.service '));
    assert.equal(truth.length, unitCount * cycles);
    const events = await appliance.list('/api/v1/events?event=run-failed&kind=systemd.unit');
    const told = events
      .filter(({ resource }) => resource.id.startsWith('cycle@'))
      .map(({ resource, attributes }) => `${resource.id} ${attributes.invocationId}`);
    const known = new Set(told);
    assert.deepEqual(
      truth.filter((run) => !known.has(run)),
      [],
      'missed',
    );
    assert.deepEqual(told.toSorted(), truth.toSorted());
    const late = events.filter(({ foundBy }) => foundBy !== 'signal').length;
    test.diagnostic(
      `${truth.length} failures in ${took.toFixed()} s, 0 missed, ${late} not found by a signal`,
    );
  });

  it('are none that stayed: each unit was told as looping, and none as failed', async () => {
    for (const name of names) {
      const story = stream.story(name);
      assert.deepEqual(story, ['unit-crash-looping raised', 'unit-crash-looping severity'], name);
    }
  });
});
