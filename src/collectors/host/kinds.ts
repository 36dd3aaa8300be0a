/** Kinds of the host collector: the machine and its network interfaces. */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

const processor = {
  cpuRatio: gauge({
    help: 'Part of the processor time that was used since the look before.',
    source: '/proc/stat: cpu, without idle and iowait',
    unit: 'ratio',
  }),
  cpus: gauge({ help: 'Processors in use.', source: '/proc/stat: cpuN', unit: 'processors' }),
  load1: gauge({ help: 'Load over 1 minute.', source: '/proc/loadavg', unit: 'tasks' }),
  load5: gauge({ help: 'Load over 5 minutes.', source: '/proc/loadavg', unit: 'tasks' }),
  load15: gauge({ help: 'Load over 15 minutes.', source: '/proc/loadavg', unit: 'tasks' }),
  blockedTasks: gauge({
    help: 'Tasks that wait for a disk, a tape or a share and cannot be interrupted (state D).',
    source: '/proc/stat: procs_blocked',
    unit: 'tasks',
  }),
  cpuPressure: gauge({
    help: 'Part of the last minute in which some task waited for a processor.',
    source: '/proc/pressure/cpu: some avg60, divided by 100',
    unit: 'ratio',
  }),
  ioPressure: gauge({
    help: 'Part of the last minute in which some task waited for input or output.',
    source: '/proc/pressure/io: some avg60, divided by 100',
    unit: 'ratio',
  }),
};

const memory = {
  memoryTotalBytes: gauge({ help: 'Memory.', source: '/proc/meminfo: MemTotal', unit: 'bytes' }),
  memoryAvailableBytes: gauge({
    help: 'Memory that programs can have without swapping; the ZFS cache is not counted.',
    source: '/proc/meminfo: MemAvailable',
    unit: 'bytes',
  }),
  memoryUsedBytes: gauge({
    help: 'Memory that is not available.',
    source: '/proc/meminfo: MemTotal - MemAvailable',
    unit: 'bytes',
  }),
  cacheReclaimableBytes: gauge({
    help: 'What the ZFS cache (ARC) gives back when programs need it; null without ZFS.',
    source: '/proc/spl/kstat/zfs/arcstats: size - c_min',
    unit: 'bytes',
  }),
  memoryAvailableRatio: gauge({
    help: 'Part of the memory that programs can have, with what the ZFS cache gives back.',
    source: '(memoryAvailableBytes + cacheReclaimableBytes) / memoryTotalBytes',
    unit: 'ratio',
  }),
  swapTotalBytes: gauge({ help: 'Swap space.', source: '/proc/meminfo: SwapTotal', unit: 'bytes' }),
  swapUsedRatio: gauge({
    help: 'Part of the swap space that is used; null without swap.',
    source: '/proc/meminfo: SwapTotal, SwapFree',
    unit: 'ratio',
  }),
  memoryPressure: gauge({
    help: 'Part of the last minute in which some task waited for memory.',
    source: '/proc/pressure/memory: some avg60, divided by 100',
    unit: 'ratio',
  }),
  oomKills: counter({
    help: 'Processes that the kernel killed for want of memory since it was started.',
    source: '/proc/vmstat: oom_kill',
    unit: 'processes',
  }),
  lastOomKilled: word({
    help: 'The process that was killed last for want of memory, where the kernel log tells.',
    source: 'kernel log',
  }),
  memoryErrorsCorrected: counter({
    help: 'Memory errors that were corrected (ECC); null where nothing counts them.',
    source: '/sys/devices/system/edac/mc/mcN/ce_count',
    unit: 'errors',
  }),
  memoryErrorsUncorrected: counter({
    help: 'Memory errors that could not be corrected; null where nothing counts them.',
    source: '/sys/devices/system/edac/mc/mcN/ue_count',
    unit: 'errors',
  }),
};

const kernel = {
  kernelVersion: word({ help: 'Release of the kernel.', source: '/proc/sys/kernel/osrelease' }),
  kernelTaint: gauge({
    help: 'Taint flags of the kernel, a sum of powers of two (Documentation/admin-guide/tainted-kernels).',
    source: '/proc/sys/kernel/tainted',
    unit: 'flags',
  }),
  kernelOopses: flag({
    help: 'The kernel has had an oops (a crash that it survived) since it was started.',
    source: '/proc/sys/kernel/tainted: bit 7 (128)',
  }),
  lastOops: word({
    help: 'The first line of the last oops, where the kernel log tells.',
    source: 'kernel log',
  }),
  bootId: word({
    help: 'Names this run of the kernel.',
    source: '/proc/sys/kernel/random/boot_id',
  }),
  bootedAt: instant({ help: 'When the kernel was started.', source: '/proc/stat: btime' }),
  uptimeSeconds: gauge({
    help: 'How long the kernel has been running.',
    source: '/proc/uptime',
    unit: 'seconds',
  }),
  rebootRequired: flag({
    help: 'A package that was installed takes effect only after a reboot.',
    source: '/run/reboot-required',
  }),
  fileHandlesUsedRatio: gauge({
    help: 'Part of the open files that the kernel allows which is in use.',
    source: '/proc/sys/fs/file-nr',
    unit: 'ratio',
  }),
  clockSynchronized: flag({
    help: 'The kernel says that something keeps its clock right.',
    source: 'org.freedesktop.timedate1: NTPSynchronized, or /run/systemd/timesync/synchronized',
  }),
};

