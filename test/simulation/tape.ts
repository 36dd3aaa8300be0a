/** Records what passes through a house, and plays it: the same changes must come out. */
import { kinds } from '../../src/collectors/registry.ts';
import { renderLine } from '../../src/recording/format.ts';
import { beginRecording, recordInput } from '../../src/recording/recorder.ts';
import { diffOf, Player, Unplayable } from '../../src/recording/replay.ts';
import type { House } from './house.ts';

/** Of one recording; then it ends. */
const linesMax = 4000;

export class Tape {
  readonly #lines: string[] = [];
  readonly #house: House;
  #inputs = 0;
  #changes = 0;
  #isBegun = false;

  constructor(house: House, watchingSince: number) {
    this.#house = house;
    const { heart } = house;
    const { taps, pipeline } = heart;
    const parts = {
      judges: heart,
      kinds,
      version: 'simulation',
      watchingSince,
      rules: () => taps.rules,
      mutes: () => taps.mutes,
    };
    pipeline.takeStock((now) => {
      for (const line of beginRecording(parts, now)) this.#lines.push(renderLine(line));
      this.#isBegun = true;
      const most = this.#lines.length + linesMax;
      taps.recording = (input, at, outcome) => {
        if (this.#lines.length > most) {
          taps.recording = undefined;
          return;
        }
        this.#inputs += 1;
        this.#changes += outcome.changes.length;
        for (const line of recordInput(input, at, outcome)) this.#lines.push(renderLine(line));
      };
      return [...taps.settled];
    });
  }

  get inputs(): number {
    return this.#inputs;
  }

  /** What is wrong with it. */
  play(): readonly string[] {
    this.#house.heart.taps.recording = undefined;
    if (!this.#isBegun) return [];
    const player = new Player(kinds);
    const end = { inputs: this.#inputs, changes: this.#changes, why: '' };
    try {
      let input = '';
      for (const line of [...this.#lines, renderLine({ name: 'end', value: end })]) {
        player.take(line);
        if (line.startsWith('{"input"')) input = line.slice(0, 300);
        const { deviation } = player;
        if (deviation !== undefined)
          return [`replay deviates after ${input} in`, ...diffOf(deviation)];
      }
    } catch (error) {
      if (error instanceof Unplayable) return [error.message];
      throw error;
    }
    return [];
  }
}
