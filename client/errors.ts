/** How asking can fail: a class for each way, so that a program can tell them apart. */
import type { Problem } from './generated.ts';

/** tocsind said no. `problem` says why, and often what to do. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** Something answered that is not tocsin, such as a proxy before it. */
export class Foreign extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the answer is HTTP ${status}, and not tocsind's`);
    this.status = status;
  }
}

/** The value stands in no path: tocsind refuses a path with a percent sign, and has none such. */
export class NoSuchPath extends Error {
  readonly value: string;

  constructor(value: string) {
    super(`there is no "${value}"`);
    this.value = value;
  }
}

/** tocsind was not reached, or the way broke off; `code` is the system's, such as ECONNREFUSED. */
export class Unreachable extends Error {
  readonly code: string;
  /** The socket or the address. */
  readonly target: string;

  constructor(target: string, error: unknown) {
    super(error instanceof Error ? error.message : String(error));
    this.code = error instanceof Error && 'code' in error ? String(error.code) : '';
    this.target = target;
  }
}

/** More came than any answer of tocsin has. */
export class TooLong extends Error {}

/** There was no answer in time. */
export class Late extends Error {
  readonly target: string;

  constructor(target: string) {
    super(`${target} did not answer in time`);
    this.target = target;
  }
}
