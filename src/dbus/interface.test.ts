/** dbus/org.tocsin1.xml is the source of truth: the living service says the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDesk } from './door.fixture.ts';
import { actions } from './member.ts';
import { alertInterface, managerInterface, pathOfAlert, rootPath, standard } from './names.ts';

const folder = join(import.meta.dirname, '../../dbus');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

const documentation = /\s*<annotation name="org\.gtk\.GDBus\.DocString" value="[^"]*"\/>/g;

/** The elements of an interface, one a line, without documentation and the spelling of XML. */
function elementsOf(xml: string, name: string): readonly string[] {
  const text = xml.replaceAll(/<!--[\s\S]*?-->/g, '').replaceAll(documentation, '');
  const from = text.indexOf(`<interface name="${name}">`);
  assert.ok(from >= 0, `no ${name}`);
  const body = text.slice(from, text.indexOf('</interface>', from));
  return [...body.replaceAll(/><\/arg>|>\s*<\/arg>/g, '/>').matchAll(/<[^>]+>/g)].map(
    ([one]) => one,
  );
}

async function introspect(path: string): Promise<string> {
  const desk = createDesk();
  const of = path === '' ? pathOfAlert(desk.house.activeAlerts()[0]?.id ?? '') : path;
  const reply = await desk.ask(of, standard.introspectable, 'Introspect');
  assert.ok(reply.type === 'return');
  return String(reply.body[0]);
}

test('what the Manager says of itself is what the file says', async () => {
  const living = elementsOf(await introspect(rootPath), managerInterface);
  assert.deepEqual(living, elementsOf(read('org.tocsin1.xml'), managerInterface));
  assert.ok(living.length > 60, `${living.length}`);
});

test('what an alert says of itself is what the file says', async () => {
  const living = elementsOf(await introspect(''), alertInterface);
  assert.deepEqual(living, elementsOf(read('org.tocsin1.xml'), alertInterface));
});

test('every element of the file is explained', () => {
  const text = read('org.tocsin1.xml');
  const explained = text.match(/org\.gtk\.GDBus\.DocString/g)?.length ?? 0;
  const elements = text.match(/<(interface|method|property|signal|arg) /g)?.length ?? 0;
  assert.equal(explained, elements);
});

test('every object from the root down says what lies below it', async () => {
  const below = async (path: string) =>
    [...(await introspect(path)).matchAll(/ <node name="([^"]+)"\/>/g)].map(([, name]) => name);
  assert.deepEqual(await below('/'), ['org']);
  assert.deepEqual(await below('/org'), ['tocsin1']);
  assert.deepEqual(await below(rootPath), ['alert']);
  assert.equal((await below(`${rootPath}/alert`)).length, 1);
});

test('polkit knows every action, asks for a password but to read, and lets our user ask', () => {
  const policy = read('org.tocsin1.policy');
  const blocks = [...policy.matchAll(/<action id="org\.tocsin1\.(\w+)">([\s\S]*?)<\/action>/g)];
  assert.deepEqual(
    blocks.map(([, name]) => name),
    [...actions],
  );
  for (const [, name, body = ''] of blocks) {
    const answers = [...body.matchAll(/<allow_\w+>(\w+)</g)].map(([, answer]) => answer);
    const wanted = name === 'read' ? /^yes$/ : /^auth_admin(_keep)?$/;
    assert.equal(answers.length, 3);
    for (const answer of answers) assert.match(answer ?? '', wanted);
    assert.match(body, /policykit\.owner">unix-user:tocsin</);
  }
});

test('the policy of the bus opens every interface, and each with its destination', () => {
  const policy = read('org.tocsin1.conf');
  const names = [managerInterface, alertInterface, ...Object.values(standard)];
  const opened = [
    ...policy.matchAll(/<allow send_destination="org\.tocsin1" send_interface="([^"]+)"/g),
  ];
  assert.deepEqual(new Set(opened.map(([, name]) => name)), new Set(names));
  assert.equal(policy.match(/<allow send/g)?.length, names.length);
});
