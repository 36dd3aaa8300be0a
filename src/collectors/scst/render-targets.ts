/** Resources of targets, their LUNs and sessions, from what was read and what is declared. */
import { reading } from '../../domain/reading.ts';
import { hours, type Ms, minutes } from '../../domain/time.ts';
import { type Fact, known, refused } from './attribute.ts';
import type { DeclaredLun } from './declared.ts';
import { declaredBefore, declaredFact, type Facts, type Rendered } from './facts.ts';
import { scstTarget } from './kinds.ts';
import { scstSession } from './kinds-session.ts';
import { scstLun } from './kinds-storage.ts';
import { automaticTarget } from './names.ts';
import type { Retired, Visitor } from './sessions.ts';
import { totalInWork } from './stall.ts';
import type { LunNode, LunSet, SessionNode, TargetNode } from './tree.ts';

/** Two sessions that end within this were lost together (timeouts of 30 s differ by as much). */
const lostTogether: Ms = minutes(5);
/** rules.md B-21: an initiator seen for less may have been a test. */
const regularAfter: Ms = hours(1);
const kibibyte = 1024;

/** The target that scst_local makes by itself, unused: it is no target to us. */
export const isUnused = (facts: Facts, id: string, node: TargetNode | undefined): boolean =>
  id === automaticTarget &&
  (node === undefined || node.sets.every(({ luns }) => luns.length === 0)) &&
  (declaredBefore(facts.configuration)?.targets.get(id)?.luns ?? 0) === 0;

type Summed = 'readCommands' | 'writeCommands' | 'readKb' | 'writeKb';

/** The sum of a counter over sessions; one that refuses makes the sum unknown. */
function sumOf(sessions: readonly SessionNode[], name: Summed, start = 0): Fact<number> {
  let sum = start;
  for (const { counters } of sessions) {
    const fact = counters[name];
    if (refused(fact)) return fact;
    sum += fact ?? 0;
  }
  return sum;
}

const inBytes = (fact: Fact<number>): Fact<number> =>
  typeof fact === 'number' ? fact * kibibyte : fact;

const countersOf = (sessions: readonly SessionNode[], start?: Retired) => ({
  readCommands: sumOf(sessions, 'readCommands', start?.readCommands),
  writeCommands: sumOf(sessions, 'writeCommands', start?.writeCommands),
  readBytes: inBytes(sumOf(sessions, 'readKb', start?.readKb)),
  writeBytes: inBytes(sumOf(sessions, 'writeKb', start?.writeKb)),
});

function sessionsLostAt(visitors: readonly Visitor[]): number | null {
  if (visitors.some(({ open }) => open.size > 0)) return null;
  const last = Math.max(...visitors.map(({ lostAt }) => lostAt ?? -Infinity));
  const together = visitors.filter(({ lostAt }) => (lostAt ?? -Infinity) >= last - lostTogether);
  return together.length >= 2 ? last : null;
}

const setWithoutZero = (sets: readonly LunSet[]): LunSet | undefined =>
  sets.find(({ luns }) => luns.length > 0 && !luns.some((lun) => lun.number === 0));

function lunCount(sets: readonly LunSet[]): Fact<number> {
  const refusal = sets.find((set) => set.refusal !== null)?.refusal;
  return refusal ?? sets.reduce((sum, { luns }) => sum + luns.length, 0);
}

/** Sessions of one target by initiator; kept by the book. */
export type VisitorsByTarget = ReadonlyMap<string, readonly Visitor[]>;

export function renderTarget(
  facts: Facts,
  id: string,
  node: TargetNode | undefined,
  visitors: readonly Visitor[],
): Rendered {
  const { configuration, book, tree } = facts;
  const driver = id.slice(0, id.indexOf('/'));
  const sessions = node?.sessions ?? [];
  const open = visitors.filter((visitor) => visitor.open.size > 0).length;
  const zero = setWithoutZero(node?.sets ?? []);
  const missing = tree?.drivers.get(driver)?.refusal ?? false;
  return reading(scstTarget, id, {
    driver,
    present: node === undefined ? missing : true,
    enabled: node?.enabled ?? null,
    sessions: node?.sessionsRefusal ?? open,
    sessionsLostAt: sessionsLostAt(visitors),
    luns: lunCount(node?.sets ?? []),
    withoutLunZero: zero === undefined ? null : (zero.group ?? 'default'),
    declared: declaredFact(configuration, ({ targets }) => targets.has(id)),
    declaredEnabled: declaredFact(configuration, ({ targets }) => {
      const target = targets.get(id);
      return target === undefined ? null : (target.enabled ?? false);
    }),
    ...countersOf(sessions, book.retired(id)),
  });
}

