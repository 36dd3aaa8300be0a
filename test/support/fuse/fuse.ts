/**
 * A real file system whose answers a test decides: reads and statfs of a name can hang until they
 * are let go, hang even after SIGKILL, or be refused. Needs root and /dev/fuse; that one is missing
 * is an error that says so, never a reason to skip.
 *
 * The test must not look into it itself while something hangs: it would hang too.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault, Hanging, Operation, Order, Plan, Told } from './messages.ts';

export interface FaultyFiles {
  readonly point: string;
  /** From now on; what hangs there is answered as if nothing had been. */
  become(name: string, operation: Operation, fault: Fault): void;
  /** What hangs now. */
  hanging(): readonly Hanging[];
  /** How often this was asked so far. */
  asked(name: string, operation: Operation): number;
  /** Waits until something of this name hangs; fails when nothing does. */
  held(name: string, operation: Operation): Promise<Hanging>;
  /** Ends what hangs, and unmounts. */
  end(): Promise<void>;
}

/** A look that waits for its turn begins within this. */
const patienceMs = 15_000;

class Server implements FaultyFiles {
  readonly point: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #asked: Hanging[] = [];
  #hanging: readonly Hanging[] = [];
  #waiting: (() => void)[] = [];

  constructor(plan: Plan) {
    this.point = plan.point;
    const program = join(import.meta.dirname, 'server.ts');
    this.#child = fork(program, [JSON.stringify(plan)], { stdio: 'inherit', execArgv: [] });
    this.#exited = once(this.#child, 'exit');
  }

  async mounted(): Promise<void> {
    const [told] = (await once(this.#child, 'message')) as [Told];
    if (told.type === 'refused') throw new Error(`a test file system: ${told.why}`);
    this.#child.on('message', (next: Told) => this.#take(next));
  }

  become(name: string, operation: Operation, fault: Fault): void {
    const order: Order = { name, operation, fault };
    this.#child.send(order);
  }

  hanging(): readonly Hanging[] {
    return this.#hanging;
  }

  asked(name: string, operation: Operation): number {
    return this.#asked.filter((one) => one.name === name && one.operation === operation).length;
  }

  async held(name: string, operation: Operation): Promise<Hanging> {
    const end = performance.now() + patienceMs;
    while (performance.now() < end) {
      const found = this.#hanging.find((one) => one.name === name && one.operation === operation);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        setTimeout(resolve, patienceMs).unref();
      });
    }
    throw new Error(`nobody waits for ${operation} of ${name} after ${patienceMs / 1000} s`);
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  #take(told: Told): void {
    if (told.type === 'asked') this.#asked.push(told);
    if (told.type === 'held') this.#hanging = [...this.#hanging, told];
    if (told.type === 'ended') {
      const { pid, operation } = told;
      this.#hanging = this.#hanging.filter((one) => one.pid !== pid || one.operation !== operation);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Mounts it; `names` as in the plan. */
export async function mountFaultyFiles(plan: Plan): Promise<FaultyFiles> {
  if (process.getuid?.() !== 0) throw new Error('a test file system can only be mounted by root');
  if (!existsSync('/dev/fuse'))
    throw new Error('there is no /dev/fuse here: "modprobe fuse", or a machine that has it');
  mkdirSync(plan.point, { recursive: true });
  const server = new Server(plan);
  await server.mounted();
  return server;
}
