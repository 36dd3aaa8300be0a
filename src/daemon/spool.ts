/**
 * Reports that `tocsin run` could not deliver lie in the folder `spool` of the state. Only root and
 * our own user may write there, so what lies there was reported by somebody who may.
 */
import { join } from 'node:path';
import type { House } from '../operations/house.ts';
import { runOperation } from '../operations/run.ts';
import { reportTask } from '../operations/task.ts';
import type { Log } from '../platform/log.ts';
import {
  isSpool,
  listSpool,
  makeSpool,
  readFromSpool,
  removeFromSpool,
  setAsideInSpool,
} from '../platform/spool.ts';

const caller = { role: 'operator', name: 'spool' } as const;

/** Refusals that another attempt may not meet. */
const passing: ReadonlySet<string> = new Set(['not-stored', 'not-ready', 'internal']);

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Refused as an input that is no object.
    return text;
  }
}

export class SpoolDrain {
  readonly #folder: string;
  readonly #house: House;
  readonly #log: Log;
  #running: Promise<void> | undefined;
  #said: string | null = null;

  constructor(stateDir: string, house: House, log: Log) {
    this.#folder = join(stateDir, 'spool');
    this.#house = house;
    this.#log = log;
  }

  /** Takes in what lies there. One round at a time; a fault is logged and tried again next time. */
  drain(): Promise<void> {
    this.#running ??= this.#drain()
      .then(() => this.#say(null))
      .catch((error: Error) => this.#say(error.message))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Once, and not each minute: a disk may stay as it is for days. */
  #say(why: string | null): void {
    if (why !== null && why !== this.#said)
      this.#log.warning(`reports kept in ${this.#folder}: ${why}, trying again`);
    this.#said = why;
  }

  async #drain(): Promise<void> {
    makeSpool(this.#folder);
    const names = listSpool(this.#folder);
    // What cannot be removed afterwards would be taken in again each minute.
    if (names.length > 0 && !isSpool(this.#folder)) throw new Error('the folder takes no writing');
    let taken = 0;
    for (const name of names) if (await this.#take(name)) taken += 1;
    if (taken > 0)
      this.#log.info(`${taken} reports of tasks were kept meanwhile, and are taken in`);
  }

  async #take(name: string): Promise<boolean> {
    const text = readFromSpool(this.#folder, name);
    if (text === undefined) return false;
    const answer = await runOperation(this.#house, reportTask, { json: readJson(text) }, caller);
    if (answer.type !== 'refused') {
      removeFromSpool(this.#folder, name);
      return true;
    }
    const { code, message } = answer.refusal;
    if (passing.has(code)) throw new Error(message);
    setAsideInSpool(this.#folder, name);
    this.#log.warning(`the report ${name} was refused and set aside: ${message}`);
    return false;
  }
}
