/** A large SCST as a capture: as many disks as asked for, each a LUN that one initiator sees. */
import type { Capture, Entry } from './captures.ts';

const root = '/sys/kernel/scst_tgt';
const target = 'iqn.2026-11.example:bench';
const initiator = 'iqn.1993-08.org.debian:01:bench';
const deviceName = (i: number): string => `disk${i}`;

const text = (content: string): Entry => ({ type: 'file', bytes: Buffer.from(content) });

function* deviceEntries(i: number): Generator<readonly [string, Entry]> {
  const path = `${root}/devices/${deviceName(i)}`;
  yield [`${path}/handler`, { type: 'link', target: '../../handlers/vdisk_fileio' }];
  const facts = {
    type: '0 - Direct-access device (e.g., magnetic disk)\n',
    active: '1\n',
    block: '0 0\n',
    read_only: '0\n',
    size: '67108864\n[key]\n',
    filename: `/srv/disk${i}.img\n[key]\n\n`,
  };
  for (const [name, content] of Object.entries(facts)) yield [`${path}/${name}`, text(content)];
  const lun = `../../../targets/iscsi/${target}/luns/${i}`;
  yield [`${path}/exported/export0`, { type: 'link', target: lun }];
}

function* targetEntries(luns: number): Generator<readonly [string, Entry]> {
  const path = `${root}/targets/iscsi/${target}`;
  yield [`${path}/enabled`, text('1\n')];
  yield [`${path}/ini_groups/mgmt`, text('Usage\n')];
  const session = `${path}/sessions/${initiator}`;
  const facts = {
    initiator_name: `${initiator}\n`,
    sid: '10100003d0200\n',
    reinstating: '0\n',
    active_commands: '0\n',
    read_cmd_count: '400\n',
    write_cmd_count: '0\n',
    read_io_count_kb: '6306\n',
    write_io_count_kb: '0\n',
    '10.0.0.9/ip': '10.0.0.9',
    '10.0.0.9/state': 'established idle ',
  };
  for (const [name, content] of Object.entries(facts)) yield [`${session}/${name}`, text(content)];
  yield [`${session}/luns`, { type: 'link', target: '../../luns' }];
  for (let i = 0; i < luns; i++) {
    const device = `../../../../../devices/${deviceName(i)}`;
    yield [`${path}/luns/${i}/device`, { type: 'link', target: device }];
    yield [`${path}/luns/${i}/read_only`, text('0\n')];
    yield [`${session}/lun${i}/active_commands`, text('0\n')];
  }
}

export function largeScst(luns: number): Capture {
  const entries = new Map<string, Entry>([
    [`${root}/version`, text('SCST version: 3.10.0\n')],
    [`${root}/suspend`, text('0\n')],
    [`${root}/last_sysfs_mgmt_res`, text('0\n')],
    [`${root}/targets/iscsi/enabled`, text('1\n\n')],
    [`${root}/targets/iscsi/open_state`, text('open\n')],
    ...targetEntries(luns),
  ]);
  for (let i = 0; i < luns; i++)
    for (const [path, entry] of deviceEntries(i)) entries.set(path, entry);
  return entries;
}

/** What /etc/scst.conf says of it. */
export function largeConf(luns: number): string {
  const devices = Array.from(
    { length: luns },
    (_, i) => `\tDEVICE ${deviceName(i)} {\n\t\tfilename /srv/disk${i}.img\n\t}\n`,
  );
  const lines = Array.from({ length: luns }, (_, i) => `\t\tLUN ${i} ${deviceName(i)}\n`);
  return [
    `HANDLER vdisk_fileio {\n${devices.join('')}}\n`,
    `TARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET ${target} {\n\t\tenabled 1`,
    `${lines.join('')}\t}\n}\n`,
  ].join('\n');
}
