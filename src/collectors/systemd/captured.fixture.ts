/** Reads the captured signals, for tests: scenario by scenario, as the bus delivered them. */
import { readFileSync } from 'node:fs';
import type { BusSignal, BusValue } from '../../platform/system-bus.ts';
import {
  busName,
  managerInterface,
  managerPath,
  propertiesInterface,
  systemdName,
} from './names.ts';

const file = new URL('fixtures/signals-252.jsonl', import.meta.url);

type Row = readonly [sender: string, ...rest: readonly unknown[]];

const numberBig = 2 ** 32;

/** Numbers as the bus gives them: 64-bit ones, here the times, are bigint. */
const asBus = (properties: Readonly<Record<string, BusValue>>): Record<string, BusValue> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === 'number' && (/Timestamp|USec/.test(name) || value > numberBig)
        ? BigInt(value)
        : value,
    ]),
  );

function signalOf([sender, second, ...rest]: Row): BusSignal {
  const member = String(second);
  if (member.startsWith('/') || rest.length === 2) {
    const [name, properties] = rest as [string, Record<string, BusValue>];
    return {
      sender,
      path: managerPath + (member.startsWith('/unit') ? member : ''),
      interface: propertiesInterface,
      member: 'PropertiesChanged',
      body: [`${systemdName}.${name}`, asBus(properties), []],
    };
  }
  const ofBus = member === 'NameOwnerChanged';
  const path = ofBus ? '/org/freedesktop/DBus' : managerPath;
  const body = member.startsWith('Unit') ? [rest[0], '/'] : rest;
  const from = ofBus ? busName : managerInterface;
  return { sender, path, interface: from, member, body: body as BusValue[] };
}

/** The signals of one scenario, in order. */
export function captured(scenario: string): readonly BusSignal[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const signals: BusSignal[] = [];
  let inside = false;
  for (const line of lines.slice(1)) {
    const row = JSON.parse(line) as Row | { readonly scenario: string };
    if ('scenario' in row) inside = row.scenario === scenario;
    else if (inside) signals.push(signalOf(row));
  }
  return signals;
}
