/** A scripted systemd on a private bus: units as plain properties, changes as true signals. */
import { errorTo, type Peer, replyTo, startPeer, Variant } from './bus.ts';

const manager = '/org/freedesktop/systemd1';
const unitInterface = 'org.freedesktop.systemd1.Unit';
const serviceInterface = 'org.freedesktop.systemd1.Service';
const managerInterface = 'org.freedesktop.systemd1.Manager';

export interface FakeUnit {
  active: string;
  sub: string;
  result: string;
  restart: string;
  nRestarts: number;
  invocation: number;
  changedAt: number;
  /** Units that it needs, and those that start before it. */
  requires: readonly string[];
  after: readonly string[];
}

/** systemd's escaping of a unit name in an object path. */
const pathOf = (name: string): string =>
  `${manager}/unit/${name.replaceAll(/[^A-Za-z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}`;

const invocationBytes = (n: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(n, 12);
  bytes[0] = 1;
  return bytes;
};

export class FakeSystemd {
  readonly #peer: Peer;
  readonly #units = new Map<string, FakeUnit>();
  readonly #paths = new Map<string, string>();
  subscribed = 0;

  /** Has loaded the units, some in another state than running, before anybody can ask. */
  static async start(
    address: string,
    names: readonly string[],
    states: Readonly<Record<string, Partial<FakeUnit>>> = {},
  ): Promise<FakeSystemd> {
    const fake = new FakeSystemd(await startPeer(address));
    for (const name of names) fake.load(name, states[name]);
    fake.#serve();
    await fake.#peer.own('org.freedesktop.systemd1');
    return fake;
  }

  private constructor(peer: Peer) {
    this.#peer = peer;
  }

  load(name: string, more: Partial<FakeUnit> = {}): void {
    this.#paths.set(pathOf(name), name);
    this.#units.set(name, {
      active: 'active',
      sub: 'running',
      result: 'success',
      restart: 'no',
      nRestarts: 0,
      invocation: 1,
      changedAt: Date.now(),
      requires: [],
      after: [],
      ...more,
    });
  }

  /** Changes a unit and announces it, as systemd does: the service's properties, then the unit's. */
  set(name: string, change: Partial<FakeUnit>): FakeUnit {
    const unit = this.quietly(name, change);
    this.#changed(name, serviceInterface, this.#service(unit));
    this.#changed(name, unitInterface, this.#unit(name, unit));
    return unit;
  }

  /** Changes a unit and says nothing. */
  quietly(name: string, change: Partial<FakeUnit>): FakeUnit {
    const unit = this.#units.get(name);
    if (unit === undefined) throw new Error(`no unit ${name}`);
    return Object.assign(unit, { changedAt: Date.now() }, change);
  }

  fail(name: string): FakeUnit {
    return this.set(name, { active: 'failed', sub: 'failed', result: 'exit-code' });
  }

  recover(name: string): FakeUnit {
    const invocation = (this.#units.get(name)?.invocation ?? 0) + 1;
    return this.set(name, { active: 'active', sub: 'running', result: 'success', invocation });
  }

  close(): void {
    this.#peer.close();
  }

  #changed(name: string, of: string, values: Record<string, unknown>): void {
    this.#peer.send({
      path: pathOf(name),
      interface: 'org.freedesktop.DBus.Properties',
      member: 'PropertiesChanged',
      signature: 'sa{sv}as',
      body: [of, values, []],
    });
  }

  #unit(name: string, unit: FakeUnit): Record<string, unknown> {
    const usec = BigInt(Math.round(unit.changedAt * 1000));
    return {
      Id: new Variant('s', name),
      Description: new Variant('s', `The unit ${name}`),
      LoadState: new Variant('s', 'loaded'),
      ActiveState: new Variant('s', unit.active),
      SubState: new Variant('s', unit.sub),
      UnitFileState: new Variant('s', 'enabled'),
      StateChangeTimestamp: new Variant('t', usec),
      InvocationID: new Variant('ay', invocationBytes(unit.invocation)),
      NeedDaemonReload: new Variant('b', false),
      Requires: new Variant('as', unit.requires),
      After: new Variant('as', unit.after),
    };
  }

  #service(unit: FakeUnit): Record<string, unknown> {
    return {
      Type: new Variant('s', 'simple'),
      Restart: new Variant('s', unit.restart),
      Result: new Variant('s', unit.result),
      NRestarts: new Variant('u', unit.nRestarts),
      MainPID: new Variant('u', 0),
      ExecMainCode: new Variant('i', unit.active === 'failed' ? 1 : 0),
      ExecMainStatus: new Variant('i', unit.active === 'failed' ? 1 : 0),
    };
  }

  #serve(): void {
    this.#peer.onCall((call) => {
      if (call.member === 'Subscribe') {
        this.subscribed += 1;
        return replyTo(call);
      }
      if (call.member === 'ListUnits') return replyTo(call, 'a(ssssssouso)', [this.#rows()]);
      if (call.member === 'Get' && call.path === manager)
        return replyTo(call, 'v', [this.#managerProperty(String(call.body[1]))]);
      const name = this.#paths.get(call.path);
      const unit = name === undefined ? undefined : this.#units.get(name);
      if (name === undefined || unit === undefined)
        return errorTo(call, 'org.freedesktop.systemd1.NoSuchUnit', 'no such unit');
      const all = { ...this.#unit(name, unit), ...this.#service(unit) };
      if (call.member === 'GetAll') return replyTo(call, 'a{sv}', [all]);
      if (call.member === 'Get') return replyTo(call, 'v', [all[String(call.body[1])]]);
      return errorTo(call, 'org.freedesktop.DBus.Error.UnknownMethod', call.member);
    });
  }

  #managerProperty(name: string): unknown {
    const failed = [...this.#units.values()].filter(({ active }) => active === 'failed').length;
    const values: Record<string, unknown> = {
      SystemState: new Variant('s', 'running'),
      Version: new Variant('s', '252'),
      NFailedUnits: new Variant('u', failed),
      NJobs: new Variant('u', 0),
    };
    return values[name] ?? new Variant('s', managerInterface);
  }

  #rows(): unknown[] {
    return [...this.#units].map(([name, unit]) => [
      name,
      `The unit ${name}`,
      'loaded',
      unit.active,
      unit.sub,
      '',
      pathOf(name),
      0,
      '',
      '/',
    ]);
  }
}
