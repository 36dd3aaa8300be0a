/**
 * Changes to the rule files that the API owns. What else stands in such a file, its comments and
 * its order stay as they are: somebody may have edited it by hand.
 */
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';

export type Definition = Readonly<Record<string, unknown>>;

const header =
  ' Written by the API of tocsin (tocsin rule add, set, remove). It may be edited by hand.';

/** Lines are as long as they are: folding would make each change of a text a change of many. */
const format = { lineWidth: 0 } as const;

/** The file was edited by hand into something that holds no rules. */
export class NotEditable extends Error {
  override readonly name = 'NotEditable';
}

function open(text: string): { readonly document: Document; readonly rules: YAMLSeq } {
  const document: Document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw new NotEditable(broken.message.split('\n')[0]);
  if (document.contents !== null && !isMap(document.contents))
    throw new NotEditable('it must hold a list "rules"');
  if (document.contents === null) {
    document.contents = document.createNode({ rules: [] });
    document.commentBefore = header;
  }
  let rules = isMap(document.contents) ? document.contents.get('rules') : undefined;
  if (!isSeq(rules)) {
    rules = new YAMLSeq();
    (document.contents as YAMLMap).set('rules', rules);
  }
  return { document, rules: rules as YAMLSeq };
}

const idOf = (item: unknown): unknown => {
  const id = isMap(item) ? item.get('id', true) : undefined;
  return isScalar(id) ? id.value : undefined;
};

const placeOf = (rules: YAMLSeq, id: string): number =>
  rules.items.findIndex((item) => idOf(item) === id);

/** What the file says of this rule; undefined when it does not name it. */
export function findDefinition(text: string, id: string): Definition | undefined {
  const { document, rules } = open(text);
  const item = rules.items[placeOf(rules, id)];
  return isMap(item) ? (item.toJS(document) as Definition) : undefined;
}

/** The file with this definition in place of the one before, or behind the others. */
export function putDefinition(text: string, definition: Definition): string {
  const { document, rules } = open(text);
  const place = placeOf(rules, String(definition.id));
  const node = document.createNode(definition);
  if (place < 0) rules.add(node);
  else rules.items[place] = node;
  return document.toString(format);
}

/** The file without the rule. */
export function removeDefinition(text: string, id: string): string {
  const { document, rules } = open(text);
  const place = placeOf(rules, id);
  if (place >= 0) rules.items.splice(place, 1);
  return document.toString(format);
}

const isPlain = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As drop-ins change rules: maps are merged; null stays, and takes the field away. */
export function mergeFields(base: Definition, over: Definition): Definition {
  const merged = Object.entries(over).map(([name, value]) => {
    const before = base[name];
    return [name, isPlain(before) && isPlain(value) ? mergeFields(before, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/** Without the fields that are null. */
export function withoutNulls(definition: Definition): Definition {
  return Object.fromEntries(
    Object.entries(definition)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isPlain(value) ? withoutNulls(value) : value]),
  );
}
