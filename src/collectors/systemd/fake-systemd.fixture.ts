/**
 * A systemd behind a bus, for tests: it knows units, answers questions about them, announces what
 * happens, and loads and drops a unit that is asked for and not in memory, as the real one does.
 */
import type {
  BusAnswer,
  BusCall,
  BusConnection,
  BusSignal,
  BusValue,
  SystemBus,
} from '../../platform/system-bus.ts';
import {
  busName,
  managerInterface,
  managerPath,
  propertiesInterface,
  systemdName,
  unitInterface,
  unitName,
  unitPath,
} from './names.ts';

type Properties = Record<string, BusValue>;

const returned = (...body: readonly BusValue[]): BusAnswer => ({ type: 'returned', body });

/** Properties that belong to the interface of the unit's type. */
const ofType = /^(Result|NRestarts|MainPID|ExecMain|LastTrigger|NextElapse)/;

export class FakeSystemd implements SystemBus {
  readonly units = new Map<string, Properties>();
  /** Units with a file that are not in memory: a question loads and drops them. */
  readonly files = new Map<string, Properties>();
  readonly calls: string[] = [];
  manager: Properties = { SystemState: 'running', Version: '252', NFailedUnits: 0, NJobs: 0 };
  owner = ':1.1';
  subscribed = false;
  /** Why there is no bus. */
  refuses: string | undefined;
  /** Answers to these members never come. */
  readonly hangs = new Set<string>();
  #hear: ((signal: BusSignal) => void) | undefined;
  #lose: (why: string) => void = () => {};
  #usec = 1_000_000;
  #invocation = 0;

