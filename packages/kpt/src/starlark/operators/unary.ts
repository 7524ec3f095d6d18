import { StarlarkError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { Float } from '../values/float.ts';
import { isInt, typeName, type Value } from '../values/value.ts';
import { intOperation } from './integers.ts';

/** The operators before a value, `not` aside. */
export type UnaryOperator = '+' | '-' | '~';

/** @throws StarlarkError where the operator does not apply to the type */
export function unary(operator: UnaryOperator, value: Value, budget: Budget): Value {
  if (isInt(value)) return operator === '+' ? value : intOperation('-', operator === '-' ? 0 : -1, value, budget);
  if (value instanceof Float && operator !== '~') {
    if (operator === '+') return value;
    budget.allocate(sizes.float);
    return new Float(-value.value);
  }
  throw new StarlarkError(`unknown unary op: ${operator}${typeName(value)}`);
}
