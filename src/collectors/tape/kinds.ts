/**
 * Kinds of the tape collector. Sources are files below /sys/class/scsi_device/H:C:T:L/device and
 * log pages (SPC-5, SSC-5, SMC-3) of drives and changers.
 */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

const commandsSource = 'settings tape.commands, activity, state, exported, vtl.drive';
const elementStatus = 'mtx status';

/** What is the same for a drive and a changer. */
const identity = {
  identifiedBy: word({
    help: 'What its identity was taken from; only a serial or wwid survives a move.',
    source: 'vpd_pg80, serial, wwid',
    values: ['serial', 'wwid', 'address'],
  }),
  serial: word({ help: 'Its serial number.', source: 'vpd_pg80' }),
  wwid: word({ help: 'Its world-wide name.', source: 'wwid' }),
  vendor: word({ help: 'Who made it.', source: 'vendor' }),
  model: word({ help: 'Its model.', source: 'model' }),
  revision: word({ help: 'Its firmware.', source: 'rev' }),
  node: word({
    help: 'Its node now; another one after the next boot.',
    source: 'scsi_tape/st*, scsi_changer/sch*',
  }),
  genericNode: word({ help: 'Its generic SCSI node now.', source: 'scsi_generic/sg*' }),
  scsiAddress: word({
    help: 'HOST:CHANNEL:TARGET:LUN now.',
    source: 'scsi_device/*',
    refersTo: { kind: 'scst.device', relation: 'backs', inverse: true },
  }),
  otherAddresses: word({
    help: 'Further addresses at which the same device is seen.',
    source: 'scsi_device/*, serial and wwid',
  }),
  byIdPath: word({ help: 'Its lasting name.', source: '/dev/tape/by-id' }),
  virtual: flag({ help: 'Made by mhvtl.', source: 'scsi_host/host*/proc_name' }),
  exported: flag({
    help: 'SCST exports it by pass-through.',
    source: '/sys/kernel/scst_tgt/devices/H:C:T:L/exported',
  }),
};

const condition = {
  present: flag({ help: 'It is there.', source: 'scsi_device/*/device/type' }),
  absentSince: instant({ help: 'Since when it is missed.', source: 'tocsin' }),
  lastSeenAt: instant({ help: 'When it was last seen, while it is missed.', source: 'tocsin' }),
  attachedAt: instant({
    help: 'When it was found there; null while it is missed.',
    source: 'tocsin',
  }),
  losses: counter({ unit: 'losses', help: 'How often it went away.', source: 'scsi_device/*' }),
  state: word({ help: 'State of the SCSI device.', source: 'state' }),
  ioErrors: counter({
    unit: 'errors',
    help: 'Commands that ended in an error; a check without a tape counts too.',
    source: 'ioerr_cnt',
  }),
  timeouts: counter({ unit: 'timeouts', help: 'Commands that timed out.', source: 'iotmo_cnt' }),
  outstanding: gauge({
    unit: 'commands',
    help: 'Commands that were sent and have not ended.',
    source: 'iorequest_cnt, iodone_cnt',
  }),
  busy: flag({
    help: 'A command is in flight.',
    source: 'stats/in_flight, device_busy, outstanding',
  }),
  stalledSince: instant({
    help: 'Since when a command is in flight and nothing has ended.',
    source: 'stats/*, iodone_cnt',
  }),
};

const asking = {
  commandsAllowed: flag({ help: 'It may be asked by commands now.', source: commandsSource }),
  whyNot: word({ help: 'Why it may not be asked.', source: commandsSource }),
  answeredAt: instant({ help: 'When it last answered a command.', source: 'mtx, sg_logs' }),
  commandFailure: word({ help: 'Why the last command failed.', source: 'mtx, sg_logs' }),
  alertFlags: word({
    help: 'TapeAlert flags that are set: 3,6; empty for none.',
    source: 'log page 12h; 2Eh with tape.soleReader, then held for a day',
  }),
};

const alertFlagEvent = {
  help: 'A TapeAlert flag was set.',
  attributes: {
    flag: gauge({ unit: 'flag', help: 'Number of the flag.', source: 'log page 12h or 2Eh' }),
    name: word({ help: 'Name of the flag.', source: 'SSC-5, SMC-3' }),
    severity: word({
      help: 'How bad it is by the standard.',
      source: 'SSC-5, SMC-3',
      values: ['info', 'warning', 'critical'],
    }),
    barcode: word({ help: 'The cartridge that was in the drive.', source: elementStatus }),
    verdict: word({
      help: 'What is to blame.',
      source: 'the flag, and earlier flags of this drive and this cartridge',
      values: ['drive', 'cartridge', 'library', 'undecided'],
    }),
    advice: word({ help: 'What to do or to try next.', source: 'tocsin' }),
    timesOnDrive: gauge({
      unit: 'times',
      help: 'How often it was set on this drive within 7 days; read and write warnings count as one.',
      source: 'tocsin',
    }),
    timesOnCartridge: gauge({
      unit: 'times',
      help: 'How often it was set for this cartridge within 7 days, on any drive.',
      source: 'tocsin',
    }),
  },
};

