/** The references that the collectors declare lead blame where an operator would put it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../src/collectors/registry.ts';
import type { Resource } from '../src/domain/resource.ts';
import { Causes } from '../src/rules/cause/causes.ts';
import { failure, thing } from '../src/rules/cause/world.fixture.ts';

/** `KIND ID`, and the attributes that name others. */
type Things = Readonly<Record<string, Resource['attributes']>>;

const disks: Things = {
  'storage.disk WD-1': { usedBy: 'md0, /srv' },
  'storage.pool md0': {},
  'storage.repository tank': { path: '/srv/tank', pool: 'md0', mountUnit: 'srv-tank.mount' },
  'systemd.unit srv-tank.mount': {},
};
const scst: Things = {
  'scst.device disk1': { filename: '/srv/tank/disk1.img' },
  'scst.driver iscsi': {},
  'scst.target iscsi/iqn.x': { driver: 'iscsi' },
  'scst.lun iscsi/iqn.x/0': { target: 'iscsi/iqn.x', device: 'disk1', set: 'iscsi/iqn.x' },
  'scst.session iscsi/iqn.x/host': { target: 'iscsi/iqn.x', lunSet: 'iscsi/iqn.x' },
};
const tapes: Things = {
  'systemd.unit vtltape@11.service': {},
  'vtl.media /opt/mhvtl': {},
  'vtl.library 10': { homePath: '/opt/mhvtl' },
  'vtl.drive 11': { library: '10', daemonUnit: 'vtltape@11.service' },
  'tape.changer CH1': { vtlLibrary: '10' },
  'tape.drive XYZ': { vtlDrive: '11', changer: 'CH1', scsiAddress: '3:0:1:0' },
  'scst.device 3:0:1:0': {},
  'scst.lun fc/50:00/1': { device: '3:0:1:0' },
};

interface Case {
  readonly name: string;
  readonly things: Things;
  /** What fails, in this order. */
  readonly fail: readonly string[];
}

/** In each the first is to blame for all the others. */
const cases: readonly Case[] = [
  {
    name: 'a disk takes its array, the repository on it and what is exported from there with it',
    things: { ...disks, ...scst },
    fail: [
      'storage.disk WD-1',
      'storage.pool md0',
      'storage.repository tank',
      'scst.device disk1',
      'scst.lun iscsi/iqn.x/0',
      'scst.session iscsi/iqn.x/host',
    ],
  },
  {
    name: 'a mount that failed is to blame for its repository',
    things: disks,
    fail: ['systemd.unit srv-tank.mount', 'storage.repository tank'],
  },
  {
    name: 'a driver takes its targets and their sessions with it',
    things: scst,
    fail: ['scst.driver iscsi', 'scst.target iscsi/iqn.x', 'scst.session iscsi/iqn.x/host'],
  },
  {
    name: 'the unit of SCST is to blame for SCST',
    things: { 'systemd.unit scst.service': {}, 'scst.core scst': { unit: 'scst.service' } },
    fail: ['systemd.unit scst.service', 'scst.core scst'],
  },
  {
    name: 'the daemon of a virtual drive takes the drive with it that SCST exports',
    things: tapes,
    fail: [
      'systemd.unit vtltape@11.service',
      'vtl.drive 11',
      'tape.drive XYZ',
      'scst.device 3:0:1:0',
      'scst.lun fc/50:00/1',
    ],
  },
  {
    name: 'the place of the media takes libraries and their drives with it',
    things: tapes,
    fail: ['vtl.media /opt/mhvtl', 'vtl.library 10', 'tape.changer CH1', 'tape.drive XYZ'],
  },
  {
    name: 'systemd names the unit that blocks another',
    things: {
      'systemd.unit a.service': { blockedBy: 'b.service' },
      'systemd.unit b.service': {},
    },
    fail: ['systemd.unit b.service', 'systemd.unit a.service'],
  },
];

const refOf = (name: string): { readonly kind: string; readonly id: string } => {
  const space = name.indexOf(' ');
  return { kind: name.slice(0, space), id: name.slice(space + 1) };
};

for (const { name, things, fail } of cases)
  test(name, () => {
    const causes = new Causes(kinds);
    for (const [of, attributes] of Object.entries(things)) {
      const { kind, id } = refOf(of);
      causes.see({ ...thing(id, attributes), kind });
    }
    fail.forEach((of, i) => {
      const { kind, id } = refOf(of);
      causes.begin({ ...failure(id, { at: i * 1000, kind }), id: of });
    });
    const [root, ...victims] = fail;
    for (const victim of victims) assert.equal(causes.judge(victim)?.cause?.id, root, victim);
    assert.equal(causes.judge(root ?? '')?.cause, undefined);
  });
