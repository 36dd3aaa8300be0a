/**
 * One record of the kernel log, from either source: /dev/kmsg (Documentation/ABI/testing/dev-kmsg)
 * or the journal's copy of it (journalctl --output=json).
 *
 * Only what the kernel itself said is believed. A program that may write to /dev/kmsg cannot choose
 * facility 0: the kernel makes it 1 (kernel/printk/printk.c devkmsg_write()).
 */

import type { EpochMs, Ms } from '../../domain/time.ts';
import { isRow, parseJson } from '../json.ts';

export interface KernelLine {
  /** Where to go on after it: a sequence number of the boot, or a cursor of the journal. */
  readonly position: string;
  /** Since the boot; undefined where the journal does not know. */
  readonly uptime: Ms | undefined;
  /** When journald received it; the kernel itself knows no wall time. */
  readonly at: EpochMs | undefined;
  /** The boot that it belongs to, where the record says; 32 hexadecimal digits. */
  readonly bootId: string | undefined;
  readonly isKernel: boolean;
  readonly text: string;
}

/** `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,…];TEXT`; continued by ` KEY=VALUE` lines, which are none. */
const record = /^(\d{1,5}),(\d{1,20}),(\d{1,20}),[^;]{0,80};/;

export function parseKmsg(line: string): KernelLine | undefined {
  const match = record.exec(line);
  if (match === null) return undefined;
  const [head, priority = '', sequence = '', usec = ''] = match;
  return {
    position: sequence,
    uptime: Number(usec) / 1000,
    at: undefined,
    bootId: undefined,
    // The low three bits are the level.
    isKernel: Number(priority) < 8,
    text: unescaped(line.slice(head.length)),
  };
}

/** Control characters and bytes that are no text come as `\x1b`; they are of no use to anybody. */
const unescaped = (text: string): string =>
  text.includes('\\x') ? text.replaceAll(/\\x([\da-f]{2})/g, ofByte) : text;

function ofByte(_whole: string, digits: string): string {
  const code = Number.parseInt(digits, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '?';
}

export function parseJournalLine(line: string): KernelLine | undefined {
  const value = parseJson(line);
  if (!isRow(value)) return undefined;
  const text = (name: string): string | undefined => {
    const field = value[name];
    return typeof field === 'string' ? field : undefined;
  };
  const [position, message] = [text('__CURSOR'), text('MESSAGE')];
  if (position === undefined || message === undefined) return undefined;
  return {
    position,
    uptime: millisecondsOf(text('_SOURCE_MONOTONIC_TIMESTAMP')),
    at: millisecondsOf(text('__REALTIME_TIMESTAMP')),
    bootId: text('_BOOT_ID'),
    isKernel: text('_TRANSPORT') === 'kernel' && (text('SYSLOG_FACILITY') ?? '0') === '0',
    text: message,
  };
}

const millisecondsOf = (usec: string | undefined): number | undefined =>
  usec !== undefined && /^\d{1,20}$/.test(usec) ? Number(usec) / 1000 : undefined;
