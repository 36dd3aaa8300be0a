/** Found by test/fuzz: names that every JavaScript object has are no interfaces of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDesk, outcomeOf } from './door.fixture.ts';

const names = ['toString', 'valueOf', 'hasOwnProperty', 'constructor', '__proto__'];
const properties = 'org.freedesktop.DBus.Properties';

const calls = [
  ['GetAll', 's', (name: string) => [name]],
  ['Get', 'ss', (name: string) => [name, name]],
  ['Set', 'ssv', (name: string) => [name, name, 'x']],
] as const;

for (const name of names) {
  for (const [member, signature, bodyOf] of calls) {
    test(`${member} of the interface ${name} is refused as unknown, and is no mistake of ours`, async () => {
      const desk = createDesk();
      const reply = await desk.ask('/org/tocsin1', properties, member, signature, bodyOf(name));
      assert.deepEqual([outcomeOf(reply), desk.bugs], ['UnknownInterface', []]);
    });
  }
}
