/** Chance from a seed: each part of the simulation has its own, so that one more draw moves no other. */
import { type Random, randomOf } from '../../src/rules/cause/collapse.fixture.ts';

export class Chance {
  readonly random: Random;

  constructor(seed: number, part = '') {
    let mixed = seed >>> 0;
    for (const letter of part) mixed = (Math.imul(mixed, 31) + letter.charCodeAt(0)) >>> 0;
    this.random = randomOf(mixed);
  }

  /** True in so many of 1. */
  is(share: number): boolean {
    return this.random() < share;
  }

  between(from: number, to: number): number {
    return from + this.random() * (to - from);
  }

  /** Short ones often, long ones now and then. */
  about(mean: number): number {
    return -Math.log(1 - this.random()) * mean;
  }

  pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.random() * all.length)];
  }

  one<T>(all: readonly [T, ...T[]]): T {
    return this.pick(all) ?? all[0];
  }
}
