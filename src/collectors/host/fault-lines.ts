/**
 * How the lines of known faults look. Each pattern is the format string of the kernel's own source,
 * which is named beside it (Linux 6.1 to 6.12 unless said otherwise).
 *
 * Made so that they take linear time on any line and believe nobody but the kernel: anchored at the
 * beginning, no repetition inside a repetition, and a name of at most a few words before what is
 * fixed. A process can choose its own name, and the kernel prints it; no name is long enough to
 * look like another fault.
 */
import type { FaultId } from './faults.ts';

interface FaultLine {
  readonly fault: FaultId;
  /** Group `device`: the device, interface or process; left out where the line names none. */
  readonly like: RegExp;
}

/** Behind `sd 6:0:1:0: `, as sdev_printk() and scmd_printk() begin a line (scsi_logging.c). */
const scsi = String.raw`^(?:sd|sr|st|ch|ses|scsi|sg) (?<device>[\d:]{7,40}): (?:\[\w{1,20}\] )?(?:tag#\d+ )?`;
/** As sd_printk(), st_printk() and scmd_printk() name the device of a driver. */
const named = (drivers: string): string =>
  String.raw`^(?:${drivers}) [\d:]{7,40}: \[(?<device>\w{1,20})\] (?:tag#\d+ )?`;
/** SCST, scst_debug.h: `[PID]: PREFIX: FUNCTION:LINE:`, with less of it in a release build. */
const scst = String.raw`^(?:\[\d{1,10}\]: )?[\w-]{2,24}: (?:\w{1,80}:\d{1,6}:)?`;
/** A PCI device as dev_printk() begins a line: `igb 0000:01:00.0 eth0: `. */
const network = String.raw`^(?:[\w-]{1,24} [\da-f:.]{7,16} )?(?<device>[\w.-]{1,20}): `;

const lines = (fault: FaultId, ...sources: readonly string[]): readonly FaultLine[] =>
  sources.map((source) => ({ fault, like: new RegExp(source) }));

const disks = [
  // block/blk-mq.c blk_print_req_error(); 5.x and before put a name before it (blk-core.c).
  ...lines(
    'io-error',
    String.raw`^(?:blk_update_request: |print_req_error: |end_request: )?(?:I/O|critical medium|critical target|recoverable transport|timeout|protection|device offline) error, dev (?<device>[\w!-]{1,32}), sector \d`,
    // fs/buffer.c buffer_io_error()
    String.raw`^Buffer I/O error on dev(?:ice)? (?<device>[\w!-]{1,32}), logical block \d`,
    // drivers/scsi/scsi_logging.c scsi_show_extd_sense(), of disks
    `${named('sd')}Sense Key : (?:Medium|Hardware) Error`,
  ),
  // drivers/scsi/scsi_error.c scsi_eh_offline_sdevs(); scsi_lib.c scsi_device_state_check()
  ...lines(
    'disk-offline',
    `${scsi}Device offlined - not ready after error recovery`,
    `${scsi}rejecting I/O to (?:offline|dead) device`,
  ),
  // drivers/ata/libata-eh.c ata_eh_link_report()
  ...lines('ata-error', String.raw`^(?<device>ata[\d.]{1,8}): exception Emask 0x`),
  // drivers/nvme/host/pci.c nvme_timeout(); nvme_reset_work() and nvme_remove_dead_ctrl()
  ...lines(
    'nvme-timeout',
    String.raw`^nvme (?<device>nvme\d{1,5}): I/O (?:tag )?\d+ (?:\([\da-f]+\) )?(?:opcode 0x[\da-f]+ )?(?:\([\w/ ]{1,40}\) )?QID \d+ timeout, `,
  ),
  ...lines(
    'nvme-failed',
    String.raw`^nvme (?<device>nvme\d{1,5}): (?:controller is down; will reset|Removing after probe failure|Disabling device after reset failure|Device not ready; aborting)`,
  ),
  // drivers/md/dm-mpath.c fail_path()
  ...lines(
    'path-failed',
    String.raw`^device-mapper: multipath: (?:[\d:]{3,16}: )?Failing path (?<device>[\d:]{3,16})`,
  ),
];

