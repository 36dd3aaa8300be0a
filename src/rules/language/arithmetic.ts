/** Numbers, words, instants and durations put together; and what stands for itself. */
import type { Value } from '../../domain/reading.ts';
import { both, type Compiled, type ExpressionType, one } from './evaluation.ts';
import { Refusal } from './names.ts';

type Slope = Compiled['slope'];

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Division by zero, and what else is no number, is known not to apply. */
const calculations: Readonly<Record<string, (a: number, b: number) => number | null>> = {
  '+': (a, b) => finite(a + b),
  '-': (a, b) => finite(a - b),
  '*': (a, b) => finite(a * b),
  '/': (a, b) => finite(a / b),
  '%': (a, b) => finite(a % b),
};

/** Only sums of times grow evenly; all else that depends on time is looked at now and then. */
function slopeOf(op: string, a: Slope, b: Slope): Slope {
  if (a === 0 && b === 0) return 0;
  if (a === 'unclear' || b === 'unclear') return 'unclear';
  return op === '+' ? a + b : op === '-' ? a - b : 'unclear';
}

function typeOf(op: string, left: Compiled, right: Compiled): ExpressionType {
  const instants = [left.type, right.type].filter((type) => type === 'instant').length;
  if (instants > 0) return instants === 2 ? 'duration' : 'instant';
  if (left.type !== 'duration') return left.type;
  return op === '/' && right.type === 'duration' ? 'number' : 'duration';
}

const constantly = (type: ExpressionType, constant: Value): Compiled => ({
  type,
  run: () => constant,
  slope: 0,
  constant,
});

/** The checker has made sure that the two go together. */
export function calculate(op: string, left: Compiled, right: Compiled, offset: number): Compiled {
  const type = typeOf(op, left, right);
  if (type === 'word') {
    const run = both<string, string>(left.run, right.run, (a, b) => a + b);
    return { type, run, slope: 0 };
  }
  const calculation = calculations[op];
  if (calculation === undefined) throw new Refusal(`"${op}" is not known here`, offset);
  if (typeof left.constant === 'number' && typeof right.constant === 'number') {
    const constant = calculation(left.constant, right.constant);
    if (constant === null) throw new Refusal('this is no number (divided by zero?)', offset);
    return constantly(type, constant);
  }
  const run = both<number, number>(left.run, right.run, calculation);
  return { type, run, slope: slopeOf(op, left.slope, right.slope) };
}

export function negate({ type, run, slope, constant }: Compiled): Compiled {
  if (typeof constant === 'number') return constantly(type, -constant);
  const falling = slope === 'unclear' ? slope : -slope;
  return { type, run: one<number>(run, (a) => -a), slope: falling };
}

export function compileLiteral(value: unknown, offset: number): Compiled {
  if (typeof value === 'boolean') return constantly('flag', value);
  if (typeof value === 'string') return constantly('word', value);
  if (typeof value === 'number') return constantly('number', value);
  throw new Refusal('write plain numbers, texts, true or false', offset);
}
