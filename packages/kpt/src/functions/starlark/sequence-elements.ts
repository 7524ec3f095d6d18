import { List } from '../../starlark/values/list.ts';
import { Tuple } from '../../starlark/values/tuple.ts';
import type { Value } from '../../starlark/values/value.ts';

/** The elements of a list or tuple; undefined for other values. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  return value instanceof List || value instanceof Tuple ? value.items : undefined;
}
