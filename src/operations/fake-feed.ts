/** The published log for tests: changes in an array, and bells that ring when a test makes one. */
import type { Change } from '../domain/alert.ts';
import type { Feed, Notice } from './house.ts';

export class FakeFeed implements Feed {
  /** Those that retention has not deleted, oldest first. */
  readonly changes: Change[] = [];
  readonly #bells = new Set<() => void>();
  readonly #takers = new Set<(notice: Notice) => void>();
  #lastSeq = 0;

  lastSeq(): number {
    return this.#lastSeq;
  }

  async oldestSeq(): Promise<number> {
    return this.changes[0]?.seq ?? 0;
  }

  async after(seq: number, limit: number): Promise<readonly Change[]> {
    const first = this.changes[0]?.seq ?? 0;
    const from = Math.max(0, seq - first + 1);
    return this.changes.slice(from, from + limit);
  }

  onRing(ring: () => void): () => void {
    this.#bells.add(ring);
    return () => this.#bells.delete(ring);
  }

  onNotice(take: (notice: Notice) => void): () => void {
    this.#takers.add(take);
    return () => this.#takers.delete(take);
  }

  /** Adds a change with the next number, and rings nobody. */
  add(changeOf: (seq: number) => Change): Change {
    this.#lastSeq += 1;
    const change = changeOf(this.#lastSeq);
    this.changes.push(change);
    return change;
  }

  ring(): void {
    for (const ring of this.#bells) ring();
  }

  tell(notice: Notice): void {
    for (const take of this.#takers) take(notice);
  }

  /** Forgets changes up to this number, as retention does. */
  forget(seq: number): void {
    const first = this.changes.findIndex((one) => one.seq > seq);
    this.changes.splice(0, first < 0 ? this.changes.length : first);
  }
}
