/** Takes in the signals of systemd and of the bus, and only theirs. */
import type { BusSignal } from '../../platform/system-bus.ts';
import { refresh } from './answers.ts';
import { numberOf, propertiesOf, textOf } from './facts.ts';
import { tellManager } from './manager.ts';
import { busName, managerInterface, managerPath, propertiesInterface } from './names.ts';
import { applyJobRemoved, applyNew, applyReloading, applyRemoved, applySignal } from './signals.ts';
import type { State } from './state.ts';
import type { TimeNow } from './timers.ts';

export interface EarParts {
  readonly state: State;
  readonly bootId: string;
  readonly time: () => TimeNow;
  /** Unique name of systemd on the bus; empty while it has none. */
  readonly owner: () => string;
  readonly publish: () => void;
  readonly onOwner: (name: string) => void;
  readonly onReloading: (reloading: boolean) => void;
}

export interface Ear {
  hear(signal: BusSignal): void;
}

export function createEar(parts: EarParts): Ear {
  const { state, bootId, time, owner, publish } = parts;

  const heard = (signal: BusSignal): void => {
    const [first, , third, fourth] = signal.body;
    switch (signal.member) {
      case 'UnitNew':
        applyNew(state, textOf(first) ?? '');
        break;
      case 'UnitRemoved':
        applyRemoved(state, textOf(first) ?? '');
        break;
      case 'JobRemoved':
        applyJobRemoved(
          state,
          { id: numberOf(first) ?? 0, unit: textOf(third) ?? '', result: textOf(fourth) ?? '' },
          bootId,
          time(),
        );
        break;
      case 'UnitFilesChanged':
        // What is enabled may have changed, and no property says so.
        refresh(state, 'declared');
        break;
      case 'Reloading':
        applyReloading(state, first === true);
        parts.onReloading(first === true);
        break;
      default: // JobNew, StartupFinished: what follows from them is signalled itself.
    }
  };

  const changed = (signal: BusSignal): void => {
    const properties = propertiesOf(signal.body[1]);
    if (signal.path !== managerPath) {
      applySignal(
        state,
        { path: signal.path, interface: textOf(signal.body[0]) ?? '', properties },
        time(),
      );
      return;
    }
    // While all units are loaded anew, their number of failures is counted anew too.
    if (!state.reloading) tellManager(state, properties);
  };

  return {
    hear: (signal) => {
      if (signal.member === 'NameOwnerChanged' && signal.interface === busName) {
        if (signal.sender === busName) parts.onOwner(textOf(signal.body[2]) ?? '');
        return;
      }
      if (signal.sender !== owner() || owner() === '') return;
      if (signal.interface === propertiesInterface) changed(signal);
      else if (signal.interface === managerInterface) heard(signal);
      else return;
      publish();
    },
  };
}
