/** Rule sets that somebody puts in force one after the other: what ships, and what a site changes. */
import { kinds } from '../../src/collectors/registry.ts';
import type { CompiledRules } from '../../src/rules/compiled.ts';
import type { RuleFile } from '../../src/rules/files/files.ts';
import { loadRules } from '../../src/rules/files/load.ts';
import { loadShipped } from '../support/shipped-rules.ts';

const dropIn = (dropInOf: string, text: string): RuleFile => ({
  folder: 1,
  name: '90-site.yaml',
  path: `/etc/tocsin/rules.d/${dropInOf}.d/90-site.yaml`,
  dropInOf,
  text,
});

const changes: readonly (readonly RuleFile[])[] = [
  [],
  [dropIn('systemd.yaml', 'rules:\n  - { id: unit-failed, for: 2m }\n')],
  [
    dropIn('systemd.yaml', 'rules:\n  - { id: unit-gave-up, enabled: false }\n'),
    dropIn('scst.yaml', 'rules:\n  - { id: scst-backing-gone, severity: warning }\n'),
  ],
  [
    dropIn(
      'systemd.yaml',
      'rules:\n  - { id: unit-failed, severity: warning, title: "{{ unit.id }} is down" }\n',
    ),
  ],
];

function load(more: readonly RuleFile[]): CompiledRules {
  const { rules, complaints } = loadRules([...loadShipped().files, ...more], kinds);
  if (rules === undefined) throw new Error(JSON.stringify(complaints));
  return rules;
}

const loaded = new Map<number, CompiledRules>();

/** How many there are; the first is what ships. */
export const ruleSetCount = changes.length;

export function ruleSet(number: number): CompiledRules {
  const rules = loaded.get(number) ?? load(changes[number] ?? []);
  loaded.set(number, rules);
  return rules;
}