const transfer = {
  inFlight: gauge({
    unit: 'commands',
    help: 'Commands of st in flight.',
    source: 'stats/in_flight',
  }),
  readBytes: counter({ unit: 'bytes', help: 'Bytes read.', source: 'stats/read_byte_cnt' }),
  writeBytes: counter({ unit: 'bytes', help: 'Bytes written.', source: 'stats/write_byte_cnt' }),
  readCommands: counter({ unit: 'commands', help: 'Reads that ended.', source: 'stats/read_cnt' }),
  writeCommands: counter({
    unit: 'commands',
    help: 'Writes that ended.',
    source: 'stats/write_cnt',
  }),
  otherCommands: counter({ unit: 'commands', help: 'Other commands.', source: 'stats/other_cnt' }),
  residuals: counter({
    unit: 'commands',
    help: 'Reads and writes of another length than was asked.',
    source: 'stats/resid_cnt',
  }),
  positionLost: flag({
    help: 'A reset moved the tape; the kernel refuses reads and writes until it is positioned.',
    source: 'scsi_tape/st*/position_lost_in_reset (Linux 6.15)',
  }),
};

const numbering = {
  nodeBefore: word({ help: 'The node that it had before its number changed.', source: 'tocsin' }),
  renumberedAt: instant({
    help: 'When its number was found changed; forgotten after 7 days.',
    source: 'tocsin',
  }),
  namedBy: word({
    help: 'A configuration of backup software that names a drive by this number.',
    source: '/etc/bareos, /etc/bacula, /etc/amanda',
  }),
};

export const tapeDrive = defineKind('tape.drive', {
  title: 'Tape drive',
  identity: 'SERIAL',
  attributes: {
    ...identity,
    ...condition,
    ...transfer,
    ...numbering,
    ...asking,
    vtlDrive: word({
      help: 'Its id in the VTL.',
      source: 'vtl.drive',
      refersTo: { kind: 'vtl.drive', relation: 'makes' },
    }),
    changer: word({
      help: 'The changer that loads it.',
      source: 'vtl.drive, tape.libraries',
      refersTo: { kind: 'tape.changer', relation: 'loads' },
    }),
    alertVerdict: word({
      help: 'What is to blame for the latest flag that is set.',
      source: 'the flag, and earlier flags of this drive and this cartridge',
      values: ['drive', 'cartridge', 'library', 'undecided'],
    }),
    tapeLoaded: flag({ help: 'A cartridge is in it.', source: 'log page 11h, mtx status' }),
    barcode: word({ help: 'The cartridge in it.', source: elementStatus }),
    writeProtected: flag({ help: 'The cartridge cannot be written.', source: 'log page 11h' }),
    cleaningRequired: flag({ help: 'It must be cleaned now.', source: 'log page 11h, flag 20' }),
    cleaningRequested: flag({ help: 'It wants cleaning soon.', source: 'log page 11h, flag 21' }),
    activity: word({ help: 'What it does.', source: 'log page 11h' }),
  },
  events: { 'alert-flag': alertFlagEvent },
});

const slots = (help: string) => gauge({ unit: 'slots', help, source: elementStatus });

export const tapeChanger = defineKind('tape.changer', {
  title: 'Tape changer',
  identity: 'SERIAL',
  attributes: {
    ...identity,
    ...condition,
    ...asking,
    vtlLibrary: word({
      help: 'Its id in the VTL.',
      source: 'vtl.library',
      refersTo: { kind: 'vtl.library', relation: 'makes' },
    }),
    reachable: flag({ help: 'It answers, or is in use by somebody else.', source: elementStatus }),
    failures: gauge({ unit: 'failures', help: 'Failures in a row.', source: elementStatus }),
    slots: slots('Slots for cartridges, without the mail slots.'),
    occupiedSlots: slots('Slots that hold a cartridge.'),
    freeSlots: slots('Slots that are empty.'),
    mailSlots: slots('Slots of the import/export station.'),
    occupiedMailSlots: slots('Mail slots that hold a cartridge.'),
    drives: gauge({ unit: 'drives', help: 'Its drives.', source: elementStatus }),
    loadedDrives: gauge({
      unit: 'drives',
      help: 'Drives with a cartridge.',
      source: elementStatus,
    }),
    cartridges: gauge({ unit: 'cartridges', help: 'Cartridges in it.', source: elementStatus }),
    cleaningCartridges: gauge({
      unit: 'cartridges',
      help: 'Cartridges whose barcode begins with CLN.',
      source: elementStatus,
    }),
  },
  events: { 'alert-flag': alertFlagEvent },
});
