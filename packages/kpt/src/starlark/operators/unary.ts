import { StarlarkError } from '../errors.ts';
import { Float } from '../values/float.ts';
import { isInt, typeName, type Value } from '../values/value.ts';
import { normalize } from './integers.ts';

/** The operators before a value, `not` aside. */
export type UnaryOperator = '+' | '-' | '~';

/** @throws StarlarkError where the operator does not apply to the type */
export function unary(operator: UnaryOperator, value: Value): Value {
  if (isInt(value)) {
    if (operator === '+') return value;
    if (typeof value === 'bigint') return normalize(operator === '-' ? -value : ~value);
    return operator === '-' ? 0 - value : -1 - value;
  }
  if (value instanceof Float && operator !== '~') return operator === '+' ? value : new Float(-value.value);
  throw new StarlarkError(`unknown unary op: ${operator}${typeName(value)}`);
}
