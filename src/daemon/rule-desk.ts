/**
 * Changes of rules: checked as a whole with the change in place, written as a file, in force at
 * once. New rules stand in 90-api.yaml of the site's folder; changes of others in drop-ins.
 */
import { basename } from 'node:path';
import type { Kind } from '../domain/kind.ts';
import type { RuleSummary } from '../domain/rule.ts';
import type {
  RuleChangeAnswer,
  RuleDefinition,
  RuleDelta,
  RuleDesk,
} from '../operations/house-rules.ts';
import type { Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import type { CompiledRule, CompiledRules } from '../rules/compiled.ts';
import {
  findDefinition,
  mergeFields,
  NotEditable,
  putDefinition,
  removeDefinition,
  withoutNulls,
} from '../rules/files/edit.ts';
import { collectRuleFiles, type RuleFile } from '../rules/files/files.ts';
import { loadRules } from '../rules/files/load.ts';
import { compareRules } from './rule-delta.ts';

/** Before it the site's own files, after it what is to win over the API. */
const ownName = '90-api.yaml';

export interface RuleDeskParts {
  /** Folders of rules; the last one is the site's. */
  readonly folders: readonly string[];
  readonly kinds: readonly Kind[];
  readonly files: Files;
  readonly replaceFile: (path: string, text: string) => void;
  /** Puts the set in force; resolves when its changes are durable. */
  readonly apply: (rules: CompiledRules) => Promise<void>;
  readonly log: Log;
}

/** A file to be written, and what the change is, for the log. */
interface Edit {
  readonly path: string;
  readonly dropInOf?: string;
  readonly text: string;
  readonly id: string;
  readonly deed: string;
}

class Desk implements RuleDesk {
  readonly #parts: RuleDeskParts;
  readonly #folder: string;
  readonly #ownPath: string;
  #last: Promise<unknown> = Promise.resolve();
  /** What the files say, kept as long as they say it: to compile them takes 0.1 to 0.5 s. */
  #known: { readonly files: string; readonly rules: ReadonlyMap<string, RuleSummary> } | undefined;
  #delta: { readonly files: string; readonly items: readonly RuleDelta[] } | undefined;

  constructor(parts: RuleDeskParts) {
    this.#parts = parts;
    this.#folder = parts.folders.at(-1) ?? '';
    this.#ownPath = `${this.#folder}/${ownName}`;
  }

  add(definition: RuleDefinition, by: string): Promise<RuleChangeAnswer> {
    return this.#inTurn(() => {
      const id = String(definition.id);
      const known = this.#find(id);
      if (known !== undefined) return conflict(`rule ${id} is in ${known.file} already`);
      const text = putDefinition(this.#textOf(this.#ownPath), withoutNulls(definition));
      return this.#write({ path: this.#ownPath, text, id, deed: 'added' }, by);
    });
  }

  replace(id: string, definition: RuleDefinition, by: string): Promise<RuleChangeAnswer> {
    return this.#inTurn(() => {
      const text = this.#textOf(this.#ownPath);
      if (findDefinition(text, id) === undefined) return this.#notOurs(id);
      const put = putDefinition(text, { ...withoutNulls(definition), id });
      return this.#write({ path: this.#ownPath, text: put, id, deed: 'replaced' }, by);
    });
  }

  change(id: string, fields: RuleDefinition, by: string): Promise<RuleChangeAnswer> {
    return this.#inTurn(() => {
      const text = this.#textOf(this.#ownPath);
      const own = findDefinition(text, id);
      if (own !== undefined) {
        const put = putDefinition(text, { ...withoutNulls(mergeFields(own, fields)), id });
        return this.#write({ path: this.#ownPath, text: put, id, deed: 'changed' }, by);
      }
      const place = this.#dropInOf(id);
      if (place === undefined) return conflict(`there is no rule ${id} any more`);
      const before = findDefinition(place.text, id) ?? {};
      // null stays written: in a drop-in it takes the field of the rule away.
      const definition = { id, ...mergeFields(before, fields) };
      const put = putDefinition(place.text, { ...definition, id });
      return this.#write({ ...place, text: put, id, deed: 'changed' }, by);
    });
  }

  remove(id: string, by: string): Promise<RuleChangeAnswer> {
    return this.#inTurn(() => {
      const text = this.#textOf(this.#ownPath);
      if (findDefinition(text, id) !== undefined) {
        const put = removeDefinition(text, id);
        return this.#write({ path: this.#ownPath, text: put, id, deed: 'removed' }, by);
      }
      const place = this.#dropInOf(id);
      if (place === undefined || findDefinition(place.text, id) === undefined)
        return this.#notOurs(id);
      const put = removeDefinition(place.text, id);
      return this.#write({ ...place, text: put, id, deed: 'set back to what is shipped' }, by);
    });
  }

  delta(): readonly RuleDelta[] {
    const { kinds, folders } = this.#parts;
    const files = this.#collect();
    const text = JSON.stringify(files);
    if (this.#delta?.files === text) return this.#delta.items;
    const shipped = loadRules(
      files.filter(({ folder }) => folder === 0),
      kinds,
    );
    const first = folders[0] ?? '';
    const items = compareRules(shipped.compiled, loadRules(files, kinds).compiled, first);
    this.#delta = { files: text, items };
    return items;
  }

  #collect(): readonly RuleFile[] {
    return collectRuleFiles(this.#parts.files, this.#parts.folders);
  }

  #textOf(path: string): string {
    return this.#parts.files.readText(path) ?? '';
  }

  #find(id: string): RuleSummary | undefined {
    const files = this.#collect();
    if (this.#known?.files !== JSON.stringify(files))
      this.#know(files, loadRules(files, this.#parts.kinds).compiled);
    return this.#known?.rules.get(id);
  }

  #know(files: readonly RuleFile[], compiled: readonly CompiledRule[]): void {
    const rules = new Map(compiled.map(({ id, summary }) => [id, summary]));
    this.#known = { files: JSON.stringify(files), rules };
  }

  /** The drop-in of the rule's file that the API writes. */
  #dropInOf(id: string): { path: string; dropInOf: string; text: string } | undefined {
    const file = this.#find(id)?.file;
    if (file === undefined) return undefined;
    const dropInOf = basename(file);
    const path = `${this.#folder}/${dropInOf}.d/${ownName}`;
    return { path, dropInOf, text: this.#textOf(path) };
  }

  #notOurs(id: string): RuleChangeAnswer {
    const file = this.#find(id)?.file ?? 'no file';
    return conflict(
      `rule ${id} is written in ${file}, where the API changes nothing: change single fields of ` +
        'it with PATCH (a drop-in), or disable it with PATCH {"enabled": false}',
    );
  }

  /** One change after the other: each is checked against what the one before has written. */
  #inTurn(call: () => Promise<RuleChangeAnswer> | RuleChangeAnswer): Promise<RuleChangeAnswer> {
    const turn = this.#last.then(call).catch((error: unknown): RuleChangeAnswer => {
      if (!(error instanceof NotEditable)) throw error;
      return { type: 'unstored', why: `${ownName} of the site: ${error.message}; mend it first` };
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #write(edit: Edit, by: string): Promise<RuleChangeAnswer> {
    const { kinds, folders, replaceFile, apply, log } = this.#parts;
    const { path, text, dropInOf, id, deed } = edit;
    const candidate: RuleFile = {
      folder: folders.length - 1,
      path,
      name: basename(path),
      text,
      ...(dropInOf === undefined ? {} : { dropInOf }),
    };
    const others = this.#collect().filter((file) => file.path !== path);
    const { rules, complaints, compiled } = loadRules([...others, candidate], kinds);
    if (rules === undefined) return { type: 'wrong', complaints };
    try {
      replaceFile(path, text);
    } catch (error) {
      const { code = 'error' } = error as NodeJS.ErrnoException;
      return { type: 'unstored', why: `${path} cannot be written (${code})` };
    }
    this.#know(this.#collect(), compiled);
    await apply(rules);
    log.notice(`rule ${id} ${deed} by ${by} in ${path}`);
    const rule = rules.summaries.find((one) => one.id === id);
    return { type: 'done', rule, file: path };
  }
}

const conflict = (why: string): RuleChangeAnswer => ({ type: 'conflict', why });

export const createRuleDesk = (parts: RuleDeskParts): RuleDesk => new Desk(parts);
