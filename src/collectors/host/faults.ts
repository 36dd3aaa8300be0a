/**
 * Faults that the kernel reports in its log: what each means, and what to do first. How their lines
 * look is in fault-lines.ts. Ids are public: they are in events, and in the ids of system.fault.
 */
import type { Fault } from './fault-kind.ts';

const lookAtDisk =
  'Look at the disk: "smartctl -H -A" with its name, cable and slot. Make sure that the pool or array above it is still redundant, then replace it.';
const adapterAdvice =
  'Commands to everything behind this adapter waited or were repeated. If it comes again: cables, cooling and firmware of the adapter, then the adapter itself.';
const readOnlyAdvice =
  'Stop what writes there. Look for disk errors just before this one; mend those first, then unmount and check the file system before it is used again.';
const scstAdvice =
  'Read the line: SCST names the command, device or initiator. "tocsin scst" shows which target and initiator it hurts.';

export const faults = {
  'io-error': {
    severity: 'warning',
    facility: 'disk',
    title: 'A disk refuses to read or write',
    advice: lookAtDisk,
  },
  'disk-offline': {
    severity: 'critical',
    facility: 'disk',
    title: 'The kernel has given up a disk or tape drive that does not answer',
    advice:
      'The device gets no more commands until it is added again or the machine is restarted. Look at its power, cable and slot, and at the adapter before it.',
  },
  'ata-error': {
    severity: 'warning',
    facility: 'disk',
    title: 'A SATA link had an error and was reset',
    advice: lookAtDisk,
  },
  'nvme-timeout': {
    severity: 'warning',
    facility: 'disk',
    title: 'An NVMe drive did not answer in time',
    advice:
      'Look at "nvme smart-log" of the drive, its temperature and its firmware. Frequent time-outs come before it vanishes.',
  },
  'nvme-failed': {
    severity: 'critical',
    facility: 'disk',
    title: 'The controller of an NVMe drive is down',
    advice:
      'Its data cannot be reached now. Make sure that the pool above it still works, then restart the drive with a cold start of the machine, or replace it.',
  },
  'path-failed': {
    severity: 'warning',
    facility: 'disk',
    title: 'A path to a disk failed',
    advice:
      '"multipath -ll" shows which paths are left. Look at the cable, switch and port of the one that failed.',
  },
  'filesystem-error': {
    severity: 'warning',
    facility: 'filesystem',
    title: 'A file system found an error in itself',
    advice:
      'Look for disk errors at the same time. Save what can be read, then plan a check of the file system: unmounted with fsck or "xfs_repair -n", for btrfs mounted with "btrfs scrub".',
  },
  'filesystem-corrupt': {
    severity: 'critical',
    facility: 'filesystem',
    title: 'A file system is damaged or was stopped',
    advice: readOnlyAdvice,
  },
  'filesystem-read-only': {
    severity: 'critical',
    facility: 'filesystem',
    title: 'A file system became read-only because of an error',
    advice: readOnlyAdvice,
  },
  'pool-suspended': {
    severity: 'critical',
    facility: 'filesystem',
    title: 'A ZFS pool is suspended: everything that uses it hangs',
    advice:
      'Bring its disks back first (cable, power, adapter; "dmesg -T" says which went). Then "zpool clear" with its name, once, in a terminal that you can spare: until then other zpool commands about it hang.',
  },
  'nfs-server-away': {
    severity: 'warning',
    facility: 'filesystem',
    title: 'An NFS server does not answer',
    advice:
      'Everything that touches its mounts hangs until it is back. Is the server up, and the network to it?',
  },
  'adapter-reset': {
    severity: 'warning',
    facility: 'adapter',
    title: 'A storage adapter was reset or aborted commands',
    advice: adapterAdvice,
  },
  'adapter-failed': {
    severity: 'critical',
    facility: 'adapter',
    title: 'A storage adapter has a fault',
    advice: adapterAdvice,
  },
  'fc-link-down': {
    severity: 'warning',
    facility: 'adapter',
    title: 'A Fibre Channel port lost its link',
    advice:
      'Look at the cable, the SFP module and the switch port. Initiators behind it have no path until it is back.',
  },
  'pci-error': {
    severity: 'critical',
    facility: 'adapter',
    title: 'A PCI Express device reported an error that could not be corrected',
    advice:
      'The line names the slot. Reseat the card, look for its firmware, and replace it if it comes again.',
  },
  'tape-error': {
    severity: 'warning',
    facility: 'tape',
    title: 'A tape drive or changer reports an error',
    advice:
      '"tocsin tape" shows the drive and what is loaded. The same error with other cartridges means the drive, with one cartridge in other drives the cartridge.',
  },
  'scst-error': {
    severity: 'warning',
    facility: 'scst',
    title: 'SCST reports an error',
    advice: scstAdvice,
  },
  'scst-critical': {
    severity: 'critical',
    facility: 'scst',
    title: 'SCST reports a critical error',
    advice: scstAdvice,
  },
  'scst-connection-lost': {
    severity: 'info',
    facility: 'scst',
    title: 'An initiator closed its iSCSI connection unexpectedly',
    advice:
      'Once is a restart of the initiator. Often: look at its network, and at whether its commands wait too long here.',
  },
  'scst-task-management': {
    severity: 'info',
    facility: 'scst',
    title: 'An initiator aborted commands',
    advice:
      'An initiator aborts what takes too long: look for a slow or hung device below the target.',
  },
  'scst-unknown-lun': {
    severity: 'info',
    facility: 'scst',
    title: 'An initiator asks for a LUN that is not there',
    advice:
      'Compare the LUNs and groups in /etc/scst.conf with what "tocsin scst" shows for this initiator.',
  },
  'scst-device-detached': {
    severity: 'info',
    facility: 'scst',
    title: 'SCST gave up a device',
    advice:
      'Normal when the configuration changes; otherwise the device itself vanished: look for it with "lsscsi".',
  },
  'link-lost': {
    severity: 'info',
    facility: 'network',
    title: 'A network link went down',
    advice: 'If it does not come back by itself: cable, switch port, and the other end.',
  },
  'transmit-timeout': {
    severity: 'warning',
    facility: 'network',
    title: 'A network interface stopped sending and was reset',
    advice: 'If it comes again: driver and firmware of the card, the switch port, then the card.',
  },
  'iscsi-path-lost': {
    severity: 'warning',
    facility: 'network',
    title: 'A connection to a remote iSCSI target broke',
    advice: '"iscsiadm -m session -P 1" shows it. Look at the network and at the remote target.',
  },
  'oom-kill': {
    severity: 'critical',
    facility: 'memory',
    title: 'The kernel killed a process for want of memory',
    advice: 'Start again what was killed, and find out what uses the memory: "systemd-cgtop -m".',
  },
  'memory-error': {
    severity: 'warning',
    facility: 'memory',
    title: 'A memory module had an error that was corrected',
    advice: 'The line names the module. One is harmless; if they come again, replace the module.',
  },
  'memory-failed': {
    severity: 'critical',
    facility: 'memory',
    title: 'A memory module had an error that could not be corrected',
    advice:
      'Data in memory may be wrong. Stop the services in order and replace the module that the line names.',
  },
  'machine-check': {
    severity: 'critical',
    facility: 'processor',
    title: 'The processor reports a hardware error',
    advice:
      '"ras-mc-ctl --errors" or "journalctl -k" shows more. Look at cooling and memory; have the machine examined.',
  },
  overheated: {
    severity: 'warning',
    facility: 'processor',
    title: 'A processor is too hot and was slowed down',
    advice: 'Look at the fans, the air filters and the temperature of the room.',
  },
  'hung-task': {
    severity: 'critical',
    facility: 'kernel',
    title: 'A program hangs in the kernel',
    advice:
      'It waits for a device or share that does not answer, and cannot be killed. Find that device: look for disk, tape, adapter or NFS errors before this line. A restart of the program does not help.',
  },
  lockup: {
    severity: 'critical',
    facility: 'kernel',
    title: 'A processor hangs in the kernel',
    advice:
      'Save the kernel log ("journalctl -k > file"), stop the services in order and restart the machine. If it comes again: firmware, then hardware.',
  },
  'kernel-oops': {
    severity: 'critical',
    facility: 'kernel',
    title: 'The kernel has crashed in one place and goes on',
    advice: 'Save the kernel log ("journalctl -k > file") and plan a restart of the machine soon.',
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultId = keyof typeof faults;

/** Faults that a rule about the host itself tells: its look follows at once. */
export const toldByHost: readonly FaultId[] = ['kernel-oops', 'oom-kill'];
