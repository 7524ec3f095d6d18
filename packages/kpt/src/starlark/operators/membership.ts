import { StarlarkError, UnhashableError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import { Range } from '../values/range.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import { isInt, typeName, type Value } from '../values/value.ts';
import { equals } from './equality.ts';
import { firstOccurrence, holdsBytes } from './text-search.ts';

/** What `x in y` says. */
export function isMember(element: Value, container: Value, budget: Budget): boolean {
  if (typeof container === 'string') {
    if (typeof element !== 'string') {
      throw new StarlarkError(`'in <string>' requires string as left operand, not ${typeName(element)}`);
    }
    return firstOccurrence(container, element, 0, budget) >= 0;
  }
  if (container instanceof Dict) return isKey(element, container, budget);
  if (container instanceof StarlarkSet) return container.has(element, budget);
  if (container instanceof List || container instanceof Tuple) {
    for (const item of container.items) {
      budget.step(1);
      if (equals(element, item, budget)) return true;
    }
    return false;
  }
  if (container instanceof Range) return isInRange(element, container);
  if (container instanceof Bytes) return isInBytes(element, container, budget);
  throw new StarlarkError(`unknown binary op: ${typeName(element)} in ${typeName(container)}`);
}

/** What can be no key of a dict is in none. */
function isKey(element: Value, dict: Dict, budget: Budget): boolean {
  try {
    return dict.table.has(element, budget);
  } catch (error) {
    if (error instanceof UnhashableError) return false;
    throw error;
  }
}

function isInRange(element: Value, range: Range): boolean {
  if (element instanceof Float) return range.includes(element.value);
  if (!isInt(element)) {
    throw new StarlarkError(`'in <range>' requires integer as left operand, not ${typeName(element)}`);
  }
  return typeof element === 'number' && range.includes(element);
}

function isInBytes(element: Value, container: Bytes, budget: Budget): boolean {
  if (element instanceof Bytes) return holdsBytes(container.bytes, element.bytes, budget);
  budget.step(container.bytes.length >>> 4);
  if (!isInt(element)) {
    throw new StarlarkError(`'in bytes' requires bytes or int as left operand, not ${typeName(element)}`);
  }
  if (element < 0 || element > 255) throw new StarlarkError(`int in bytes: ${element} out of range`);
  return container.bytes.includes(Number(element));
}
