/** For tests of the loader: a kind or two, and rule files made of text. */
import { counter, defineKind, flag, gauge, instant, word } from '../domain/kind.ts';
import { renderComplaint } from '../domain/rule.ts';
import type { RuleFile } from './files/files.ts';
import { type LoadedRules, loadRules } from './files/load.ts';

const source = 'test';

export const unitKind = defineKind('systemd.unit', {
  title: 'systemd unit',
  identity: 'UNIT',
  attributes: {
    activeState: word({ help: '', source, values: ['active', 'inactive', 'failed'] }),
    result: word({ help: '', source }),
    watched: flag({ help: '', source }),
    nRestarts: counter({ help: '', source, unit: 'restarts' }),
    stateChangeAt: instant({ help: '', source }),
    blockedBy: word({ help: '', source }),
  },
  events: {
    'run-failed': { help: '', attributes: { result: word({ help: '', source }) } },
  },
});

export const repositoryKind = defineKind('storage.repository', {
  title: 'Repository',
  identity: 'NAME',
  attributes: {
    kind: word({ help: '', source }),
    usedRatio: gauge({ help: '', source, unit: 'ratio' }),
  },
});

export const kinds = [unitKind, repositoryKind] as const;

/** A rule file in the first folder, or a drop-in of one. */
export const ruleFile = (name: string, text: string, more: Partial<RuleFile> = {}): RuleFile => ({
  folder: 0,
  path: more.dropInOf === undefined ? name : `${more.dropInOf}.d/${name}`,
  name,
  text,
  ...more,
});

export const load = (...files: readonly RuleFile[]): LoadedRules => loadRules(files, kinds);

export const complaintsOf = (...files: readonly RuleFile[]): readonly string[] =>
  load(...files).complaints.map(renderComplaint);

const goodRule: Readonly<Record<string, string>> = {
  id: 'unit-failed',
  kind: 'systemd.unit',
  when: 'unit.activeState == "failed"',
  severity: 'critical',
  source: 'system',
  title: '"{{ unit.id }} failed"',
};

/** The text of a file with one good rule in it; `changes`: other or further fields, '' none. */
export function oneRule(changes: Readonly<Record<string, string>> = {}): string {
  const fields = Object.entries({ ...goodRule, ...changes }).filter(([, value]) => value !== '');
  const lines = fields.map(([name, value]) => `    ${name}: ${value}`);
  return `rules:\n  - ${lines.join('\n').trimStart()}\n`;
}
