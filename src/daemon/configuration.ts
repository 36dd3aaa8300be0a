/** Reads settings and rules from their files: all or nothing. */
import { basename } from 'node:path';
import { loadSettings, readSettingsFiles } from '../config/load.ts';
import type { Options } from '../config/options.ts';
import type { Section } from '../config/readers.ts';
import type { Settings } from '../config/settings.ts';
import type { Kind } from '../domain/kind.ts';
import type { Complaint } from '../domain/rule.ts';
import type { Files } from '../platform/files.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import { collectRuleFiles } from '../rules/files/files.ts';
import { loadRules } from '../rules/files/load.ts';

export interface Configuration {
  readonly settings: Settings;
  readonly rules: CompiledRules;
}

export interface ConfigurationAnswer {
  /** Undefined with an error among the complaints. */
  readonly configuration: Configuration | undefined;
  readonly complaints: readonly Complaint[];
}

const unreadableFile = (file: string, error: unknown): Complaint => ({
  file,
  line: 0,
  column: 0,
  level: 'error',
  message: `cannot be read: ${(error as Error).message}`,
});

export function readConfiguration(
  files: Files,
  options: Pick<Options, 'config' | 'rulesDirs'>,
  kinds: readonly Kind[],
  sections: Section,
): ConfigurationAnswer {
  try {
    const settings = loadSettings(readSettingsFiles(files, options.config), sections);
    const rules = loadRules(collectRuleFiles(files, options.rulesDirs), kinds);
    const complaints = [...settings.complaints, ...rules.complaints];
    const whole = settings.settings !== undefined && rules.rules !== undefined;
    return {
      configuration: whole ? { settings: settings.settings, rules: rules.rules } : undefined,
      complaints,
    };
  } catch (error) {
    const path = (error as NodeJS.ErrnoException).path ?? options.config;
    return { configuration: undefined, complaints: [unreadableFile(path, error)] };
  }
}

/** What the rules would be complained of if this text stood in the last folder under this name. */
export function validateRuleText(
  files: Files,
  folders: readonly string[],
  kinds: readonly Kind[],
  given: { readonly file: string; readonly text: string },
): readonly Complaint[] {
  const folder = folders.length;
  const present = collectRuleFiles(files, folders);
  const candidate = { folder, path: given.file, name: basename(given.file), text: given.text };
  return loadRules([...present, candidate], kinds).complaints;
}
