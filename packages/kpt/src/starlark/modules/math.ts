import type { Arguments } from '../builtins/arguments.ts';
import { sizes } from '../limits.ts';
import { floatToInt, toFloat } from '../operators/integers.ts';
import type { BuiltinBody } from '../values/builtin.ts';
import { Float } from '../values/float.ts';
import { isInt, typeName, type Value } from '../values/value.ts';
import { library } from './module.ts';

/** `math.star`: functions on floats and ints. */
export function mathModule(): Readonly<Record<string, Value>> {
  const { E, PI } = Math;
  return library(
    'math',
    { ...integers, ...unary, ...binary, gamma: unaryFunction(gamma), log },
    { e: new Float(E), pi: new Float(PI) },
  );
}

/** These give an int. */
const integers: Readonly<Record<string, BuiltinBody>> = {
  ceil: (args) => rounded(args, Math.ceil),
  floor: (args) => rounded(args, Math.floor),
};

const unary = Object.fromEntries(
  Object.entries({
    acos: Math.acos,
    acosh: Math.acosh,
    asin: Math.asin,
    asinh: Math.asinh,
    atan: Math.atan,
    atanh: Math.atanh,
    cos: Math.cos,
    cosh: Math.cosh,
    degrees: (x: number) => (x * 180) / Math.PI,
    exp: Math.exp,
    fabs: Math.abs,
    radians: (x: number) => (x * Math.PI) / 180,
    round: (x: number) => Math.sign(x) * Math.round(Math.abs(x)),
    sin: Math.sin,
    sinh: Math.sinh,
    sqrt: Math.sqrt,
    tan: Math.tan,
    tanh: Math.tanh,
  }).map(([name, operation]) => [name, unaryFunction(operation)]),
);

const binary = Object.fromEntries(
  Object.entries({
    atan2: Math.atan2,
    copysign: (x: number, y: number) => (Object.is(Math.sign(y), -0) || y < 0 ? -Math.abs(x) : Math.abs(x)),
    hypot: Math.hypot,
    mod: (x: number, y: number) => x % y,
    pow: power,
    remainder: ieeeRemainder,
  }).map(([name, operation]) => [name, binaryFunction(operation)]),
);

function log(args: Arguments): Value {
  args.budget.allocate(sizes.float);
  const [x, base] = args.unpack('x', 'base?');
  if (base === undefined) return new Float(Math.log(numberOf(args, x)));
  const divisor = numberOf(args, base);
  if (divisor === 1) throw args.error('division by zero');
  return new Float(Math.log(numberOf(args, x)) / Math.log(divisor));
}

function unaryFunction(operation: (x: number) => number): BuiltinBody {
  return (args) => {
    args.budget.allocate(sizes.float);
    return new Float(operation(numberOf(args, args.unnamed(1, 1)[0])));
  };
}

function binaryFunction(operation: (x: number, y: number) => number): BuiltinBody {
  return (args) => {
    args.budget.allocate(sizes.float);
    const [x, y] = args.unnamed(2, 2);
    return new Float(operation(numberOf(args, x), numberOf(args, y)));
  };
}

function rounded(args: Arguments, operation: (x: number) => number): Value {
  const [x] = args.unnamed(1, 1);
  return isInt(x) ? x : floatToInt(operation(numberOf(args, x)));
}

function numberOf(args: Arguments, value: Value | undefined): number {
  if (value instanceof Float) return value.value;
  if (isInt(value)) return toFloat(value);
  throw args.error(`got ${typeName(value ?? null)}, want float or int`);
}

/** What is left of x when the nearest multiple of y is taken away. */
function ieeeRemainder(x: number, y: number): number {
  if (!Number.isFinite(y)) return Number.isFinite(x) && !Number.isNaN(y) ? x : Number.NaN;
  const rest = x % y;
  const half = Math.abs(y) / 2;
  const quotient = (x - rest) / y;
  const isOdd = Math.abs(quotient % 2) === 1;
  if (Math.abs(rest) > half || (Math.abs(rest) === half && isOdd)) return rest - Math.sign(rest) * Math.abs(y);
  return rest;
}

/** As IEEE 754 has it: 1 to any power is 1, and so is -1 to an infinite one. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

/** The gamma function, by the approximation of Lanczos (g = 7, 9 terms). */
function gamma(x: number): number {
  if (Number.isInteger(x) && x <= 0) return x === 0 ? 1 / x : Number.NaN;
  if (x === Number.NEGATIVE_INFINITY) return Number.NaN;
  // No float holds the factorial of 171.
  if (x >= 172) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  if (Number.isInteger(x)) {
    let product = 1;
    for (let factor = 2; factor < x; factor++) product *= factor;
    return product;
  }
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const sum = terms.reduce((total, term, index) => total + term / (x + index), 0.9999999999998099);
  const t = x + 6.5;
  // In two halves, for the power alone can be too large where the result is not.
  const half = t ** ((x - 0.5) / 2);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-t) * half * sum;
}
