/**
 * Memory that a start has used up and left: loading the code, and compiling 150 rules from YAML,
 * grow the heap beyond what stays, and V8 keeps those pages. One collection that gives them back
 * holds its thread for 70 to 200 ms, so it is for the moment before anybody was promised an answer.
 * Measured: 113 -> 102 to 105 MB resident (docs/BENCHMARKS.md).
 */

/** Does nothing without `--expose-gc`, which /usr/sbin/tocsind has. */
export function returnUnusedMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
