import { sizes } from '../limits.ts';
import { floatToInt, toFloat } from '../operators/integers.ts';
import type { BuiltinBody } from '../values/builtin.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import { Range } from '../values/range.ts';
import { str } from '../values/repr.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import { isInt, isTrue, iterated, typeName, type Value } from '../values/value.ts';
import type { Arguments } from './arguments.ts';
import { updateDict } from './dict-methods.ts';
import { parseIntText } from './parse-int.ts';

/** The functions that are named for the types they make. */
export const constructors = {
  bool(args) {
    const [value = false] = args.unnamed(0, 1);
    return isTrue(value);
  },
  bytes(args) {
    const [value = null] = args.unnamed(1, 1);
    if (value instanceof Bytes) return value;
    if (typeof value === 'string') {
      args.budget.text(3 * value.length);
      return Bytes.encode(value);
    }
    args.budget.allocate(sizes.bytes);
    if (iterated(value) === undefined) {
      throw args.error(`got ${typeName(value)}, want string, bytes, or iterable of ints`);
    }
    return new Bytes(Uint8Array.from(args.elements('x', value).map((element, index) => byteOf(args, element, index))));
  },
  dict(args) {
    const names = new Set<string>();
    const twice = args.named.find(([name]) => names.size === names.add(name).size)?.[0];
    if (twice !== undefined) throw args.error(`duplicate keyword arg: "${twice}"`);
    args.budget.allocate(sizes.table);
    const dict = new Dict();
    updateDict(dict, args);
    return dict;
  },
  float(args) {
    const [value = 0] = args.unnamed(0, 1);
    if (value instanceof Float) return value;
    args.budget.allocate(sizes.float);
    if (typeof value === 'boolean') return new Float(Number(value));
    if (isInt(value)) return new Float(toFloat(value));
    if (typeof value === 'string') return new Float(parseFloatText(args, value));
    throw args.error(`got ${typeName(value)}, want number or string`);
  },
  int(args) {
    const [value = null, base] = args.unpack('x', 'base?');
    if (typeof value === 'string') return parseIntText(args, value, args.count('base', base, 10));
    if (base !== undefined) throw args.error("can't convert non-string with explicit base");
    if (typeof value === 'boolean') return Number(value);
    if (isInt(value)) return value;
    if (value instanceof Float) return floatToInt(value.value);
    throw args.error(`cannot convert ${typeName(value)} to int`);
  },
  list: (args) => new List(optionalElements(args)),
  range(args) {
    const [first, second, third] = args.unnamed(1, 3);
    const [start, stop] =
      second === undefined
        ? [0, bound(args, 'stop', first)]
        : [bound(args, 'start', first), bound(args, 'stop', second)];
    const step = third === undefined ? 1 : bound(args, 'step', third);
    if (step === 0) throw args.error('step argument must not be zero');
    args.budget.allocate(64);
    return new Range(start, stop, step);
  },
  set: (args) => StarlarkSet.of(optionalElements(args), args.budget),
  str(args) {
    const [value = ''] = args.unnamed(0, 1);
    if (!(value instanceof Bytes)) return str(value, args.budget);
    args.budget.text(value.length);
    return value.decode();
  },
  tuple(args) {
    const [value] = args.unnamed(0, 1);
    return value instanceof Tuple ? value : new Tuple(optionalElements(args));
  },
} satisfies Readonly<Record<string, BuiltinBody>>;

function optionalElements(args: Arguments): Value[] {
  const [value] = args.unnamed(0, 1);
  return value === undefined ? [] : args.elements('x', value);
}

function byteOf(args: Arguments, value: Value, index: number): number {
  if (!isInt(value)) throw args.error(`at index ${index}, got ${typeName(value)}, want int`);
  if (value < 0 || value > 255) {
    throw args.error(`at index ${index}, ${value} out of range (want value in unsigned 8-bit range)`);
  }
  return Number(value);
}

function bound(args: Arguments, parameter: string, value: Value | undefined): number {
  const int = args.int(parameter, value);
  if (!Number.isSafeInteger(Number(int))) throw args.error(`${int} out of range (want value of at most 53 bits)`);
  return Number(int);
}

function parseFloatText(args: Arguments, text: string): number {
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  args.budget.step(text.length);
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text))
    throw args.error(`invalid float literal: ${text.slice(0, 100)}`);
  const value = Number(text);
  if (!Number.isFinite(value)) throw args.error(`floating-point number too large: ${text.slice(0, 100)}`);
  return value;
}
