import { StarlarkError, StarlarkLimitError } from '../errors.ts';
import type { Budget } from '../limits.ts';

/** An int as values carry it: a number where that is exact, a bigint beyond. */
export type Int = number | bigint;

/** How many bits an int may have. */
const maxBits = 1 << 18;

/** A bigint as values carry ints. */
export function normalize(value: bigint): Int {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** The operators on two ints that give an int. */
export type IntOperator = '+' | '-' | '*' | '//' | '%' | '&' | '|' | '^' | '<<' | '>>';

/** @throws StarlarkError for a division by zero and for shifts that make no sense */
export function intOperation(operator: IntOperator, a: Int, b: Int, budget: Budget): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = small(operator, a, b);
    if (quick !== undefined) return quick;
  }
  return normalize(big(operator, BigInt(a), BigInt(b), budget));
}

/** The result where numbers can give it exactly. */
function small(operator: IntOperator, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return exact(a + b);
    case '-':
      return exact(a - b);
    case '*':
      return exact(a * b);
    case '//': {
      if (b === 0) throw new StarlarkError('floored division by zero');
      const rest = a % b;
      const quotient = (a - rest) / b;
      return (rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient) + 0;
    }
    case '%': {
      if (b === 0) throw new StarlarkError('integer modulo by zero');
      const rest = a % b;
      return (rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest) + 0;
    }
    case '&':
      return isInt32(a) && isInt32(b) ? a & b : undefined;
    case '|':
      return isInt32(a) && isInt32(b) ? a | b : undefined;
    case '^':
      return isInt32(a) && isInt32(b) ? a ^ b : undefined;
    default:
      return undefined;
  }
}

function exact(result: number): number | undefined {
  return Number.isSafeInteger(result) ? result + 0 : undefined;
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function big(operator: IntOperator, a: bigint, b: bigint, budget: Budget): bigint {
  switch (operator) {
    case '+':
      return accounted(a + b, budget);
    case '-':
      return accounted(a - b, budget);
    case '*': {
      const [one, other] = [bits(a), bits(b)];
      checkSize(one + other);
      budget.step((one >>> 6) * (1 + (other >>> 10)));
      return accounted(a * b, budget);
    }
    case '//': {
      if (b === 0n) throw new StarlarkError('floored division by zero');
      budget.step((bits(a) >>> 6) * (1 + (bits(b) >>> 10)));
      const quotient = a / b;
      return accounted(quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient, budget);
    }
    case '%': {
      if (b === 0n) throw new StarlarkError('integer modulo by zero');
      budget.step((bits(a) >>> 6) * (1 + (bits(b) >>> 10)));
      const rest = a % b;
      return accounted(rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest, budget);
    }
    case '&':
      return accounted(a & b, budget);
    case '|':
      return accounted(a | b, budget);
    case '^':
      return accounted(a ^ b, budget);
    case '<<':
      if (b < 0n) throw new StarlarkError(`negative shift count: ${b}`);
      if (b >= 512n) throw new StarlarkError(`shift count too large: ${b}`);
      return accounted(a << b, budget);
    default:
      if (b < 0n) throw new StarlarkError(`negative shift count: ${b}`);
      if (b > BigInt(maxBits)) return a < 0n ? -1n : 0n;
      return accounted(a >> b, budget);
  }
}

/** An estimate from above of how many bits an int has; cheap for those that fit a float. */
function bits(value: bigint): number {
  const approximation = Math.abs(Number(value));
  return Number.isFinite(approximation) ? Math.ceil(Math.log2(approximation + 2)) : value.toString(16).length * 4;
}

function checkSize(count: number): void {
  if (count > maxBits) throw new StarlarkLimitError(`an int would have more than ${maxBits} bits`);
}

function accounted(value: bigint, budget: Budget): bigint {
  const count = bits(value);
  checkSize(count);
  budget.step(count >>> 10);
  budget.allocate(16 + (count >>> 3));
  return value;
}

/** Refuses digits that would make too large an int, before they are read. */
export function checkDigits(text: string): void {
  checkSize(text.length);
}

/** @throws StarlarkError where the int is beyond the largest float */
export function toFloat(value: Int): number {
  const result = Number(value);
  if (!Number.isFinite(result)) throw new StarlarkError('int too large to convert to float');
  return result;
}

/** @throws StarlarkError for infinity and NaN */
export function floatToInt(value: number): Int {
  if (Number.isNaN(value)) throw new StarlarkError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new StarlarkError('cannot convert float infinity to integer');
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}
