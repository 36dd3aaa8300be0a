/** Kinds of the VTL collector: mhvtl as a whole, its libraries, its drives, its media store. */
import { defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

const deviceConf = '/etc/mhvtl/device.conf';
const contents = '/etc/mhvtl/library_contents.ID';

export const vtlCore = defineKind('vtl.core', {
  title: 'Virtual tape library software',
  identity: 'mhvtl',
  attributes: {
    moduleLoaded: flag({
      help: 'The kernel module of mhvtl is loaded.',
      source: '/sys/module/mhvtl, class/scsi_host/hostN/proc_name',
    }),
    declaredLibraries: gauge({
      unit: 'libraries',
      help: 'Libraries that the settings declare.',
      source: deviceConf,
    }),
    declaredDrives: gauge({
      unit: 'drives',
      help: 'Drives that the settings declare.',
      source: deviceConf,
    }),
    runningDaemons: gauge({
      unit: 'daemons',
      help: 'Daemons of declared libraries and drives that run.',
      source: 'units vtllibrary@ID and vtltape@ID',
    }),
    targetActive: flag({ help: 'mhvtl.target is active.', source: 'unit mhvtl.target' }),
    configurationError: word({
      help: 'What is wrong in the settings, with file and line.',
      source: '/etc/mhvtl: device.conf, library_contents.ID, mhvtl.conf',
    }),
    sharedSerials: word({
      help: 'Serial numbers that several libraries or drives have, or that are missing.',
      source: deviceConf,
    }),
    homePath: word({ help: 'Where the media lie.', source: 'mhvtl.conf: MHVTL_HOME_PATH' }),
    homeUsedRatio: gauge({
      unit: 'ratio',
      help: 'Used share of the file system at homePath.',
      source: 'statfs of homePath',
    }),
    homeAvailableBytes: gauge({
      unit: 'bytes',
      help: 'Room left in the file system at homePath.',
      source: 'statfs of homePath',
    }),
  },
});

/** What a library and a drive have in common: one declared, one running, one seen by the kernel. */
const unitFacts = {
  declared: flag({ help: 'The settings declare it.', source: deviceConf }),
  vendor: word({ help: 'Vendor that it shows.', source: deviceConf }),
  model: word({ help: 'Product that it shows.', source: deviceConf }),
  serial: word({ help: 'Its serial number.', source: deviceConf }),
  daemonActive: flag({
    help: 'Its daemon runs.',
    source: 'ActiveState of vtllibrary@ID or vtltape@ID',
  }),
  daemonUnit: word({
    help: 'The systemd unit of its daemon.',
    source: 'vtllibrary@ID, vtltape@ID',
    refersTo: { kind: 'systemd.unit', relation: 'runs' },
  }),
  daemonStartedAt: instant({
    help: 'When its daemon was started.',
    source: 'ActiveEnterTimestamp of vtllibrary@ID or vtltape@ID',
  }),
  devicePresent: flag({
    help: 'The kernel has its SCSI device.',
    source: 'class/scsi_device of the hosts of mhvtl, by serial number or place',
  }),
  scsiAddress: word({
    help: 'HOST:CHANNEL:TARGET:LUN of its device.',
    source: 'class/scsi_device',
  }),
  state: word({ help: 'State of its device.', source: 'class/scsi_device/*/device/state' }),
  node: word({ help: 'Its node: sg of a library, nst of a drive.', source: 'class/scsi_device' }),
  exported: flag({
    help: 'SCST exports it by pass-through.',
    source: 'kernel/scst_tgt/devices/H:C:T:L/exported',
  }),
  exportStale: flag({
    help: 'It was exported before its daemon was started anew, and is not any more.',
    source: 'exported, daemonStartedAt, and what was seen before',
  }),
};

export const vtlLibrary = defineKind('vtl.library', {
  title: 'Virtual tape library',
  identity: 'ID in device.conf',
  attributes: {
    ...unitFacts,
    drives: gauge({ unit: 'drives', help: 'Drives declared for it.', source: deviceConf }),
    presentDrives: gauge({
      unit: 'drives',
      help: 'Drives of it whose SCSI device is there.',
      source: 'class/scsi_device',
    }),
    missingDrive: word({
      help: 'The first declared drive without a SCSI device.',
      source: `${deviceConf}, class/scsi_device`,
    }),
    slots: gauge({ unit: 'slots', help: 'Storage slots.', source: contents }),
    mailSlots: gauge({ unit: 'slots', help: 'Import and export slots.', source: contents }),
    tapes: gauge({
      unit: 'tapes',
      help: 'Cartridges listed in its slots, without those for cleaning.',
      source: contents,
    }),
    cleaningTapes: gauge({
      unit: 'tapes',
      help: 'Cleaning cartridges listed in its slots (CLN…).',
      source: contents,
    }),
    loadedTapes: gauge({
      unit: 'tapes',
      help: 'Drives with a tape in them; none when that cannot be known.',
      source: 'tapeLoaded of its tape.drive resources',
    }),
    activeDrives: gauge({
      unit: 'drives',
      help: 'Drives that moved data since the last look; none when that cannot be known.',
      source: 'inFlight, readBytes, writeBytes of its tape.drive resources',
    }),
    homePath: word({
      help: 'Where its media lie.',
      source: `Home directory in ${deviceConf}`,
      refersTo: { kind: 'vtl.media', relation: 'keeps the media of' },
    }),
    missingMedia: gauge({
      unit: 'tapes',
      help: 'Listed cartridges whose files (data, indx, meta) are not all there.',
      source: 'HOME/BARCODE',
    }),
    missingMediaNames: word({ help: 'The first of these.', source: 'HOME/BARCODE' }),
  },
});

export const vtlDrive = defineKind('vtl.drive', {
  title: 'Virtual tape drive',
  identity: 'ID in device.conf',
  attributes: {
    ...unitFacts,
    library: word({
      help: 'ID of its library.',
      source: deviceConf,
      refersTo: { kind: 'vtl.library', relation: 'holds' },
    }),
    slot: gauge({ unit: 'position', help: 'Its position in the library.', source: deviceConf }),
    loaded: flag({
      help: 'A tape is in it; none when that cannot be known.',
      source: 'tapeLoaded of its tape.drive resource',
    }),
  },
});

export const vtlMedia = defineKind('vtl.media', {
  title: 'Media store of virtual tape libraries',
  identity: 'PATH',
  attributes: {
    present: flag({ help: 'The folder is there.', source: 'statfs in a child process' }),
    reachable: flag({
      help: 'Its file system answers within 10 seconds.',
      source: 'statfs in a child process',
    }),
    sizeBytes: gauge({ unit: 'bytes', help: 'Size of the file system.', source: 'statfs' }),
    usedBytes: gauge({ unit: 'bytes', help: 'Used room.', source: 'statfs' }),
    availableBytes: gauge({ unit: 'bytes', help: 'Room left for mhvtl.', source: 'statfs' }),
    usedRatio: gauge({
      unit: 'ratio',
      help: 'Used room as a share of used and available room, as df shows it.',
      source: 'statfs',
    }),
    inodesUsedRatio: gauge({ unit: 'ratio', help: 'Used share of inodes.', source: 'statfs' }),
    cartridges: gauge({
      unit: 'tapes',
      help: 'Cartridges listed for libraries that keep their media here.',
      source: contents,
    }),
    provisionedBytes: gauge({
      unit: 'bytes',
      help: 'What these cartridges hold when all are full (CAPACITY each).',
      source: `${contents}, mhvtl.conf: CAPACITY`,
    }),
  },
});
