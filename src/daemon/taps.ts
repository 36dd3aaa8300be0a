/** Who sees the inputs as they pass: the kept readings, and a recording while there is one. */
import type { ActiveMute } from '../domain/mute.ts';
import type { Tap } from '../recording/input.ts';
import type { CompiledRules } from '../rules/compiled.ts';

export class Taps {
  /** As they are in force. */
  rules: CompiledRules;
  mutes: readonly ActiveMute[] = [];
  /** Kinds that have been seen whole. */
  readonly settled = new Set<string>();
  kept: Tap | undefined;
  recording: Tap | undefined;

  constructor(rules: CompiledRules) {
    this.rules = rules;
  }

  readonly tap: Tap = (input, at, outcome) => {
    if (input.type === 'reload') this.rules = input.rules;
    else if (input.type === 'mutes') this.mutes = input.mutes;
    else if (input.type === 'settle') for (const kind of input.kinds) this.settled.add(kind);
    this.kept?.(input, at, outcome);
    this.recording?.(input, at, outcome);
  };
}
