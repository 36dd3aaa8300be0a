/**
 * The whole daemon on a captured appliance: what it says of it, to the last figure and edge; that
 * what changes in the tree is told as fast as the collectors promise; and that SIGKILL makes it
 * forget nothing.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PrivateBus, startBus } from '../support/bus.ts';
import {
  type CapturedAppliance,
  plantAppliance,
  scstCapture,
  tapeCapture,
  units,
} from '../support/captured-appliance.ts';
import { plantTree } from '../support/captures.ts';
import { hastenedRules, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import { type Follower, follow } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

const target = 'iscsi/iqn.2024-01.com.example:backup1';
const session = `${target}/iqn.1993-08.org.debian:01:scstvm`;
const targetFolder = `/sys/kernel/scst_tgt/targets/${target}`;
/** SCST is glanced at each second; the rest is for a machine that does three other things. */
const glanceWithinMs = 2500;
/** inotify in /dev, 50 ms for what comes together; a glance each second would be too late. */
const nodeWithinMs = 700;

interface Edge {
  readonly from: { readonly kind: string; readonly id: string };
  readonly to: { readonly kind: string; readonly id: string };
  readonly relation: string;
}

const draw = ({ from, to, relation }: Edge): string =>
  `${from.kind} ${from.id} ${relation} ${to.kind} ${to.id}`;

/** LUN and device, as the kernel linked them in the capture. */
const luns = [
  ['0', 'disk1'],
  ['1', 'blk1'],
  ['2', 'null1'],
] as const;
/** Those of the group in which the initiator is. */
const groupLuns = [
  ['0', 'disk1'],
  ['1', 'blk1'],
  ['5', 'null1'],
] as const;

const scstEdges: readonly string[] = [
  `scst.driver iscsi drives scst.target ${target}`,
  `scst.target ${target} carries scst.session ${session}`,
  ...luns.flatMap(([number, device]) => [
    `scst.device ${device} backs scst.lun ${target}/${number}`,
    `scst.target ${target} offers scst.lun ${target}/${number}`,
  ]),
  ...groupLuns.flatMap(([number, device]) => [
    `scst.device ${device} backs scst.lun ${target}/allowed/${number}`,
    `scst.target ${target} offers scst.lun ${target}/allowed/${number}`,
    `scst.lun ${target}/allowed/${number} serves scst.session ${session}`,
  ]),
];

function partition(all: readonly string[], first: (one: string) => boolean) {
  return [all.filter(first), all.filter((one) => !first(one))] as const;
}

