import { StarlarkError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { formatExponent, formatFixed, formatFloat } from '../values/format-float.ts';
import { intText, repr, str } from '../values/repr.ts';
import { Tuple } from '../values/tuple.ts';
import { isInt, typeName, type Value } from '../values/value.ts';
import { floatToInt, toFloat } from './integers.ts';

/** What `format % value` says: `%s %r %d %i %o %x %X %c %e %f %g %%`, each also with a key, `%(name)s`. */
export function formatPercent(format: string, operand: Value, budget: Budget): string {
  const positional = operand instanceof Tuple ? operand.items : [operand];
  let used = 0;
  let usesKeys = false;
  const parts: string[] = [];
  const add = (text: string) => {
    budget.step(1);
    budget.text(text.length);
    parts.push(text);
  };
  let at = 0;
  for (;;) {
    const percent = format.indexOf('%', at);
    add(format.slice(at, percent < 0 ? undefined : percent));
    if (percent < 0) break;
    at = percent + 1;
    if (format[at] === '%') {
      add('%');
      at += 1;
      continue;
    }
    let argument: Value | undefined;
    if (format[at] === '(') {
      const end = format.indexOf(')', at);
      if (end < 0) throw new StarlarkError('incomplete format key');
      argument = byKey(operand, format.slice(at + 1, end), budget);
      usesKeys = true;
      at = end + 1;
    } else {
      argument = positional[used++];
      if (argument === undefined) throw new StarlarkError('not enough arguments for format string');
    }
    const verb = format[at];
    if (verb === undefined) throw new StarlarkError('incomplete format');
    at += 1;
    add(converted(verb, argument, budget));
  }
  if (used < positional.length && !usesKeys && !(operand instanceof Dict)) {
    throw new StarlarkError('too many arguments for format string');
  }
  return parts.join('');
}

function byKey(operand: Value, key: string, budget: Budget): Value {
  if (!(operand instanceof Dict)) throw new StarlarkError('format requires a mapping');
  const value = operand.get(key, budget);
  if (value === undefined) throw new StarlarkError(`key not found: ${key}`);
  return value;
}

function converted(verb: string, value: Value, budget: Budget): string {
  switch (verb) {
    case 's':
      return str(value, budget);
    case 'r':
      return repr(value, budget);
    case 'd':
    case 'i':
      return intText(intOf(verb, value), budget);
    case 'o':
      return based(intOf(verb, value), 8, budget);
    case 'x':
      return based(intOf(verb, value), 16, budget);
    case 'X':
      return based(intOf(verb, value), 16, budget).toUpperCase();
    case 'c':
      return character(value);
    case 'e':
      return formatExponent(floatOf(verb, value));
    case 'E':
      return formatExponent(floatOf(verb, value)).toUpperCase();
    case 'f':
    case 'F':
      return formatFixed(floatOf(verb, value));
    case 'g':
      return formatFloat(floatOf(verb, value));
    case 'G':
      return formatFloat(floatOf(verb, value)).toUpperCase();
    default:
      throw new StarlarkError(`unknown conversion %${verb}`);
  }
}

function based(value: number | bigint, base: number, budget: Budget): string {
  const text = value.toString(base);
  budget.step(text.length);
  return text;
}

function intOf(verb: string, value: Value): number | bigint {
  if (isInt(value)) return value;
  if (value instanceof Float) return floatToInt(value.value);
  throw new StarlarkError(`%${verb} format requires integer: cannot convert ${typeName(value)} to int`);
}

function floatOf(verb: string, value: Value): number {
  if (value instanceof Float) return value.value;
  if (isInt(value)) return toFloat(value);
  throw new StarlarkError(`%${verb} format requires float, not ${typeName(value)}`);
}

function character(value: Value): string {
  if (typeof value === 'string') {
    if ([...value.slice(0, 3)].length !== 1) throw new StarlarkError('%c format requires a single-character string');
    return value;
  }
  if (!isInt(value)) {
    throw new StarlarkError(`%c format requires int or single-character string, not ${typeName(value)}`);
  }
  if (value < 0 || value > 0x10ffff) {
    throw new StarlarkError(`%c format requires a valid Unicode code point, got ${value}`);
  }
  return String.fromCodePoint(Number(value)).toWellFormed();
}
