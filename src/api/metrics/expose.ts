/**
 * The page behind GET /metrics, made anew for each request: about tocsin, its alerts, the names
 * that others use, and every attribute of every kind.
 */
import type { Kind } from '../../domain/kind.ts';
import type { AttributeReading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import type { House } from '../../operations/house.ts';
import { borrowedSections } from './borrowed.ts';
import { type AttributeFamily, type Family, familiesOf, snakeCase } from './family.ts';
import { droppedFamily, ownSections } from './own.ts';
import { type Format, Page, renderLabel } from './page.ts';

/** Beyond, series of the later kinds are left out and counted; 5 MB of text. */
const seriesMax = 50_000;

/** About a millisecond of work. */
const sliceSeries = 1000;
/** Resources of one family that are one part: many of them have no series there. */
const partResources = 500;

export interface KindFamilies {
  readonly kind: string;
  /** Name of the label that holds the resource's id. */
  readonly label: string;
  readonly families: readonly AttributeFamily[];
}

/** Two kinds may not claim one name: the later one goes without. */
export function deriveFamilies(kinds: readonly Kind[]): readonly KindFamilies[] {
  const claimed = new Set([...ownSections, ...borrowedSections].map(({ family }) => family.name));
  return kinds.map((kind) => {
    const families = familiesOf(kind).filter(({ name }) => !claimed.has(name));
    for (const { name } of families) claimed.add(name);
    return { kind: kind.name, label: snakeCase(kind.variable), families };
  });
}

/** All that can be on the page, for the list of names that are public. */
export const allFamilies = (kinds: readonly Kind[]): readonly Family[] => [
  ...[...ownSections, ...borrowedSections].map(({ family }) => family),
  ...deriveFamilies(kinds).flatMap(({ families }) => families),
  droppedFamily,
];

/**
 * What is shown of a kind: what can be seen now. A unit that nobody asked to watch is in
 * systemd_unit_state alone: a machine has hundreds, with two dozen numbers each.
 */
const isShown = ({ staleSince, attributes }: Resource): boolean =>
  staleSince === null && attributes.watched !== false;

/** A word of the source that its kind does not name. */
const otherWord = 'other';

function addValue(
  page: Page,
  family: AttributeFamily,
  label: string | undefined,
  value: AttributeReading | undefined,
): void {
  const { form, convert, values } = family;
  if (form === 'number') {
    if (typeof value === 'number') page.add(label, convert(value));
  } else if (form === 'flag') {
    if (typeof value === 'boolean') page.add(label, value ? 1 : 0);
  } else if (typeof value === 'string') {
    const word = values?.includes(value) === true ? value : otherWord;
    page.add(label === undefined ? undefined : `${label},value="${word}"`, 1);
  }
}

/** In parts, which never mix families: what is on the page of one must stand in one piece. */
function* addKind(
  page: Page,
  house: House,
  { kind, label, families }: KindFamilies,
): Generator<undefined, void> {
  const shown = house.resources(kind).filter(isShown);
  const labels = shown.map(({ id }) => renderLabel(label, id));
  for (const family of families) {
    page.begin(family);
    for (const [i, { attributes }] of shown.entries()) {
      addValue(page, family, labels[i], attributes[family.attribute]);
      if (i % partResources === partResources - 1) yield;
    }
    yield;
  }
}

/** Writes the page, in parts between which others may work: things are as they were at its kind. */
function* write(
  page: Page,
  house: House,
  derived: readonly KindFamilies[],
): Generator<undefined, void> {
  const figures = house.figures();
  for (const { family, fill, parts } of [...ownSections, ...borrowedSections]) {
    page.begin(family);
    fill?.(page, house, figures);
    yield* parts?.(page, house) ?? [];
    yield;
  }
  for (const one of derived) yield* addKind(page, house, one);
  page.begin(droppedFamily);
  page.addAlways(page.dropped);
}

export interface Exposition {
  /** In one go. */
  render(format: Format): string;
  /** In slices: `breathe` resolves when what waited meanwhile has been done. */
  renderInSlices(format: Format, breathe: () => Promise<void>): Promise<string>;
}

/** What the names are is worked out once. */
export function createExposition(house: House, limit = seriesMax): Exposition {
  const derived = deriveFamilies(house.kinds);
  return {
    render(format) {
      const page = new Page(format, limit);
      Array.from(write(page, house, derived));
      return page.render();
    },
    async renderInSlices(format, breathe) {
      const page = new Page(format, limit);
      let told = 0;
      for (const _ of write(page, house, derived)) {
        if (page.series - told < sliceSeries) continue;
        told = page.series;
        page.settle();
        await breathe();
      }
      return page.render();
    },
  };
}