  connect(onSignal: (signal: BusSignal) => void): ReturnType<SystemBus['connect']> {
    if (this.refuses !== undefined)
      return Promise.resolve({ type: 'refused', why: this.refuses } as const);
    this.#hear = onSignal;
    const lost = new Promise<string>((resolve) => {
      this.#lose = resolve;
    });
    const gone = lost.then((why) => ({ type: 'lost', why }) as const);
    const connection: BusConnection = {
      call: (call) => Promise.race([this.#answer(call), gone]),
      addMatch: () => Promise.resolve(returned()),
      lost,
      close: () => this.#lose('closed'),
    };
    return Promise.resolve({ type: 'connected', connection } as const);
  }

  /** The bus is gone; a new connection has to subscribe again. */
  lose(why = 'the bus closed the connection'): void {
    this.#hear = undefined;
    this.subscribed = false;
    this.#lose(why);
  }

  /** A unit in memory, with the state it has had since long ago. */
  add(name: string, properties: Properties = {}): void {
    this.units.set(name, {
      LoadState: 'loaded',
      ActiveState: 'inactive',
      SubState: 'dead',
      Description: name,
      UnitFileState: 'enabled',
      Type: 'simple',
      Restart: 'no',
      Result: 'success',
      NRestarts: 0,
      NeedDaemonReload: false,
      MemoryCurrent: 2n ** 64n - 1n,
      ...this.#changed(),
      ...properties,
    });
  }

  /** The unit changes its state, without a word. */
  silently(name: string, properties: Properties): void {
    const unit = this.units.get(name);
    if (unit !== undefined) this.units.set(name, { ...unit, ...this.#changed(), ...properties });
  }

  /** The unit changes its state, and the signals that systemd sends go out: type, then unit. */
  change(name: string, properties: Properties): void {
    this.silently(name, properties);
    this.announce(name);
  }

  announce(name: string, sender = this.owner): void {
    const all = this.units.get(name) ?? {};
    const pick = (isOfType: boolean): Properties =>
      Object.fromEntries(
        Object.entries(all).filter(([property]) => ofType.test(property) === isOfType),
      );
    const type = name.endsWith('.timer') ? 'Timer' : 'Service';
    this.#changedSignal(unitPath(name), `${systemdName}.${type}`, pick(true), sender);
    this.#changedSignal(unitPath(name), unitInterface, pick(false), sender);
  }

  /** A new run begins. */
  begins(name: string, properties: Properties = {}): void {
    this.#invocation += 1;
    const bytes = Array.from({ length: 16 }, (_, i) => (i === 15 ? this.#invocation % 256 : i));
    bytes[14] = Math.floor(this.#invocation / 256);
    this.change(name, {
      ActiveState: 'active',
      SubState: 'running',
      Result: 'success',
      InvocationID: bytes,
      ExecMainCode: 0,
      ExecMainStatus: 0,
      ...properties,
    });
  }

  fails(name: string, properties: Properties = {}): void {
    this.change(name, {
      ActiveState: 'failed',
      SubState: 'failed',
      Result: 'exit-code',
      ExecMainCode: 1,
      ExecMainStatus: 1,
      ...properties,
    });
  }

  unload(name: string): void {
    this.units.delete(name);
    this.say('UnitRemoved', name, unitPath(name));
  }

  /** daemon-reload: every unit is announced as removed and new. */
  reload(during: () => void = () => {}): void {
    this.say('Reloading', true);
    for (const name of this.units.keys()) this.say('UnitRemoved', name, unitPath(name));
    during();
    for (const name of this.units.keys()) this.say('UnitNew', name, unitPath(name));
    this.say('Reloading', false);
  }

  /** daemon-reexec: another unique name, and no UnitNew. */
  reexecute(): void {
    this.say('Reloading', true);
    const before = this.owner;
    this.owner = `${before}9`;
    this.#send({
      sender: busName,
      path: '/org/freedesktop/DBus',
      interface: busName,
      member: 'NameOwnerChanged',
      body: [systemdName, before, this.owner],
    });
    for (const name of this.units.keys()) this.say('UnitRemoved', name, unitPath(name));
    this.say('Reloading', false);
  }

  /** A signal of the manager. */
  say(member: string, ...body: readonly BusValue[]): void {
    const { owner } = this;
    this.#send({ sender: owner, path: managerPath, interface: managerInterface, member, body });
  }

  #changed(): Properties {
    this.#usec += 1000;
    const at = 1_795_000_000_000_000n + BigInt(this.#usec);
    return { StateChangeTimestamp: at, StateChangeTimestampMonotonic: BigInt(this.#usec) };
  }

  #changedSignal(path: string, name: string, properties: Properties, sender: string): void {
    const body = [name, properties, []];
    this.#send({ sender, path, interface: propertiesInterface, member: 'PropertiesChanged', body });
  }

  #send(signal: BusSignal): void {
    if (this.subscribed || signal.sender === busName) this.#hear?.(signal);
  }

  async #answer({ member, path, body = [] }: BusCall): Promise<BusAnswer> {
    const name = unitName(path);
    this.calls.push([member, name ?? '', ...body].filter((part) => part !== '').join(' '));
    await Promise.resolve();
    if (this.hangs.has(member)) return new Promise(() => {});
    if (member === 'GetNameOwner') return returned(this.owner);
    if (member === 'Subscribe') this.subscribed = true;
    if (member === 'ListUnits') return returned([...this.units].map(([id, unit]) => row(id, unit)));
    if (member === 'GetUnitFileState') return this.#fileState(String(body[0]));
    if (path === managerPath && member === 'Get')
      return returned(this.manager[String(body[1])] ?? '');
    if (name === undefined) return returned();
    const unit = this.units.get(name) ?? this.#load(name);
    return returned(member === 'Get' ? (unit[String(body[1])] ?? '') : unit);
  }

  #fileState(name: string): BusAnswer {
    if (this.units.has(name) || this.files.has(name)) return returned('enabled');
    const message = 'No such file or directory';
    return { type: 'error', name: 'org.freedesktop.DBus.Error.FileNotFound', message };
  }

  /** A question about a unit that is not in memory loads it, and drops it again. */
  #load(name: string): Properties {
    this.say('UnitNew', name, unitPath(name));
    this.say('UnitRemoved', name, unitPath(name));
    return (
      this.files.get(name) ?? {
        LoadState: 'not-found',
        ActiveState: 'inactive',
        SubState: 'dead',
        StateChangeTimestampMonotonic: 0n,
      }
    );
  }
}

const row = (name: string, unit: Properties): BusValue => [
  name,
  unit.Description ?? '',
  unit.LoadState ?? '',
  unit.ActiveState ?? '',
  unit.SubState ?? '',
  '',
  unitPath(name),
  0,
  '',
  '/',
];