export const systemHost = defineKind('system.host', {
  title: 'Host',
  identity: 'HOST NAME',
  attributes: { ...processor, ...memory, ...kernel },
  events: {
    'clock-stepped': {
      help: 'The clock was set: it jumped by more than 2 seconds.',
      attributes: {
        deltaSeconds: gauge({
          help: 'By how much; negative when it was set back.',
          source: 'CLOCK_REALTIME against CLOCK_MONOTONIC',
          unit: 'seconds',
        }),
      },
    },
    'unexpected-reboot': {
      help: 'The machine was started anew, and nobody had stopped tocsin in order before.',
      attributes: {
        bootId: word({ help: 'The boot that followed.', source: 'boot_id' }),
        lastSeenAt: instant({
          help: 'When tocsin last stored anything before.',
          source: 'database of tocsin',
        }),
      },
    },
  },
});

const traffic = {
  rxBytes: counter({ help: 'Received.', source: 'statistics/rx_bytes', unit: 'bytes' }),
  txBytes: counter({ help: 'Sent.', source: 'statistics/tx_bytes', unit: 'bytes' }),
  packets: counter({
    help: 'Packets received and sent.',
    source: 'statistics/rx_packets, tx_packets',
    unit: 'packets',
  }),
  errors: counter({
    help: 'Packets received broken or not sent.',
    source: 'statistics/rx_errors, tx_errors',
    unit: 'packets',
  }),
  drops: counter({
    help: 'Packets thrown away for want of room.',
    source: 'statistics/rx_dropped, tx_dropped',
    unit: 'packets',
  }),
};

export const systemInterface = defineKind('system.interface', {
  title: 'Network interface (hardware and bonds)',
  identity: 'INTERFACE',
  attributes: {
    adminUp: flag({ help: 'Switched on by the configuration.', source: 'flags: IFF_UP' }),
    carrier: flag({ help: 'It has a link; null while it is switched off.', source: 'carrier' }),
    wasUp: flag({
      help: 'It has had a link before: somebody uses it.',
      source: 'carrier_up_count, and what tocsin has seen before',
    }),
    operState: word({ help: 'State in the words of the kernel.', source: 'operstate' }),
    macAddress: word({ help: 'Hardware address.', source: 'address' }),
    speedMegabits: gauge({
      help: 'Speed of the link; null without one.',
      source: 'speed',
      unit: 'megabits per second',
    }),
    ...traffic,
    bond: word({
      help: 'The bond that it belongs to.',
      source: 'master',
      refersTo: { kind: 'system.interface', relation: 'bundles' },
    }),
    bondMembers: gauge({
      help: 'Interfaces of the bond; null for what is no bond.',
      source: 'bonding/slaves',
      unit: 'interfaces',
    }),
    bondMembersUp: gauge({
      help: 'Interfaces of the bond that work.',
      source: 'bonding_slave/mii_status of each',
      unit: 'interfaces',
    }),
  },
});

export const systemSensor = defineKind('system.sensor', {
  title: 'Temperature or fan of the machine',
  identity: 'CHIP[@DEVICE]/SENSOR',
  attributes: {
    type: word({
      help: 'What it measures.',
      source: 'tempN, fanN',
      values: ['temperature', 'fan'],
    }),
    chip: word({ help: 'The chip that measures.', source: 'hwmonN/name' }),
    label: word({ help: 'What the board calls it.', source: 'tempN_label, fanN_label' }),
    temperatureCelsius: gauge({
      help: 'Temperature now; null for a fan.',
      source: 'tempN_input',
      unit: 'degrees Celsius',
    }),
    criticalCelsius: gauge({
      help: 'Where the maker says that it becomes dangerous.',
      source: 'tempN_crit',
      unit: 'degrees Celsius',
    }),
    speedRpm: gauge({
      help: 'Speed of the fan; null for a temperature.',
      source: 'fanN_input',
      unit: 'revolutions per minute',
    }),
    alarm: flag({
      help: 'The chip itself says that it is critical; null where it cannot say.',
      source: 'tempN_crit_alarm, tempN_emergency_alarm, fanN_alarm',
    }),
    fault: flag({ help: 'The sensor is broken or unplugged.', source: 'tempN_fault, fanN_fault' }),
  },
});