const filesystems = [
  // fs/ext4/super.c __ext4_error(), ext4_handle_error(); fs/jbd2/journal.c
  ...lines('filesystem-error', String.raw`^EXT[234]-fs error \(device (?<device>[\w!-]{1,32})\): `),
  ...lines(
    'filesystem-read-only',
    String.raw`^EXT[234]-fs \((?<device>[\w!-]{1,32})\): Remounting filesystem read-only`,
    // fs/btrfs/messages.c, fs/btrfs/super.c
    String.raw`^BTRFS info \(device (?<device>[\w!-]{1,32})(?: state \w+)?\): forced readonly`,
  ),
  // fs/xfs/xfs_error.c, xfs_fsops.c xfs_do_force_shutdown()
  ...lines(
    'filesystem-corrupt',
    String.raw`^Aborting journal on device (?<device>[\w!-]{1,32})`,
    String.raw`^XFS \((?<device>[\w!-]{1,32})\): (?:Corruption |Metadata corruption |Metadata CRC error |Internal error |Corruption of in-memory data |Filesystem has been shut down|I/O Error Detected|Log I/O Error Detected|xfs_do_force_shutdown)`,
    String.raw`^BTRFS critical \(device (?<device>[\w!-]{1,32})(?: state \w+)?\): `,
  ),
  ...lines(
    'filesystem-error',
    String.raw`^XFS \((?<device>[\w!-]{1,32})\): (?:metadata |log )?I/O error`,
    String.raw`^BTRFS error \(device (?<device>[\w!-]{1,32})(?: state \w+)?\): `,
  ),
  // OpenZFS 2.1 to 2.3, module/zfs/zio.c zio_suspend(), through cmn_err(CE_WARN)
  ...lines(
    'pool-suspended',
    "^WARNING: Pool '(?<device>[^']{1,255})' has encountered an uncorrectable I/O failure",
  ),
  // net/sunrpc/clnt.c rpc_check_timeout()
  ...lines('nfs-server-away', String.raw`^nfs: server (?<device>[\w.:-]{1,255}) not responding, `),
];

const adapters = [
  // drivers/scsi/mpt3sas/mpt3sas_scsih.c scsih_abort() and so on; mpt3sas_base.c
  ...lines(
    'adapter-reset',
    `${scsi}attempting (?:task abort|device reset|target reset|host reset)!`,
    String.raw`^(?<device>mpt[23]sas(?:_cm)?\d{1,3}): (?:sending (?:diag|message unit) reset|attempting host reset)`,
    // drivers/scsi/megaraid/megaraid_sas_fusion.c
    String.raw`^megaraid_sas (?<device>[\da-f:.]{7,16}): (?:resetting fusion adapter|\[ *\d+\]waiting for \d+ commands to complete)`,
  ),
  ...lines(
    'adapter-failed',
    String.raw`^(?<device>mpt[23]sas(?:_cm)?\d{1,3}): (?:fault_state\(|coredump_state\(|SAS host is non-operational|diag reset: FAILED)`,
    String.raw`^megaraid_sas (?<device>[\da-f:.]{7,16}): (?:Found FW in FAULT state|FW in FAULT state|Adapter not OPERATIONAL|Reset failed, killing adapter)`,
  ),
  // drivers/scsi/qla2xxx/qla_isr.c qla2x00_async_event()
  ...lines(
    'fc-link-down',
    String.raw`^qla2xxx \[(?<device>[\da-f:.]{7,16})\]-[\da-f]{4}:\d+: LOOP DOWN detected`,
  ),
  // drivers/pci/pcie/aer.c aer_print_port_info(), "Uncorrected" before 6.9
  ...lines(
    'pci-error',
    String.raw`^pcieport (?<device>[\da-f:.]{7,16}): AER: (?:Multiple )?Uncorrect(?:ed|able) \((?:Non-)?Fatal\) error`,
  ),
];

const tapes = [
  // drivers/scsi/st.c st_chk_result(), drivers/scsi/scsi_logging.c
  ...lines(
    'tape-error',
    `${named('st|ch')}Sense Key : (?:Medium|Hardware) Error`,
    String.raw`${named('st')}Error [\da-f]+ \(driver bt`,
  ),
];

const scstLines = [
  // iscsi-scst/kernel: a connection that ends without a logout
  ...lines(
    'scst-connection-lost',
    String.raw`${scst}(?:\*\*\*ERROR\*\*\*: )?Connection (?:\S{1,40} )?(?:with|from) initiator (?<device>\S{1,255}) .{0,120}?unexpectedly closed`,
  ),
  ...lines('scst-critical', String.raw`${scst}\*\*\*CRITICAL ERROR\*\*\*: `),
  ...lines('scst-error', String.raw`${scst}\*\*\*ERROR\*\*\*: `),
  // iscsi-scst/kernel/iscsi.c execute_task_management()
  ...lines('scst-task-management', String.raw`${scst}(?:iSCSI )?TM fn [\w/]{1,40}(?:$| \()`),
  // scst/src/scst_targ.c scst_translate_lun()
  ...lines(
    'scst-unknown-lun',
    String.raw`${scst}tgt_dev for LUN \d+ not found, command to unexisting LU`,
  ),
  // scst/src/scst_main.c
  ...lines(
    'scst-device-detached',
    String.raw`${scst}Detached from (?<device>scsi\d[\w ,]{0,60}|virtual device \S{1,60})`,
  ),
];

