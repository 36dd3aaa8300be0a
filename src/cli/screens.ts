/** What `tocsin scst`, `tape`, `vtl` and `storage` list, and in which columns. */
import type { Screens } from './commands/things.ts';

export const tapeScreens: Screens = {
  drives: {
    kind: 'tape.drive',
    columns: [
      ['MODEL', 'vendor', 'model'],
      ['NODE', 'node'],
      ['STATE', 'state'],
      ['TAPE', 'tapeLoaded', 'barcode'],
      ['CLEANING', 'cleaningRequired'],
      ['FLAGS', 'alertFlags'],
      ['EXPORTED', 'exported'],
      ['PRESENT', 'present'],
    ],
  },
  changers: {
    kind: 'tape.changer',
    columns: [
      ['MODEL', 'vendor', 'model'],
      ['DRIVES', 'drives'],
      ['SLOTS', 'slots'],
      ['FULL', 'occupiedSlots'],
      ['MAIL', 'mailSlots'],
      ['REACHABLE', 'reachable'],
      ['PRESENT', 'present'],
    ],
  },
};

export const vtlScreens: Screens = {
  libraries: {
    kind: 'vtl.library',
    columns: [
      ['DAEMON', 'daemonActive'],
      ['DEVICE', 'devicePresent'],
      ['DRIVES', 'drives'],
      ['ACTIVE', 'activeDrives'],
      ['SLOTS', 'slots'],
      ['TAPES', 'tapes'],
      ['LOADED', 'loadedTapes'],
    ],
  },
  drives: {
    kind: 'vtl.drive',
    columns: [
      ['LIBRARY', 'library'],
      ['SLOT', 'slot'],
      ['DAEMON', 'daemonActive'],
      ['DEVICE', 'devicePresent'],
      ['LOADED', 'loaded'],
    ],
  },
};

export const storageScreens: Screens = {
  repositories: {
    kind: 'storage.repository',
    columns: [
      ['PATH', 'path'],
      ['KIND', 'kind'],
      ['SIZE', 'sizeBytes'],
      ['USED', 'usedRatio'],
      ['FREE', 'availableBytes'],
      ['INODES', 'inodesUsedRatio'],
      ['MOUNTED', 'mounted'],
      ['REACHABLE', 'reachable'],
      ['READONLY', 'readOnly'],
    ],
  },
  pools: {
    kind: 'storage.pool',
    columns: [
      ['TYPE', 'type'],
      ['STATE', 'state'],
      ['SIZE', 'sizeBytes'],
      ['USED', 'usedBytes'],
      ['ERRORS', 'errors'],
    ],
  },
  disks: {
    kind: 'storage.disk',
    columns: [
      ['MODEL', 'model'],
      ['NODE', 'node'],
      ['SIZE', 'sizeBytes'],
      ['FAILING', 'smartFailing'],
      ['CELSIUS', 'temperatureCelsius'],
      ['ERRORS', 'ioErrors'],
    ],
  },
};

/** Beside the exports, which `tocsin scst` alone shows: commands/scst.ts. */
export const scstScreens: Screens = {
  targets: {
    kind: 'scst.target',
    columns: [
      ['ENABLED', 'enabled'],
      ['PRESENT', 'present'],
      ['DECLARED', 'declared'],
      ['SESSIONS', 'sessions'],
      ['LUNS', 'luns'],
      ['READ', 'readBytes'],
      ['WRITTEN', 'writeBytes'],
    ],
  },
  sessions: {
    kind: 'scst.session',
    columns: [
      ['INITIATOR', 'initiator'],
      ['ADDRESS', 'address'],
      ['GROUP', 'group'],
      ['COMMANDS', 'activeCommands'],
      ['READ', 'readBytes'],
      ['WRITTEN', 'writeBytes'],
      ['PRESENT', 'present'],
    ],
  },
  devices: {
    kind: 'scst.device',
    columns: [
      ['HANDLER', 'handler'],
      ['SIZE', 'sizeBytes'],
      ['ACTIVE', 'active'],
      ['EXPORTS', 'exports'],
      ['BACKING', 'backingPresent'],
      ['READONLY', 'readOnly'],
      ['FILE', 'filename'],
    ],
  },
};
