/** What a member of an interface is: tables of these are the service and what it says of itself. */
import type { Role } from '../operations/house.ts';
import type { BusValue } from '../platform/system-bus.ts';
import type { Ask } from './ask.ts';

/** What polkit is asked for: `org.tocsin1.ACTION` in dbus/org.tocsin1.policy. */
export const actions = ['read', 'acknowledge', 'silence', 'report', 'reload'] as const;
export type Action = (typeof actions)[number];

/** Whom polkit allows the action, has this role; whether that is enough, the operation says. */
export const roleFor: Readonly<Record<Action, Role>> = {
  read: 'viewer',
  acknowledge: 'operator',
  silence: 'operator',
  report: 'operator',
  reload: 'admin',
};

/** Name and signature. */
export type Argument = readonly [name: string, type: string];

/** A method; `T` is what its object is: an alert's id, or nothing. */
export interface Method<T> {
  readonly name: string;
  readonly takes: readonly Argument[];
  readonly gives: readonly Argument[];
  /** Left out: it tells nothing that is not the same on every machine. */
  readonly action?: Action;
  /** The arguments have the types of `takes`. */
  run(ask: Ask, body: readonly BusValue[], target: T): Promise<readonly unknown[]>;
}

export interface Signal {
  readonly name: string;
  readonly gives: readonly Argument[];
}

/** Whether a change is announced: with the value, by the name alone, or there is none. */
export type Emits = 'true' | 'invalidates' | 'const';

export interface Property {
  readonly name: string;
  readonly type: string;
  readonly emits: Emits;
}

/** An interface as it is told: what an object has beside its code. */
export interface Interface {
  readonly name: string;
  readonly methods: readonly Omit<Method<never>, 'run'>[];
  readonly properties: readonly Property[];
  readonly signals: readonly Signal[];
}

export const signatureOf = (list: readonly Argument[]): string =>
  list.map(([, type]) => type).join('');

/** An argument whose type is `s`. */
export const textAt = (body: readonly BusValue[], index: number): string => {
  const value = body[index];
  return typeof value === 'string' ? value : '';
};
