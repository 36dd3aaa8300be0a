/** The objects of the service by their paths, and what each of them can do. */
import type { Alert } from '../domain/alert.ts';
import { listAlerts } from '../operations/alert-list.ts';
import type { House } from '../operations/house.ts';
import { renderAlert } from '../operations/render.ts';
import type { BusValue, BusVariant } from '../platform/system-bus.ts';
import { alertMethods, alertProperties, alertSpec } from './alert.ts';
import { type Ask, outputOf, textInput } from './ask.ts';
import { renderNode } from './introspect.ts';
import { managerMethods, managerSpec } from './manager.ts';
import { managerProperties } from './manager-properties.ts';
import { type Action, type Interface, type Method, textAt } from './member.ts';
import { alertInterface, alertsPath, managerInterface, pathOfAlert, rootPath } from './names.ts';
import type { AlertObjects } from './objects.ts';
import { introspectableSpec, objectManagerSpec, peerSpec, propertiesSpec } from './standard.ts';
import { StandardRefusal } from './standard-refusal.ts';

export interface TreeParts {
  readonly house: House;
  readonly objects: AlertObjects;
  /** Of /etc/machine-id; undefined where there is none. */
  readonly machineId: () => string | undefined;
}

type Properties = ReadonlyMap<string, BusVariant>;

/** An object: what it can do, what it is, and what lies below it. */
export interface Node {
  readonly specs: readonly Interface[];
  readonly children: readonly string[];
  /** What who is told the children needs: alerts have names too. Left out: it is no secret. */
  readonly childrenAction?: Action;
  /** Of interfaces that have some. */
  readonly properties: Readonly<Record<string, () => Properties>>;
  readonly alert: Alert | null;
}

/** A method of a node, ready to be called. */
export interface Member {
  readonly spec: Interface['methods'][number];
  readonly action: Action | undefined;
  run(ask: Ask, body: readonly BusValue[]): Promise<readonly unknown[]>;
}

const everywhere: readonly Interface[] = [peerSpec, introspectableSpec, propertiesSpec];

/** Properties and objects are no operation: who may list alerts may read them. */
const mustRead = (ask: Ask): Promise<unknown> =>
  outputOf(ask, listAlerts, textInput({ limit: '1' }));

function propertiesOf(node: Node, name: string): Properties {
  // Names come from outside: `toString` is a property of every object, and no interface.
  const found = Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
  if (found !== undefined) return found();
  if (name === '') return new Map(Object.values(node.properties).flatMap((one) => [...one()]));
  if (node.specs.some((one) => one.name === name)) return new Map();
  throw new StandardRefusal('interface', `the object has no interface ${name}`);
}

function propertyOf(node: Node, name: string, property: string): BusVariant {
  const found = propertiesOf(node, name).get(property);
  if (found !== undefined) return found;
  throw new StandardRefusal('property', `${name} has no property ${property}`);
}

/** Methods of the specification's interfaces, for any node. */
function standardMethods({ machineId, objects }: TreeParts): readonly Method<Node>[] {
  const read = 'read' as const;
  return [
    { ...specOf(peerSpec, 'Ping'), run: async () => [] },
    {
      ...specOf(peerSpec, 'GetMachineId'),
      async run() {
        const id = machineId();
        if (id !== undefined) return [id];
        throw new StandardRefusal('method', 'this machine has no /etc/machine-id');
      },
    },
    {
      ...specOf(introspectableSpec, 'Introspect'),
      async run(ask, _body, node) {
        if (node.childrenAction !== undefined) await mustRead(ask);
        return [renderNode(node.specs, node.children)];
      },
    },
    {
      ...specOf(propertiesSpec, 'Get'),
      action: read,
      async run(ask, body, node) {
        await mustRead(ask);
        return [propertyOf(node, textAt(body, 0), textAt(body, 1))];
      },
    },
    {
      ...specOf(propertiesSpec, 'GetAll'),
      action: read,
      async run(ask, body, node) {
        await mustRead(ask);
        return [propertiesOf(node, textAt(body, 0))];
      },
    },
    {
      ...specOf(propertiesSpec, 'Set'),
      async run(_ask, body, node) {
        const [name, property] = [textAt(body, 0), textAt(body, 1)];
        propertyOf(node, name, property);
        throw new StandardRefusal('readOnly', `${property} cannot be set`);
      },
    },
    {
      ...specOf(objectManagerSpec, 'GetManagedObjects'),
      action: read,
      async run(ask) {
        await mustRead(ask);
        return [new Map(objects.list().map((one) => [pathOfAlert(one.id), interfacesOf(one)]))];
      },
    },
  ];
}

function specOf(spec: Interface, name: string): Interface['methods'][number] {
  const found = spec.methods.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${spec.name} declares no ${name}`);
  return found;
}

/** What ObjectManager says of an alert. */
export const interfacesOf = (alert: Alert): ReadonlyMap<string, Properties> =>
  new Map([[alertInterface, alertProperties(renderAlert(alert))]]);

export class Tree {
  readonly #parts: TreeParts;
  readonly #standard: readonly Method<Node>[];

  constructor(parts: TreeParts) {
    this.#parts = parts;
    this.#standard = standardMethods(parts);
  }

  find(path: string): Node | undefined {
    const { house, objects } = this.#parts;
    const folder = (...children: readonly string[]): Node => ({
      specs: everywhere,
      children,
      properties: {},
      alert: null,
    });
    if (path === '/') return folder('org');
    if (path === '/org') return folder('tocsin1');
    if (path === rootPath)
      return {
        ...folder('alert'),
        specs: [...everywhere, objectManagerSpec, managerSpec],
        properties: { [managerInterface]: () => managerProperties(house, objects) },
      };
    if (path === alertsPath) {
      const names = objects.list().map(({ id }) => pathOfAlert(id).slice(alertsPath.length + 1));
      return { ...folder(...names), childrenAction: 'read' };
    }
    const alert = objects.find(path);
    if (alert === undefined) return undefined;
    return {
      ...folder(),
      specs: [...everywhere, alertSpec],
      properties: { [alertInterface]: () => alertProperties(renderAlert(alert)) },
      alert,
    };
  }

  /** The method; `name` empty: of whichever interface has it. */
  member(node: Node, name: string, member: string): Member {
    const specs = node.specs.filter((one) => name === '' || one.name === name);
    if (specs.length === 0)
      throw new StandardRefusal('interface', `the object has no interface ${name}`);
    for (const spec of specs) {
      const found = spec.methods.find((one) => one.name === member);
      if (found !== undefined) return this.#bind(node, spec, found);
    }
    throw new StandardRefusal('method', `${name || 'the object'} has no method ${member}`);
  }

  #bind(node: Node, spec: Interface, method: Interface['methods'][number]): Member {
    const named = <T>(list: readonly Method<T>[]): Method<T> | undefined =>
      list.find(({ name }) => name === method.name);
    const bound = <T>(found: Method<T>, target: T): Member => ({
      spec: method,
      action: spec === introspectableSpec ? node.childrenAction : found.action,
      run: (ask, body) => found.run(ask, body, target),
    });
    const { alert } = node;
    const ofAlert = spec.name === alertInterface ? named(alertMethods) : undefined;
    if (ofAlert !== undefined && alert !== null) return bound(ofAlert, alert.id);
    const ofManager = spec.name === managerInterface ? named(managerMethods) : undefined;
    if (ofManager !== undefined) return bound(ofManager, null);
    const found = named(this.#standard);
    if (found === undefined) throw new Error(`${spec.name}.${method.name} has no code`);
    return bound(found, node);
  }
}
