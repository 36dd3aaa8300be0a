/** The kinds of what is exported: LUNs, devices and ALUA groups. */
import { defineKind, flag, gauge, word } from '../../domain/kind.ts';

const conf = '/etc/scst.conf';

export const scstLun = defineKind('scst.lun', {
  title: 'SCST LUN',
  identity: 'DRIVER/TARGET[/GROUP]/LUN',
  attributes: {
    target: word({
      help: 'DRIVER/TARGET.',
      source: 'targets/DRIVER/TARGET',
      refersTo: { kind: 'scst.target', relation: 'offers' },
    }),
    driver: word({ help: 'Driver of the target.', source: 'targets/DRIVER' }),
    group: word({ help: 'Group of initiators; null: the default LUNs.', source: 'ini_groups/*' }),
    set: word({ help: 'DRIVER/TARGET[/GROUP]: the set that it belongs to.', source: 'luns' }),
    number: gauge({ help: 'Number of the LUN.', source: 'luns/N', unit: 'number' }),
    present: flag({ help: 'It is there.', source: 'luns/N' }),
    device: word({
      help: 'Device behind it; of a missing one, the device declared.',
      source: 'luns/N/device ->',
      refersTo: { kind: 'scst.device', relation: 'backs' },
    }),
    readOnly: flag({ help: 'It refuses writes.', source: 'luns/N/read_only' }),
    declared: flag({ help: 'The configuration has it.', source: conf }),
    declaredDevice: word({ help: 'Device that the configuration puts there.', source: conf }),
    wrongDevice: flag({
      help: 'Another device than the declared one is behind it.',
      source: `luns/N/device against ${conf}`,
    }),
  },
});

export const scstDevice = defineKind('scst.device', {
  title: 'SCST device',
  identity: 'DEVICE',
  attributes: {
    present: flag({ help: 'It is there.', source: 'devices/DEVICE' }),
    handler: word({
      help: 'Its handler; null for a SCSI device that is attached to none.',
      source: 'devices/DEVICE/handler ->',
    }),
    type: word({ help: 'Its SCSI type, number and name.', source: 'devices/DEVICE/type' }),
    active: flag({
      help: 'Its backing is open; null where the handler has no such thing.',
      source: 'devices/DEVICE/active',
    }),
    exports: gauge({
      help: 'LUNs that lead to it, without those of copy_manager.',
      source: 'devices/DEVICE/exported/*',
      unit: 'luns',
    }),
    blocked: gauge({
      help: 'How often commands to it are blocked at present; 0 in normal work.',
      source: 'devices/DEVICE/block, first number',
      unit: 'blocks',
    }),
    blockPending: flag({
      help: 'Blocking waits for commands that are still in work.',
      source: 'devices/DEVICE/block, second number',
    }),
    sizeBytes: gauge({ help: 'Its size.', source: 'devices/DEVICE/size', unit: 'bytes' }),
    filename: word({
      help: 'File or block device behind it; null where there is none.',
      source: 'devices/DEVICE/filename',
      refersTo: { kind: 'storage.repository', by: 'path', below: true, relation: 'keeps' },
    }),
    backingPresent: flag({
      help: 'That file exists (and is a block device where it must be one).',
      source: 'stat of filename, in a child process',
    }),
    readOnly: flag({ help: 'It refuses writes.', source: 'devices/DEVICE/read_only' }),
    declared: flag({ help: 'The configuration names it.', source: conf }),
    declaredHandler: word({ help: 'The handler that it declares.', source: conf }),
    declaredReadOnly: flag({ help: 'The configuration wants it read-only.', source: conf }),
  },
});

export const scstGroup = defineKind('scst.group', {
  title: 'SCST ALUA target group',
  identity: 'DEVICE_GROUP/TARGET_GROUP',
  attributes: {
    present: flag({ help: 'It is there.', source: 'device_groups/*/target_groups/*' }),
    state: word({
      help: 'ALUA state that initiators are told.',
      source: 'target_groups/*/state',
      values: ['active', 'nonoptimized', 'standby', 'unavailable', 'offline', 'transitioning'],
    }),
    preferred: flag({ help: 'It is the preferred one.', source: 'target_groups/*/preferred' }),
    local: flag({
      help: 'A target of this machine belongs to it.',
      source: 'target_groups/*/TARGET ->',
    }),
    declared: flag({ help: 'The configuration names it.', source: conf }),
    declaredState: word({ help: 'The state that it declares.', source: conf }),
  },
});
