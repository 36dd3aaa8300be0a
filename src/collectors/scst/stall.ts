/**
 * A session whose commands do not move: some are in work, and meanwhile no counter of the session
 * grows and no LUN has fewer. SCST counts errors nowhere; this is how a hung back end shows.
 */
import { type EpochMs, type Ms, minutes } from '../../domain/time.ts';
import { type AttributeReader, type Fact, known } from './attribute.ts';
import type { Pace } from './pace.ts';
import { type Counters, counterFiles, type SessionNode } from './tree.ts';

/**
 * A stall is shown from here on. Below it a slow disk would come and go with every look; a rule
 * waits longer than this anyway.
 */
export const stallShownAfter: Ms = minutes(1);

export interface StallTools {
  readonly read: AttributeReader;
  readonly pace: Pace;
  readonly now: EpochMs;
}

export function readCounters(read: AttributeReader, path: string): Counters {
  return {
    readCommands: read.number(`${path}/${counterFiles.readCommands}`),
    writeCommands: read.number(`${path}/${counterFiles.writeCommands}`),
    readKb: read.number(`${path}/${counterFiles.readKb}`),
    writeKb: read.number(`${path}/${counterFiles.writeKb}`),
  };
}

/** One file for each LUN: a session can have thousands. */
export async function readInWork(
  { read, pace }: Pick<StallTools, 'read' | 'pace'>,
  { path, luns }: Pick<SessionNode, 'path' | 'luns'>,
): Promise<readonly Fact<number>[]> {
  const inWork: Fact<number>[] = [];
  for (const lun of luns) {
    if (pace.due()) await pace.rest();
    inWork.push(read.number(`${path}/lun${lun}/active_commands`));
  }
  return inWork;
}

/** Commands in work over all LUNs; unknown ones count as none. */
export const totalInWork = (inWork: readonly Fact<number>[]): number =>
  inWork.reduce<number>((sum, fact) => sum + (known(fact) ?? 0), 0);

const counterNames = ['readCommands', 'writeCommands', 'readKb', 'writeKb'] as const;

const countersMoved = (before: Counters, after: Counters): boolean =>
  counterNames.some((name) => known(before[name]) !== known(after[name]));

const someFell = (before: readonly Fact<number>[], after: readonly Fact<number>[]): boolean =>
  after.some((fact, i) => (known(fact) ?? 0) < (known(before[i] ?? null) ?? 0));

const isClosing = ({ connections, reinstating }: SessionNode): boolean =>
  reinstating === true ||
  connections.some(({ state }) => known(state)?.split(' ').includes('closing') === true);

/** Takes over what a walk or a glance has just read; `before` is the same session earlier. */
export function judgeStall(
  session: SessionNode,
  before: { readonly inWork: readonly Fact<number>[]; readonly counters: Counters },
  now: EpochMs,
): void {
  if (totalInWork(session.inWork) === 0) session.stillSince = null;
  else if (
    session.stillSince === null ||
    countersMoved(before.counters, session.counters) ||
    someFell(before.inWork, session.inWork)
  )
    session.stillSince = now;
  const { stillSince } = session;
  const shown = stillSince !== null && now - stillSince >= stallShownAfter;
  session.stalledSince = shown ? stillSince : null;
  if (!isClosing(session)) session.closingSince = null;
  else session.closingSince ??= now;
}

/** Reads what tells a stall. True when something began or ended that is shown. */
export async function observeSession(tools: StallTools, session: SessionNode): Promise<boolean> {
  const { read, now } = tools;
  const { inWork, counters, closingSince, stalledSince } = session;
  session.inWork = await readInWork(tools, session);
  if (totalInWork(session.inWork) > 0) session.counters = readCounters(read, session.path);
  for (const connection of session.connections)
    connection.state = read.word(`${connection.path}/state`);
  if (session.reinstating !== null) session.reinstating = read.flag(`${session.path}/reinstating`);
  judgeStall(session, { inWork, counters }, now);
  return session.stalledSince !== stalledSince || session.closingSince !== closingSince;
}
