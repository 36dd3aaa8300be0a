import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Capture, capturedFiles, changed } from '../../test/support/captures.ts';
import { isUnreadable } from '../domain/reading.ts';
import { readExported, readSerial } from './scsi-device.ts';

const device = '/sys/class/scsi_device/5:0:1:0/device';
const scst = '/sys/kernel/scst_tgt/devices';
const exported = `${scst}/5:0:1:0/exported`;
const eio = { type: 'error', code: 'EIO' } as const;
const nothing: Capture = new Map();
const page = { type: 'file', bytes: Buffer.from('\x01\x80\0\x06XYZ  1', 'latin1') } as const;

const serialWith = (changes: Parameters<typeof changed>[1]) =>
  readSerial(capturedFiles(changed(nothing, changes)), device);
const exportedWith = (changes: Parameters<typeof changed>[1]) =>
  readExported(capturedFiles(changed(nothing, changes)), '/sys', '5:0:1:0');
const lunOf = (driver: string) =>
  ({ type: 'link', target: `../../../targets/${driver}/t/luns/0` }) as const;

test('the serial is that of the page, else that of the file; refused only without both', () => {
  assert.equal(serialWith({ [`${device}/vpd_pg80`]: page }), 'XYZ 1');
  assert.equal(serialWith({ [`${device}/serial`]: 'S5  \n' }), 'S5');
  assert.equal(serialWith({ [`${device}/vpd_pg80`]: eio, [`${device}/serial`]: 'S5\n' }), 'S5');
  assert.ok(isUnreadable(serialWith({ [`${device}/vpd_pg80`]: eio })));
  assert.equal(serialWith({}), null);
});

test('a LUN of a target exports the device, one of copy_manager does not', () => {
  assert.equal(exportedWith({}), null);
  assert.equal(exportedWith({ [`${scst}/disk1/type`]: '0 disk\n' }), false);
  const own = { [`${exported}/export0`]: lunOf('copy_manager') };
  assert.equal(exportedWith(own), false);
  assert.equal(exportedWith({ ...own, [`${exported}/export1`]: lunOf('iscsi') }), true);
  assert.ok(isUnreadable(exportedWith({ [`${scst}/5:0:1:0/type`]: '1\n', [exported]: eio })));
});
