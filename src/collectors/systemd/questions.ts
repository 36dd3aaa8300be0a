/** Asks systemd what the state wants to know, and gives the answers to it. */
import type { BusAnswer, BusCall, BusConnection, BusValue } from '../../platform/system-bus.ts';
import { applyBlame, applyConfirmation, applyDetail, applyFileState } from './answers.ts';
import { findBlamed } from './blame.ts';
import { type Properties, propertiesOf } from './facts.ts';
import {
  managerInterface,
  managerPath,
  propertiesInterface,
  systemdName,
  unitInterface,
  unitPath,
} from './names.ts';
import type { State, Want } from './state.ts';
import type { TimeNow } from './timers.ts';

// Details that nobody waits for are asked a few at a time, so that PID 1 always has room for
// others; each costs it about half a millisecond.
const backgroundInFlightMax = 4;
/** With more units than these to describe, the first look does not wait for all of them. */
const awaitedMax = 256;

export interface QuestionParts {
  readonly connection: BusConnection;
  readonly state: State;
  readonly time: () => TimeNow;
  /** An answer was taken in: tell what it brought. */
  readonly publish: () => void;
}

const toProperties = (
  path: string,
  member: 'Get' | 'GetAll',
  ...body: readonly string[]
): BusCall => ({
  destination: systemdName,
  path,
  interface: propertiesInterface,
  member,
  signature: 's'.repeat(body.length),
  body,
});

/** How systemd says that there is no file for a name. */
const noFile = /(FileNotFound|NoSuchUnit|InvalidArgs)$/;

export class Questions {
  readonly #parts: QuestionParts;
  readonly #awaited = new Set<Promise<void>>();
  readonly #background: Want[] = [];
  #working = 0;
  #stopped = false;
  #onIdle: (() => void)[] = [];

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  ask(wants: readonly Want[]): void {
    for (const want of wants) {
      if (!this.#isUrgent(want)) {
        this.#background.push(want);
        continue;
      }
      const answered = this.#answer(want);
      this.#awaited.add(answered);
      void answered.finally(() => this.#awaited.delete(answered));
    }
    this.#work();
  }

  /** Resolves when everything that matters has been answered. */
  async settled(): Promise<void> {
    while (this.#awaited.size > 0) await Promise.all(this.#awaited);
    const waiting = this.#working + this.#background.length;
    if (this.#stopped || waiting === 0 || waiting > awaitedMax) return;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  /** A method of systemd's manager. */
  call(member: string, ...body: readonly string[]): Promise<BusAnswer> {
    return this.#parts.connection.call({
      destination: systemdName,
      path: managerPath,
      interface: managerInterface,
      member,
      ...(body.length > 0 && { signature: 's'.repeat(body.length), body }),
    });
  }

  /** A property of systemd's manager. */
  async property(name: string): Promise<BusValue | undefined> {
    const call = toProperties(managerPath, 'Get', managerInterface, name);
    const answer = await this.#parts.connection.call(call);
    return answer.type === 'returned' ? answer.body[0] : undefined;
  }

  /** Nothing more is asked: the connection is gone. */
  stop(): void {
    this.#stopped = true;
    this.#background.length = 0;
    this.#work();
  }

  /** What is failed or unknown is asked at once; the rest of what is fine can wait. */
  #isUrgent(want: Want): boolean {
    if (want.type !== 'detail' || want.unannounced) return true;
    return this.#parts.state.units.get(want.name)?.attributes.activeState === undefined;
  }

  #work(): void {
    while (this.#working < backgroundInFlightMax) {
      const want = this.#background.shift();
      if (want === undefined) break;
      this.#working += 1;
      void this.#answer(want).finally(() => {
        this.#working -= 1;
        this.#work();
      });
    }
    if (!this.#stopped && this.#working + this.#background.length > 0) return;
    for (const idle of this.#onIdle.splice(0)) idle();
  }

  async #answer(want: Want): Promise<void> {
    const { state, publish } = this.#parts;
    if (want.type === 'detail') await this.#detail(want.name, want.unannounced);
    else if (want.type === 'confirm') await this.#confirm(want.name, want.usec);
    else if (want.type === 'file-state') await this.#fileState(want.name);
    else {
      const ask = (name: string) => this.#allOf(name, unitInterface);
      applyBlame(state, want.name, want.event, await findBlamed(state, want.name, ask));
    }
    publish();
  }

  /** An empty interface means all of them: one question, one moment. */
  async #allOf(name: string, of: string): Promise<Properties | undefined> {
    const answer = await this.#parts.connection.call(toProperties(unitPath(name), 'GetAll', of));
    return answer.type === 'returned' ? propertiesOf(answer.body[0]) : undefined;
  }

  async #detail(name: string, unannounced: boolean): Promise<void> {
    const { state, time } = this.#parts;
    const properties = await this.#allOf(name, '');
    const record = state.units.get(name);
    if (properties !== undefined) applyDetail(state, name, properties, unannounced, time());
    else if (record !== undefined) record.detail = 'none';
  }

  async #confirm(name: string, usec: number): Promise<void> {
    const call = toProperties(unitPath(name), 'Get', unitInterface, 'ActiveState');
    const answer = await this.#parts.connection.call(call);
    if (answer.type === 'lost') return;
    // No answer is no reason to keep a failure back.
    const stays = answer.type !== 'returned' || answer.body[0] === 'failed';
    if (stays) applyConfirmation(this.#parts.state, name, usec);
  }

  async #fileState(name: string): Promise<void> {
    const answer = await this.call('GetUnitFileState', name);
    const missing = answer.type === 'error' && noFile.test(answer.name);
    if (answer.type === 'returned' || missing) applyFileState(this.#parts.state, name, !missing);
  }
}
