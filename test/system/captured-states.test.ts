/**
 * What tocsin says of every state that a real kernel was captured in, six minutes after it began;
 * and what it says when one state becomes the next. `ACCEPT=1` writes the golden text anew; every
 * line of it is to be held against reference/kernel-facts.md.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Collector } from '../../src/collectors/collector.ts';
import { scst } from '../../src/collectors/scst/collector.ts';
import { tape } from '../../src/collectors/tape/collector.ts';
import { vtl } from '../../src/collectors/vtl/collector.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { minutes } from '../../src/domain/time.ts';
import { type Capture, readCapture } from '../support/captures.ts';
import { type Files, Machine } from '../support/machine.ts';

const collectorsFolder = join(import.meta.dirname, '../../src/collectors');
const goldenFile = join(import.meta.dirname, 'golden/captured-states.txt');

interface Source {
  readonly folder: string;
  readonly collectors: readonly Collector[];
  filesOf(state: string): Files;
}

const fixture = (path: string): string => readFileSync(join(collectorsFolder, path), 'utf8');

/** The file behind disk1 was gone then; SCST itself shows no difference. */
const isUnlinked = (state: string): boolean => state === 'v-a-backing-file-unlinked';

const sources: Readonly<Record<string, Source>> = {
  scst: {
    folder: join(collectorsFolder, 'scst/fixtures'),
    collectors: [scst],
    // What scstadmin wrote on that machine, before and after the tape was exported, and its disks.
    filesOf: (state): Files => {
      const conf = state.startsWith('vi-') ? 'scst-vi.conf' : 'scst-ii.conf';
      const files = {
        'small/t.img': '',
        'srv/blk2.img': '',
        'srv/d.img': '',
        // The service of this state had a configuration of its own, which was not captured.
        ...(state === 'd-service-ok' ? {} : { 'etc/scst.conf': fixture(`scst/fixtures/${conf}`) }),
      };
      return isUnlinked(state) ? files : { ...files, 'srv/disk1.img': '' };
    },
  },
  tape: {
    folder: join(collectorsFolder, 'tape/fixtures'),
    collectors: [tape, vtl],
    filesOf: (state): Files =>
      state.startsWith('sd-')
        ? {}
        : { 'etc/mhvtl': { folder: join(collectorsFolder, 'vtl/fixtures') } },
  },
};

/** The ways that the machine went while it was captured. */
const ways: readonly (readonly [source: string, ...states: readonly string[]])[] = [
  ['scst', 'ii-target-added-not-enabled', 'ii-configured', 'iii-session-idle', 'iii-session-io'],
  ['scst', 'iii-plus-scst_local', 'iv-target-disabled-session-live', 'iii-plus-scst_local'],
  ['scst', 'iii-session-idle', 'v-a-backing-file-unlinked', 'v-b-disk1-inactive'],
  ['scst', 'v-g-fileio-enospc', 'v-f-session-dropped', 'v-f2-session-recovered'],
  ['scst', 'vi-passthrough-session', 'vi-passthrough-io'],
  ['scst', 'iii-session-idle', 'd-service-config-with-missing-file', 'ii-configured'],
  ['tape', '2-loaded-before-io', '3-writing', '4-after-io', '5-st1-offline'],
  ['tape', '4-after-io', '6-st1-removed', '7-rescanned', '10-after-daemon-restart'],
  ['tape', 'sd-0-scsi_debug-tape', 'sd-1-removed', 'sd-2-rescanned'],
];

const capture = (source: Source, state: string): Capture => readCapture(source.folder, state);

const say = ({ phase, severity, rule, resource, title, mutedBy }: Alert): string =>
  `  ${phase} ${severity} ${rule} ${resource.id}: ${title}${mutedBy.length > 0 ? ' (muted)' : ''}`;

/** What stands after six minutes in a state. */
async function tellState(source: Source, state: string): Promise<readonly string[]> {
  const machine = new Machine(source.collectors, capture(source, state), source.filesOf(state));
  await machine.pass(minutes(6), minutes(0.5));
  const counts = Map.groupBy(machine.resources(), ({ kind }) => kind);
  const known = [...counts].map(([kind, { length }]) => `${length} ${kind}`).sort();
  const alerts = machine.active().map(say).sort();
  machine.end();
  return [`  ${known.join(', ') || 'nothing'}`, ...alerts];
}

/** What is told in the six minutes after each state became the next one. */
async function tellWay(source: Source, first: string, rest: readonly string[]): Promise<string[]> {
  const lines = [`from ${first}`];
  const machine = new Machine(source.collectors, capture(source, first), source.filesOf(first));
  await machine.pass(minutes(6), minutes(0.5));
  for (const state of rest) {
    const told = machine.changes.length;
    const happened = machine.events.length;
    machine.become(capture(source, state), source.filesOf(state));
    await machine.pass(minutes(6), minutes(0.5));
    lines.push(`to ${state}`);
    for (const { event, id } of machine.events.slice(happened))
      lines.push(`  event ${event} ${id}`);
    for (const { reason, alert } of machine.changes.slice(told)) {
      if (unspoken.has(reason)) continue;
      lines.push(`  ${reason}${say(alert).replace(/^ {2}\w+/, '')}`);
    }
  }
  machine.end();
  return lines;
}

/** Steps of alerts that nobody is told of. */
const unspoken: ReadonlySet<string> = new Set(['pending', 'dropped', 'cause']);

async function tellAll(): Promise<string> {
  const lines: string[] = [];
  for (const [name, source] of Object.entries(sources)) {
    const states = readdirSync(source.folder)
      .filter((file) => /^[a-z0-9].*-.*\.txt$/.test(file))
      .map((file) => file.slice(0, -4));
    for (const state of states) lines.push(`${name} ${state}`, ...(await tellState(source, state)));
  }
  for (const [name, first = '', ...rest] of ways) {
    lines.push(...(await tellWay(sources[name] as Source, first, rest)));
  }
  return `${lines.join('\n')}\n`;
}

test('every captured state and step is judged as the golden text says', async () => {
  const told = await tellAll();
  if (process.env.ACCEPT === '1') writeFileSync(goldenFile, told);
  assert.equal(told, readFileSync(goldenFile, 'utf8'));
});
