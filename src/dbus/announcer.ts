/**
 * Tells the bus what changes: signals, objects that come and go, properties. Follows the published
 * log with its own cursor, in order, so it tells only what is durable; a lost ring loses nothing.
 * While the bus takes nothing it waits, and keeps nothing but its place.
 */
import type { Change } from '../domain/alert.ts';
import type { House } from '../operations/house.ts';
import { renderAlert } from '../operations/render.ts';
import type { OutgoingSignal } from '../platform/bus/serving.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { BusVariant } from '../platform/system-bus.ts';
import { changedProperties } from './alert.ts';
import { managerProperties } from './manager-properties.ts';
import { alertInterface, managerInterface, pathOfAlert, rootPath, standard } from './names.ts';
import type { AlertObjects, ObjectStep } from './objects.ts';
import { interfacesOf } from './tree.ts';
import { wireText } from './values.ts';

/** Changes read at a time. */
const pageMax = 200;
/** Changes of the figures are told together, this long after the first of them. */
const gatherFor = 100;
/** Health changes without a change of an alert: looked at so often. */
const lookEvery = 1000;

export interface Voice {
  emit(signal: OutgoingSignal): void;
  /** Resolves when there is room for more. */
  ready(): Promise<void>;
}

export interface AnnouncerParts {
  readonly house: House;
  readonly objects: AlertObjects;
  readonly clock: Pick<Clock, 'after' | 'soon'>;
  readonly onBug: (error: unknown) => void;
}

const signal = (path: string, name: string, member: string) => ({ path, interface: name, member });

const propertiesChanged = (
  path: string,
  name: string,
  values: ReadonlyMap<string, BusVariant>,
  invalidated: readonly string[],
): OutgoingSignal => ({
  ...signal(path, standard.properties, 'PropertiesChanged'),
  signature: 'sa{sv}as',
  body: [name, values, invalidated],
});

/** The Manager's signal for a change; undefined for one that nobody is told of. */
function managerSignal({ reason, alert }: Change): OutgoingSignal | undefined {
  const from = (member: string) => signal(rootPath, managerInterface, member);
  const { id, severity, title, phase } = alert;
  if (reason === 'raised')
    return { ...from('AlertRaised'), signature: 'sss', body: [id, severity, wireText(title)] };
  if (reason === 'resolved') return { ...from('AlertResolved'), signature: 's', body: [id] };
  if (phase === 'pending' || reason === 'dropped') return undefined;
  return { ...from('AlertChanged'), signature: 'ss', body: [id, reason] };
}

/** What the step of an object says. */
function objectSignal(step: ObjectStep): OutgoingSignal | undefined {
  const path = pathOfAlert(step.alert.id);
  if (step.type === 'added') {
    const body = [path, interfacesOf(step.alert)];
    const from = signal(rootPath, standard.objectManager, 'InterfacesAdded');
    return { ...from, signature: 'oa{sa{sv}}', body };
  }
  if (step.type === 'removed') {
    const from = signal(rootPath, standard.objectManager, 'InterfacesRemoved');
    return { ...from, signature: 'oas', body: [path, [alertInterface]] };
  }
  const { values, names } = changedProperties(renderAlert(step.before), renderAlert(step.alert));
  return values.size + names.length === 0
    ? undefined
    : propertiesChanged(path, alertInterface, values, names);
}

export class Announcer {
  readonly #parts: AnnouncerParts;
  #voice: Voice | undefined;
  #isHeard = false;
  #cursor = 0;
  #isPumping = false;
  #told: ReadonlyMap<string, BusVariant> = new Map();
  #unsubscribe: () => void = () => {};
  #gathering: Timer | undefined;
  #looking: Timer | undefined;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** Objects are as the alerts are now; what changes from here on is told. */
  start(voice: Voice): void {
    const { house, objects } = this.#parts;
    this.stop();
    this.#voice = voice;
    this.#cursor = house.feed.lastSeq();
    objects.reset(house.activeAlerts());
    this.#told = managerProperties(house, objects);
    this.#unsubscribe = house.feed.onRing(() => void this.#pump());
    this.#look();
  }

  /** While our name is another's nobody listens: the objects follow, and nothing is said. */
  setHeard(isHeard: boolean): void {
    this.#isHeard = isHeard;
  }

  stop(): void {
    this.#voice = undefined;
    this.#isHeard = false;
    this.#unsubscribe();
    this.#gathering?.cancel();
    this.#gathering = undefined;
    this.#looking?.cancel();
  }

  #look(): void {
    this.#looking = this.#parts.clock.after(lookEvery, () => {
      this.#tellFigures();
      void this.#pump();
      this.#look();
    });
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      // After a page others get their turn: recent changes come from memory, at once.
      while (await this.#tellPage()) await this.#turn();
    } catch (error) {
      // The log could not be read, or a bug: the next ring or look tries again from here.
      this.#parts.onBug(error);
    } finally {
      this.#isPumping = false;
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.soon(resolve));
  }

  /** True when there may be more. */
  async #tellPage(): Promise<boolean> {
    const voice = this.#voice;
    const { feed } = this.#parts.house;
    if (voice === undefined || feed.lastSeq() <= this.#cursor) return false;
    const changes = await feed.after(this.#cursor, pageMax);
    const [first] = changes;
    if (voice === this.#voice && first !== undefined && first.seq !== this.#cursor + 1) {
      this.#beginAnew();
      return true;
    }
    for (const change of changes) {
      await voice.ready();
      if (voice !== this.#voice) return true;
      this.#cursor = change.seq;
      this.#tell(change);
    }
    this.#gatherFigures();
    return changes.length > 0;
  }

  /** Retention was faster than the bus: what changed meanwhile is told as what is so now. */
  #beginAnew(): void {
    const { house, objects } = this.#parts;
    const before = objects.list();
    this.#cursor = house.feed.lastSeq();
    objects.reset(house.activeAlerts());
    const steps: ObjectStep[] = [];
    for (const alert of before) steps.push({ type: 'removed', alert });
    for (const alert of objects.list()) steps.push({ type: 'added', alert });
    for (const step of steps) {
      const one = objectSignal(step);
      if (one !== undefined) this.#say(one);
    }
    this.#gatherFigures();
  }

  #tell(change: Change): void {
    const steps = this.#parts.objects.apply(change).map(objectSignal);
    const own = managerSignal(change);
    // An object is there before it is spoken of, and until it has been.
    const said = change.reason === 'resolved' ? [own, ...steps] : [...steps, own];
    for (const one of said) if (one !== undefined) this.#say(one);
  }

  #say(one: OutgoingSignal): void {
    if (this.#isHeard) this.#voice?.emit(one);
  }

  #gatherFigures(): void {
    this.#gathering ??= this.#parts.clock.after(gatherFor, () => {
      this.#gathering = undefined;
      this.#tellFigures();
    });
  }

  #tellFigures(): void {
    const { house, objects } = this.#parts;
    const now = managerProperties(house, objects);
    const changed = [...now].filter(([name, { value }]) => this.#told.get(name)?.value !== value);
    this.#told = now;
    if (changed.length > 0)
      this.#say(propertiesChanged(rootPath, managerInterface, new Map(changed), []));
  }
}
