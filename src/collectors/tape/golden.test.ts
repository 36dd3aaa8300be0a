/** Every captured state gives a golden list of resources: `npm run accept` rewrites it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AttributeReading } from '../../domain/reading.ts';
import { build, capture } from './house.fixture.ts';
import { tapeChanger, tapeDrive } from './kinds.ts';

const golden = join(import.meta.dirname, 'fixtures', 'resources.golden');
const states = readdirSync(join(import.meta.dirname, 'fixtures'))
  .filter((name) => name.endsWith('.txt') && name !== 'commands.txt')
  .map((name) => name.slice(0, -4))
  .sort(new Intl.Collator('en', { numeric: true }).compare);

const drawValue = (value: AttributeReading): string =>
  typeof value === 'object' && value !== null ? `!${value.unreadable}` : String(value);

/** States that are drawn as differences from another one. */
const bases: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    states.filter((name) => /^([2-7]|1\d)-/.test(name)).map((name) => [name, '1-mhvtl-up']),
  ),
  'sd-1-removed': 'sd-0-scsi_debug-tape',
  'sd-2-rescanned': 'sd-0-scsi_debug-tape',
};

async function readState(name: string): Promise<readonly string[]> {
  const house = build(capture(name));
  const reading = await house.look();
  if (reading.type === 'absent') return [`absent: ${reading.why}`];
  return [...house.known].flatMap(([key, attributes]) =>
    // What does not apply is left away.
    Object.entries(attributes)
      .filter(([, value]) => value !== null)
      .map(([attribute, value]) => `${key} ${attribute} ${drawValue(value)}`),
  );
}

async function drawState(name: string): Promise<string> {
  const lines = await readState(name);
  const base = bases[name];
  if (base === undefined) return `== ${name}\n${lines.join('\n')}\n`;
  const before = await readState(base);
  const fewer = before.filter((line) => !lines.includes(line)).map((line) => `- ${line}\n`);
  const more = lines.filter((line) => !before.includes(line)).map((line) => `+ ${line}\n`);
  return `== ${name}, beside ${base}\n${fewer.join('')}${more.join('')}`;
}

test('every captured state gives the resources that were reviewed', async () => {
  assert.equal(states.length, 14);
  const drawn = (await Promise.all(states.map(drawState))).join('\n');
  if (process.env.ACCEPT === '1') writeFileSync(golden, drawn);
  assert.equal(drawn, readFileSync(golden, 'utf8'));
});

test('every attribute that is read is declared, and with the type of its kind', async () => {
  const types = { flag: 'boolean', word: 'string' } as const;
  for (const state of states) {
    const house = build(capture(state));
    await house.look();
    for (const [key, attributes] of house.known) {
      const kind = key.startsWith(tapeDrive.name) ? tapeDrive : tapeChanger;
      const declared = kind.attributes as Readonly<Record<string, { readonly type: string }>>;
      for (const [name, value] of Object.entries(attributes)) {
        const type = declared[name]?.type;
        assert.ok(type !== undefined, `${key}: ${name} is not declared`);
        const wanted = type === 'flag' || type === 'word' ? types[type] : 'number';
        if (value !== null && typeof value !== 'object')
          assert.equal(typeof value, wanted, `${key}: ${name}`);
      }
    }
  }
});
