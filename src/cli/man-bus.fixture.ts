/** For tests: org.tocsin1(5), made from dbus/org.tocsin1.xml and the table of refusals. */
import { readFileSync } from 'node:fs';
import { errorNameOf } from '../dbus/errors.ts';
import { table } from '../operations/refusal-table.ts';
import type { RefusalKind } from '../operations/unknown-table.ts';
import { heading, item } from './man-roff.fixture.ts';

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

const entities: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&apos;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

const attributesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/([\w.:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/&\w+;/g, (entity) => entities[entity] ?? entity),
    ]),
  );

/** As much of XML as an introspection file has: elements and attributes, no text between them. */
export function parseXml(text: string): Element {
  const root: Element = { tag: '', attributes: {}, children: [] };
  const open = [root];
  const bare = text.replaceAll(/<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|<\?[\s\S]*?\?>/g, '');
  for (const [, close, tag = '', rest = '', alone] of bare.matchAll(
    /<(\/?)([\w.:-]+)((?:\s+[\w.:-]+="[^"]*")*)\s*(\/?)>/g,
  )) {
    if (close === '/') {
      open.pop();
      continue;
    }
    const element: Element = { tag, attributes: attributesOf(rest), children: [] };
    open.at(-1)?.children.push(element);
    if (alone !== '/') open.push(element);
  }
  if (open.length !== 1) throw new Error('an element of the XML is not closed');
  return root;
}

const childrenOf = ({ children }: Element, tag: string): readonly Element[] =>
  children.filter((child) => child.tag === tag);

function noteOf(element: Element, name: string): string {
  const found = childrenOf(element, 'annotation').find(({ attributes: a }) => a.name === name);
  return found?.attributes.value ?? '';
}

/** What an element is for. Each must say so: the page is all that most readers see. */
function docOf(element: Element): string {
  const text = noteOf(element, 'org.gtk.GDBus.DocString');
  if (text === '') throw new Error(`${element.attributes.name} has no docstring`);
  return text;
}

const signatureOf = (args: readonly Element[]): string =>
  args.map(({ attributes: { type = '', name = '' } }) => `${type} ${name}`).join(', ');

const argumentLines = (args: readonly Element[]): readonly string[] =>
  args.flatMap((arg) => ['.br', paragraph(`${arg.attributes.name}: ${docOf(arg)}`)]);

const paragraph = (text: string): string => item('', text)[2] ?? '';

function renderCall(element: Element): readonly string[] {
  const args = childrenOf(element, 'arg');
  const given = args.filter(({ attributes: { direction = 'out' } }) => direction === 'in');
  const answered = args.filter((arg) => !given.includes(arg));
  const { name = '' } = element.attributes;
  const isSignal = element.tag === 'signal';
  const head = isSignal
    ? `${name}(${signatureOf(answered)})`
    : `${name}(${signatureOf(given)})${answered.length > 0 ? ` → ${signatureOf(answered)}` : ''}`;
  return [...item(head, docOf(element)), ...argumentLines(args)];
}

const emitted: Readonly<Record<string, string>> = {
  const: 'It never changes.',
  true: 'PropertiesChanged tells each change with the value.',
  invalidates: 'PropertiesChanged tells each change without the value.',
  false: 'No signal tells a change.',
};

function renderProperty(element: Element): readonly string[] {
  const { name = '', type = '' } = element.attributes;
  const emits = noteOf(element, 'org.freedesktop.DBus.Property.EmitsChangedSignal');
  return item(`${type} ${name}`, `${docOf(element)} ${emitted[emits] ?? ''}`.trim());
}

function renderInterface(element: Element): readonly string[] {
  const part = (title: string, tag: string, render: (one: Element) => readonly string[]) => {
    const all = childrenOf(element, tag);
    return all.length === 0 ? [] : [heading(title), ...all.flatMap(render)];
  };
  const { name = '' } = element.attributes;
  const short = name.split('.').at(-1) ?? '';
  return [
    heading(name),
    paragraph(docOf(element)),
    ...part(`Methods of ${short}`, 'method', renderCall),
    ...part(`Properties of ${short}`, 'property', renderProperty),
    ...part(`Signals of ${short}`, 'signal', renderCall),
  ];
}

export function renderBus(): readonly string[] {
  const path = `${import.meta.dirname}/../../dbus/org.tocsin1.xml`;
  const [node] = parseXml(readFileSync(path, 'utf8')).children;
  if (node === undefined) throw new Error(`${path} is empty`);
  return childrenOf(node, 'interface').flatMap(renderInterface);
}

/** Every refusal has a name on the bus, made from its code. */
export function renderBusErrors(): readonly string[] {
  const rows: readonly (readonly [string, RefusalKind])[] = Object.entries(table);
  return rows.flatMap(([code, { title, help }]) =>
    item(errorNameOf(code as keyof typeof table), `${title}. ${help}`),
  );
}