const networks = [
  // igb, ixgbe, i40e, e1000e, bnxt_en, tg3; drivers/net/bonding/bond_main.c
  ...lines(
    'link-lost',
    String.raw`${network}(?:\w{1,20}: \w{1,20} )?NIC Link is Down`,
    `${network}Link is [Dd]own`,
    String.raw`^(?:\w{1,20}): \(slave (?<device>[\w.-]{1,20})\): link status definitely down`,
  ),
  // net/sched/sch_generic.c dev_watchdog()
  ...lines(
    'transmit-timeout',
    String.raw`^NETDEV WATCHDOG: (?<device>[\w.-]{1,20}) \(\w{1,24}\): transmit queue \d+ timed out`,
    String.raw`${network}NETDEV WATCHDOG: CPU: \d+: transmit queue \d+ timed out`,
  ),
  // drivers/scsi/scsi_transport_iscsi.c iscsi_conn_error_event()
  ...lines(
    'iscsi-path-lost',
    String.raw`^ ?(?<device>connection\d+:\d+): detected conn error \(\d+\)`,
  ),
];

const processors = [
  // mm/oom_kill.c __oom_kill_process()
  ...lines(
    'oom-kill',
    String.raw`^(?:Memory cgroup out of memory|Out of memory(?: \([\w ]{1,40}\))?): Killed process \d+ \((?<device>[^\n]{1,16})\) total-vm:`,
  ),
  // drivers/edac/edac_mc.c edac_raw_mc_handle_error()
  ...lines('memory-failed', String.raw`^EDAC (?<device>MC\d{1,3}): \d+ UE `),
  ...lines('memory-error', String.raw`^EDAC (?<device>MC\d{1,3}): \d+ CE `),
  // arch/x86/kernel/cpu/mce/core.c print_mce(); drivers/acpi/apei/ghes.c __ghes_print_estatus()
  ...lines(
    'machine-check',
    String.raw`^mce: \[Hardware Error\]: CPU \d+: Machine Check`,
    String.raw`^(?:\{\d+\})?\[Hardware Error\]: event severity: (?:fatal|recoverable)`,
  ),
  // drivers/thermal/intel/therm_throt.c
  ...lines(
    'overheated',
    String.raw`^(?:mce: )?CPU\d+: (?:Core|Package) temperature(?:\/speed)? above threshold, cpu clock throttled`,
  ),
];

const kernels = [
  // kernel/hung_task.c check_hung_task()
  ...lines(
    'hung-task',
    String.raw`^INFO: task (?<device>[^\n]{1,32}?):\d+ blocked (?:in I/O wait )?for more than \d+ seconds`,
  ),
  // kernel/watchdog.c, kernel/watchdog_hld.c, kernel/rcu/tree_stall.h
  ...lines(
    'lockup',
    String.raw`^watchdog: (?:BUG: soft lockup - CPU#\d+ stuck|Watchdog detected hard LOCKUP|CPU\d+: Watchdog detected hard LOCKUP)`,
    String.raw`^rcu: INFO: rcu_\w{1,20} (?:self-detected stall|detected (?:expedited )?stalls)`,
  ),
  // arch/x86/mm/fault.c show_fault_oops(), traps.c, dumpstack.c __die_header(); lib/bug.c
  ...lines(
    'kernel-oops',
    '^BUG: (?:kernel NULL pointer dereference|unable to handle|KASAN|KFENCE|Bad page)',
    '^(?:Oops: )?general protection fault, ',
    '^Oops: ',
    '^kernel BUG at ',
  ),
];

const table: readonly FaultLine[] = [
  ...disks,
  ...filesystems,
  ...adapters,
  ...tapes,
  ...scstLines,
  ...networks,
  ...processors,
  ...kernels,
];

export interface FoundFault {
  readonly fault: FaultId;
  readonly device: string | undefined;
  /** Which line of the table it is: another one about the same device soon after is an echo. */
  readonly row: number;
}

/** Longer lines are cut before anybody looks at them; the kernel's own limit is 1 KiB (printk). */
const lineCharsMax = 1024;

/** The known fault that the line is about, if any. */
export function findFault(line: string): FoundFault | undefined {
  const text = line.slice(0, lineCharsMax);
  for (const [row, { fault, like }] of table.entries()) {
    const match = like.exec(text);
    if (match !== null) return { fault, device: match.groups?.device, row };
  }
  return undefined;
}
