/** The rule files that ship, as they lie beside their collectors, and what loading them gives. */
import { collectors, kinds } from '../../src/collectors/registry.ts';
import { systemFiles } from '../../src/platform/files.ts';
import type { RuleFile } from '../../src/rules/files/files.ts';
import { type LoadedRules, loadRules } from '../../src/rules/files/load.ts';

const folder = `${import.meta.dirname}/../../src/collectors`;

/** In the order of the registry; what tocsin says of itself comes last. */
const readShipped = (): readonly RuleFile[] =>
  [...collectors.map(({ name }) => name), 'self'].map((name) => {
    const text = systemFiles.readText(`${folder}/${name}/rules.yaml`);
    if (text === undefined) throw new Error(`collector ${name} has no rules.yaml`);
    return { folder: 0, name: `${name}.yaml`, path: `src/collectors/${name}/rules.yaml`, text };
  });

/** The collector that a shipped file belongs to. */
export const shippedName = ({ name }: RuleFile): string => name.replace(/\.yaml$/, '');

export interface Shipped {
  readonly files: readonly RuleFile[];
  readonly loaded: LoadedRules;
}

export function loadShipped(): Shipped {
  const files = readShipped();
  return { files, loaded: loadRules(files, kinds) };
}