/** A LUN and its place; `node` undefined: declared and missing. */
export interface LunPlace {
  readonly id: string;
  readonly target: string;
  readonly group: string | null;
  readonly number: number;
  readonly node: LunNode | undefined;
  /** Its folder could not be listed: a LUN that is not known may be there. */
  readonly refusal: LunSet['refusal'];
}

function isWrongDevice(device: Fact<string>, declared: DeclaredLun | undefined): Fact<boolean> {
  if (declared === undefined) return null;
  return typeof device === 'string' ? device !== declared.device : refused(device) ? device : null;
}

export function renderLun({ configuration }: Facts, lun: LunPlace): Rendered {
  const { id, target, group, number, node } = lun;
  const before = declaredBefore(configuration)?.luns.get(id);
  return reading(scstLun, id, {
    target,
    driver: target.slice(0, target.indexOf('/')),
    group,
    set: group === null ? target : `${target}/${group}`,
    number,
    present: node === undefined ? (lun.refusal ?? false) : true,
    device: node?.device ?? before?.device ?? null,
    readOnly: node?.readOnly ?? null,
    declared: declaredFact(configuration, ({ luns }) => luns.has(id)),
    declaredDevice: declaredFact(configuration, ({ luns }) => luns.get(id)?.device ?? null),
    wrongDevice:
      node === undefined
        ? null
        : declaredFactOrFact(configuration, isWrongDevice(node.device, before)),
  });
}

/** With a broken configuration the comparison is unknown, whatever was said before. */
const declaredFactOrFact = <T>(configuration: Facts['configuration'], fact: Fact<T>): Fact<T> => {
  const judged = declaredFact(configuration, () => true);
  return refused(judged) ? judged : fact;
};

function stalledIn(facts: Facts, visitor: Visitor) {
  const nodes = [...visitor.open.values()].filter(({ stalledSince }) => stalledSince !== null);
  const node = nodes.toSorted((a, b) => (a.stalledSince ?? 0) - (b.stalledSince ?? 0))[0];
  if (node === undefined) return { stalledSince: null, stalledDevice: null, stalledTape: null };
  const target = facts.tree?.drivers
    .get(visitor.driver)
    ?.targets.find(({ id }) => id === visitor.target);
  const set = target?.sets.find(({ group }) => group === node.group);
  const lun = node.luns.find((_, i) => (known(node.inWork[i] ?? null) ?? 0) > 0);
  const device = known(set?.luns.find(({ number }) => number === lun)?.device ?? null) ?? null;
  const type = known(facts.tree?.devices.get(device ?? '')?.type ?? null) ?? '';
  // SPC: 1 sequential access (tape), 8 medium changer.
  const stalledTape = /^[18] /.test(type);
  return { stalledSince: node.stalledSince, stalledDevice: device, stalledTape };
}

function activeOf(open: readonly SessionNode[]): { readonly activeCommands?: Fact<number> } {
  // Nothing is known of one that is just going away.
  let sum: number | null = open.length === 0 ? 0 : null;
  for (const { activeCommands } of open) {
    // Not asked yet: left out, so that what was known stays.
    if (activeCommands === undefined) return {};
    if (refused(activeCommands)) return { activeCommands };
    if (activeCommands !== null) sum = (sum ?? 0) + activeCommands;
  }
  return { activeCommands: sum };
}

function lunCommandsOf(open: readonly SessionNode[]): Fact<number> {
  const refusal = open.flatMap(({ inWork }) => inWork).find(refused);
  return refusal ?? open.reduce((sum, { inWork }) => sum + totalInWork(inWork), 0);
}

export function renderSession(facts: Facts, id: string, visitor: Visitor): Rendered {
  const { initiator, target, driver, group, firstSeenAt, lostAt, address, closes } = visitor;
  const open = [...visitor.open.values()];
  const closing = open.flatMap(({ closingSince }) => closingSince ?? []);
  const present = open.length > 0;
  return reading(scstSession, id, {
    initiator,
    target,
    driver,
    group,
    lunSet: group === null ? target : `${target}/${group}`,
    present,
    sessions: open.length,
    firstSeenAt,
    lostAt,
    regular: (lostAt ?? facts.now) - firstSeenAt >= regularAfter,
    closes,
    ...activeOf(open),
    lunCommands: lunCommandsOf(open),
    ...stalledIn(facts, visitor),
    closingSince: closing.length > 0 ? Math.min(...closing) : null,
    connections: open.reduce((sum, { connections }) => sum + connections.length, 0),
    address,
    ...(present ? countersOf(open) : {}),
  });
}
