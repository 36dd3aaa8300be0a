/** Resources of devices and ALUA groups, from what was read and what is declared. */
import { reading, unreadable } from '../../domain/reading.ts';
import { type Fact, known, refused } from './attribute.ts';
import type { DeclaredDevice } from './declared.ts';
import { declaredBefore, declaredFact, type Facts, type Rendered } from './facts.ts';
import { scstDevice, scstGroup } from './kinds-storage.ts';
import type { DeviceNode, GroupNode } from './tree.ts';

const blockPattern = /^(\d+) (\d+)$/;

/** `block` holds two numbers: how often it is blocked, and whether a block is still to come. */
function blockOf(block: Fact<string>): {
  readonly blocked: Fact<number>;
  readonly blockPending: Fact<boolean>;
} {
  if (typeof block !== 'string') return { blocked: block, blockPending: block };
  const [, blocked, pending] = blockPattern.exec(block) ?? [];
  if (blocked === undefined) {
    const why = unreadable(`not two numbers: "${block.slice(0, 40)}"`);
    return { blocked: why, blockPending: why };
  }
  return { blocked: Number(blocked), blockPending: pending !== '0' };
}

const mustBeBlock = (handler: Fact<string>): boolean => handler === 'vdisk_blockio';

/** Left out while it has not been asked for yet. */
function backingOf(
  { backing }: Facts,
  { filename, handler }: DeviceNode,
): { readonly backingPresent?: Fact<boolean> } {
  if (refused(filename)) return { backingPresent: filename };
  if (filename === null) return { backingPresent: null };
  const found = backing.get(filename);
  if (found === undefined || found === null) return {};
  if (refused(found)) return { backingPresent: found };
  return { backingPresent: mustBeBlock(handler) ? found === 'block' : found !== 'absent' };
}

/**
 * Every SCSI device of the machine shows up below devices/, its own disks and the tapes that
 * nobody exports too. Without a handler, a LUN or a declaration it is no business of SCST.
 */
export const isForeign = (node: DeviceNode, declared: DeclaredDevice | undefined): boolean =>
  node.handler === null && node.exports === 0 && declared === undefined;

const factsOfNode = (facts: Facts, node: DeviceNode) => ({
  handler: node.handler,
  type: node.type,
  active: node.active,
  exports: node.exports,
  ...blockOf(node.block),
  sizeBytes: node.sizeBytes,
  filename: node.filename,
  ...backingOf(facts, node),
  readOnly: node.readOnly,
});

const missingDevice = {
  handler: null,
  type: null,
  active: null,
  exports: null,
  blocked: null,
  blockPending: null,
  sizeBytes: null,
  filename: null,
  backingPresent: null,
  readOnly: null,
} as const;

export function renderDevice(facts: Facts, id: string, node: DeviceNode | undefined): Rendered {
  const { configuration } = facts;
  return reading(scstDevice, id, {
    present: node !== undefined,
    ...(node === undefined ? missingDevice : factsOfNode(facts, node)),
    declared: declaredFact(configuration, ({ devices }) => devices.has(id)),
    declaredHandler: declaredFact(configuration, ({ devices }) => devices.get(id)?.handler ?? null),
    declaredReadOnly: declaredFact(
      configuration,
      ({ devices }) => devices.get(id)?.readOnly ?? null,
    ),
  });
}

export function renderGroup(facts: Facts, id: string, node: GroupNode | undefined): Rendered {
  const { configuration } = facts;
  return reading(scstGroup, id, {
    present: node !== undefined,
    state: node?.state ?? null,
    preferred: node?.preferred ?? null,
    local: node?.local ?? null,
    declared: declaredFact(configuration, ({ groups }) => groups.has(id)),
    declaredState: declaredFact(configuration, ({ groups }) => groups.get(id)?.state ?? null),
  });
}

/** Devices that are resources: those of SCST that are there, and those that are declared. */
export function deviceIds({ tree, configuration }: Facts): readonly string[] {
  const declared = declaredBefore(configuration)?.devices;
  const there = [...(tree?.devices.values() ?? [])].filter(
    (node) => !isForeign(node, declared?.get(node.name)),
  );
  const ids = new Set([...there.map(({ name }) => name), ...(declared?.keys() ?? [])]);
  return [...ids];
}

export const handlerCount = (facts: Facts): number =>
  [...(facts.tree?.devices.values() ?? [])].filter(({ handler }) => known(handler) !== undefined)
    .length;
