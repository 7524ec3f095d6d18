import { type Document, isMap, isScalar, isSeq } from 'yaml';
import type { Budget } from '../../starlark/limits.ts';
import { scalarValue } from '../../starlark/modules/yaml-values.ts';
import { equals } from '../../starlark/operators/equality.ts';
import { Dict } from '../../starlark/values/dict.ts';
import type { Value } from '../../starlark/values/value.ts';
import { keyText, resolveAlias } from '../../yaml/node-edits.ts';
import { elementsOf } from './sequence-elements.ts';

/** Whether a node says the same as a value, aliases followed. */
export function saysSame(document: Document, node: unknown, value: Value, budget: Budget): boolean {
  budget.step(1);
  const target = resolveAlias(document, node);
  if (isMap(target)) {
    if (!(value instanceof Dict) || value.length !== target.items.length) return false;
    return target.items.every((pair) => {
      const wanted = value.get(keyText(pair.key), budget);
      return wanted !== undefined && saysSame(document, pair.value, wanted, budget);
    });
  }
  if (isSeq(target)) {
    const elements = elementsOf(value);
    if (elements === undefined || elements.length !== target.items.length) return false;
    return target.items.every((item, index) => saysSame(document, item, elements[index] ?? null, budget));
  }
  return equals(isScalar(target) ? scalarValue(target) : null, value, budget);
}