describe('the daemon on a captured appliance', { timeout: 60_000 }, () => {
  let appliance: CapturedAppliance;
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;
  let stream: Follower;
  const body = async (path: string): Promise<Json> => (await daemon.get(path)).body;
  const edges = async (query = ''): Promise<readonly string[]> =>
    (await body(`/api/v1/topology${query}`)).edges.map(draw);
  const find = async (kind: string, id: string): Promise<Json> => {
    const { items } = await body(`/api/v1/resources?kind=${kind}&id=${encodeURIComponent(id)}`);
    return items[0]?.attributes;
  };
  /** How long after `began` the alert says that it started. */
  const pendingAfter = async (resource: string, rule: string, began: number): Promise<number> =>
    Date.parse((await stream.alert(resource, rule, 'pending')).startsAt) - began;

  before(async () => {
    appliance = plantAppliance();
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, units);
    daemon = await startDaemon({
      busAddress: bus.address,
      roots: appliance.roots,
      rules: { 'scst.yaml': hastenedRules('scst'), 'tape.yaml': hastenedRules('tape') },
    });
    stream = await follow(daemon.socket, { since: 0 });
  });
  after(async () => {
    stream?.close();
    await daemon?.end('SIGKILL');
    systemd?.close();
    await bus?.stop();
    appliance?.end();
  });

  it('knows each thing that the kernel showed, and no other', async () => {
    const { items } = await body('/api/v1/resources?limit=1000');
    const counts = Map.groupBy(items as Json[], ({ kind }) => kind);
    const known = [...counts].map(([kind, { length }]) => `${kind} ${length}`);
    const ours = known.filter((line) => /^(scst|tape|vtl|systemd|storage)/.test(line));
    assert.deepEqual(ours, [
      'scst.core 1',
      'scst.device 3',
      'scst.driver 2',
      'scst.group 2',
      'scst.lun 6',
      'scst.session 1',
      'scst.target 1',
      'systemd.manager 1',
      'systemd.unit 12',
      'tape.changer 2',
      'tape.drive 8',
      'vtl.core 1',
      'vtl.drive 8',
      'vtl.library 2',
      'vtl.media 1',
    ]);
    const { enabled, declaredEnabled, sessions, readCommands, readBytes } = await find(
      'scst.target',
      target,
    );
    assert.deepEqual([enabled, declaredEnabled, sessions], [true, true, 1]);
    assert.deepEqual([readCommands, readBytes], [400, 6306 * 1024]);
    const { components } = await body('/api/v1/health');
    for (const name of ['scst', 'tape', 'vtl', 'systemd', 'storage'])
      assert.equal(components[name].status, 'healthy', name);
  });

  it('counts them as the contract says, and counts nothing that it cannot know', async () => {
    const { scst, tape, vtl } = await body('/api/v1/monitoring/metrics');
    assert.deepEqual(scst, { targets: 1, activeTargets: 1, luns: 6, initiators: 1, sessions: 1 });
    // All of them are virtual.
    assert.deepEqual(tape, { libraries: 0, drives: 0, slots: 0, occupiedSlots: 0 });
    // 72 labels, 3 of them of cleaning cartridges; which are loaded only a command would tell.
    const { activeDrives, ...rest } = vtl;
    assert.deepEqual(rest, { libraries: 2, drives: 8, tapes: 69, loadedTapes: null });
    assert.ok(activeDrives === null || activeDrives === 0);
  });

  it('draws the way from each device over LUN and target to the initiator', async () => {
    const drawn = (await edges()).filter((edge) => edge.startsWith('scst.'));
    assert.deepEqual(drawn.toSorted(), scstEdges.toSorted());
    const { nodes } = await body('/api/v1/topology?kind=scst.device&id=disk1');
    assert.deepEqual(nodes.map((node: Json) => node.id).toSorted(), [
      'disk1',
      `${target}/0`,
      `${target}/allowed/0`,
      session,
    ]);
  });

  it('tells a target that somebody disables, and ends it when it is enabled', async () => {
    const began = Date.now();
    appliance.write(`${targetFolder}/enabled`, '0\n');
    const tookMs = await pendingAfter(target, 'scst-target-disabled', began);
    assert.ok(tookMs < glanceWithinMs, `${tookMs} ms`);
    const raised = await stream.alert(target, 'scst-target-disabled', 'raised');
    assert.equal(raised.severity, 'critical');
    assert.match(raised.message, /Sessions that are open go on \(1 now\)/);
    assert.equal((await body('/api/v1/monitoring/metrics')).scst.activeTargets, 0);
    appliance.write(`${targetFolder}/enabled`, '1\n');
    const resolved = await stream.alert(target, 'scst-target-disabled', 'resolved');
    assert.deepEqual([resolved.id, resolved.resolvedBy], [raised.id, 'recovered']);
  });

  it('tells a LUN that is taken away, and who loses it', async () => {
    const began = Date.now();
    appliance.remove(`${targetFolder}/ini_groups/allowed/luns/1`);
    const id = `${target}/allowed/1`;
    const tookMs = await pendingAfter(id, 'scst-lun-missing', began);
    assert.ok(tookMs < glanceWithinMs, `${tookMs} ms`);
    await stream.alert(id, 'scst-lun-missing', 'raised');
    assert.equal((await body('/api/v1/monitoring/metrics')).scst.luns, 5);
    assert.deepEqual(stream.story(`${target}/allowed/0`), []);
    assert.deepEqual((await find('scst.session', session)).present, true);
  });

  it('tells that an initiator went, keeps it as lost, and tells that it is back', async () => {
    const folder = `${targetFolder}/sessions/iqn.1993-08.org.debian:01:scstvm`;
    appliance.remove(folder);
    const closed = await stream.event(session, 'closed');
    assert.equal(closed.resource.kind, 'scst.session');
    const { scst } = await body('/api/v1/monitoring/metrics');
    assert.deepEqual([scst.sessions, scst.initiators, scst.targets], [0, 0, 1]);
    const { present, closes } = await find('scst.session', session);
    assert.deepEqual([present, closes], [false, 1]);
    const again = [...scstCapture()].filter(([path]) => path.startsWith(`${folder}/`));
    plantTree(new Map(again), appliance.root);
    await stream.event(session, 'opened');
    assert.equal((await body('/api/v1/monitoring/metrics')).scst.sessions, 1);
  });

  it('misses a drive at once when its node goes, over SIGKILL too, until it is back', async () => {
    const up = tapeCapture('1-mhvtl-up');
    const without = tapeCapture('6-st1-removed');
    const gone = new Map([...up].filter(([path]) => !without.has(path)));
    const [nodes, others] = partition([...gone.keys()], (path) => path.startsWith('/dev/'));
    for (const path of others) appliance.remove(path);
    const began = Date.now();
    for (const path of nodes) appliance.remove(path);
    const tookMs = await pendingAfter('XYZZY_A2', 'tape-drive-gone', began);
    assert.ok(tookMs < nodeWithinMs, `${tookMs} ms`);
    const raised = await stream.alert('XYZZY_A2', 'tape-drive-gone', 'raised');
    const { seq } = stream;
    stream.close();
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    const { phase, startsAt } = await body(`/api/v1/monitoring/alerts/${raised.id}`);
    assert.deepEqual([phase, startsAt], ['firing', raised.startsAt]);
    const { present, serial, lastSeenAt } = await find('tape.drive', 'XYZZY_A2');
    assert.deepEqual([present, serial], [false, 'XYZZY_A2']);
    assert.ok(Date.parse(lastSeenAt) <= began);
    stream = await follow(daemon.socket, { since: seq });
    plantTree(gone, appliance.root);
    const resolved = await stream.alert('XYZZY_A2', 'tape-drive-gone', 'resolved');
    assert.deepEqual([resolved.id, resolved.resolvedBy], [raised.id, 'recovered']);
    const story = stream.story('XYZZY_A2').filter((line) => line.startsWith('tape-drive-gone'));
    assert.deepEqual(story, ['tape-drive-gone resolved']);
    assert.equal((await find('tape.drive', 'XYZZY_A1')).present, true);
  });
});
