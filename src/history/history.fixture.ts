/** Ticks, and a history without a thread, for the tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { days, type EpochMs } from '../domain/time.ts';
import type { HistoryPoint } from './grid.ts';
import type { HistoryLimits, HistoryQuery, HistoryState, Tick, TickValue } from './history.ts';
import { Keeper, type KeeperParts } from './keeper.ts';
import { raw } from './tiers.ts';

/** A midnight, so that days are whole. */
export const start: EpochMs = Date.UTC(2026, 10, 22);

export const limits: HistoryLimits = {
  raw: days(2),
  medium: days(60),
  long: days(1095),
  bytes: 2 ** 31,
  series: 1000,
};

export function temporaryPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'history.db');
}

export const name = { kind: 'scst.target', id: 'iscsi/iqn.2026-11:a', attribute: 'sessions' };

/** A tick of `sessions` of one target or more. */
export const tickOf = (at: EpochMs, values: Readonly<Record<string, TickValue>>): Tick => ({
  at,
  groups: [
    {
      kind: name.kind,
      attributes: [name.attribute],
      rows: Object.entries(values).map(([id, value]) => [id, [value]]),
    },
  ],
});

export interface TestKeeper extends Keeper {
  readonly states: HistoryState[];
}

/** Closed after the test. */
export function createKeeper(
  t: TestContext,
  path: string,
  options: Partial<KeeperParts> = {},
): TestKeeper {
  const states: HistoryState[] = [];
  const tell = (state: HistoryState): void => void states.push(state);
  const keeper = new Keeper({ path, limits, roomMin: 0, pagesMax: 0, tell, ...options });
  t.after(() => keeper.close());
  return Object.assign(keeper, { states });
}

/** Records one series from `from` on, a value for every 30 s, with what is due in between. */
export function recordAll(keeper: Keeper, from: EpochMs, values: Iterable<TickValue>): EpochMs {
  let at = from;
  for (const value of values) {
    recordOne(keeper, tickOf(at, { [name.id]: value }));
    at += raw.step;
  }
  return at;
}

export function recordOne(keeper: Keeper, tick: Tick): void {
  keeper.record(tick);
  for (const _ of keeper.upkeep(tick.at));
}

/** The points; fails when there is no such answer. */
export function pointsOf(
  keeper: Keeper,
  query: Partial<HistoryQuery> & Pick<HistoryQuery, 'from' | 'to'>,
): { readonly step: number; readonly points: readonly HistoryPoint[] } {
  const answer = keeper.query({ ...name, ...query }, query.to);
  if (answer.type !== 'points') throw new Error(JSON.stringify(answer));
  return answer;
}
