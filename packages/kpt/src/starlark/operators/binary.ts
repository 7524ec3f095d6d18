import { StarlarkError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import { isInt, typeName, type Value } from '../values/value.ts';
import { type FloatOperator, floatOperation } from './floats.ts';
import { type IntOperator, intOperation, toFloat } from './integers.ts';
import { formatPercent } from './percent-format.ts';
import { repeat } from './repeat.ts';
import { difference, intersection, symmetricDifference, union } from './set-algebra.ts';

/** The operators that make a value of two. */
export type BinaryOperator = IntOperator | FloatOperator;

/** @throws StarlarkError where the operator does not apply to these types */
export function binary(operator: BinaryOperator, a: Value, b: Value, budget: Budget): Value {
  const result = numeric(operator, a, b, budget) ?? sequence(operator, a, b, budget) ?? custom(operator, a, b);
  if (result === undefined) {
    throw new StarlarkError(`unknown binary op: ${typeName(a)} ${operator} ${typeName(b)}`);
  }
  return result;
}

function numeric(operator: BinaryOperator, a: Value, b: Value, budget: Budget): Value | undefined {
  const isFloat = a instanceof Float || b instanceof Float;
  if (!isFloat && !(isInt(a) && isInt(b))) return undefined;
  if (isFloat || operator === '/') {
    if (!isFloatOperator(operator)) return undefined;
    const [one, other] = [floatOf(a), floatOf(b)];
    if (one === undefined || other === undefined) return undefined;
    budget.allocate(sizes.float);
    return new Float(floatOperation(operator, one, other));
  }
  return isInt(a) && isInt(b) ? intOperation(operator, a, b, budget) : undefined;
}

function isFloatOperator(operator: BinaryOperator): operator is FloatOperator {
  return '+-*/%'.includes(operator) || operator === '//';
}

function floatOf(value: Value): number | undefined {
  if (value instanceof Float) return value.value;
  return isInt(value) ? toFloat(value) : undefined;
}

function sequence(operator: BinaryOperator, a: Value, b: Value, budget: Budget): Value | undefined {
  switch (operator) {
    case '+':
      return concatenated(a, b, budget);
    case '*':
      return repeat(a, b, budget);
    case '%':
      return typeof a === 'string' ? formatPercent(a, b, budget) : undefined;
    case '|':
      if (a instanceof Dict && b instanceof Dict) return merged(a, b, budget);
      return bothSets(a, b, (one, other) => union(one, [other.iterate()], budget));
    case '&':
      return bothSets(a, b, (one, other) => intersection(one, [other.iterate()], budget));
    case '^':
      return bothSets(a, b, (one, other) => symmetricDifference(one, other.iterate(), budget));
    case '-':
      return bothSets(a, b, (one, other) => difference(one, [other.iterate()], budget));
    default:
      return undefined;
  }
}

function concatenated(a: Value, b: Value, budget: Budget): Value | undefined {
  if (typeof a === 'string' && typeof b === 'string') {
    budget.text(a.length + b.length);
    return a + b;
  }
  if (a instanceof List && b instanceof List) {
    budget.elements(a.items.length + b.items.length);
    return new List(a.items.concat(b.items));
  }
  if (a instanceof Tuple && b instanceof Tuple) {
    budget.elements(a.items.length + b.items.length);
    return new Tuple(a.items.concat(b.items));
  }
  if (a instanceof Bytes && b instanceof Bytes) {
    budget.text(a.length + b.length);
    return new Bytes(Buffer.concat([a.bytes, b.bytes]));
  }
  return undefined;
}

function merged(a: Dict, b: Dict, budget: Budget): Dict {
  budget.step(a.length + b.length);
  const result = Dict.of(a.entries(), budget);
  for (const [key, value] of b.entries()) result.set(key, value, budget);
  return result;
}

function bothSets(
  a: Value,
  b: Value,
  operation: (a: StarlarkSet, b: StarlarkSet) => StarlarkSet,
): StarlarkSet | undefined {
  return a instanceof StarlarkSet && b instanceof StarlarkSet ? operation(a, b) : undefined;
}

function custom(operator: BinaryOperator, a: Value, b: Value): Value | undefined {
  const left = a !== null && typeof a === 'object' ? a.binary(operator, b, true) : undefined;
  if (left !== undefined) return left;
  return b !== null && typeof b === 'object' ? b.binary(operator, a, false) : undefined;
}
