import { type Document, isMap, isScalar, isSeq } from 'yaml';
import type { Budget } from '../../starlark/limits.ts';
import { AliasTargets } from '../../starlark/modules/alias-targets.ts';
import { scalarValue } from '../../starlark/modules/yaml-values.ts';
import { equals } from '../../starlark/operators/equality.ts';
import { Dict } from '../../starlark/values/dict.ts';
import type { Value } from '../../starlark/values/value.ts';
import { keyText } from '../../yaml/node-edits.ts';
import { elementsOf } from './sequence-elements.ts';

/** Whether a document says the same as a value, aliases followed. */
export function saysSame(document: Document, value: Value, budget: Budget): boolean {
  const aliases = new AliasTargets(document);
  const same = (node: unknown, wanted: Value): boolean => {
    budget.step(8);
    const target = aliases.resolve(node);
    if (isMap(target)) {
      if (!(wanted instanceof Dict) || wanted.length !== target.items.length) return false;
      return target.items.every((pair) => {
        const inner = wanted.get(keyText(pair.key), budget);
        return inner !== undefined && same(pair.value, inner);
      });
    }
    if (isSeq(target)) {
      const elements = elementsOf(wanted);
      if (elements === undefined || elements.length !== target.items.length) return false;
      return target.items.every((item, index) => same(item, elements[index] ?? null));
    }
    return equals(isScalar(target) ? scalarValue(target) : null, wanted, budget);
  };
  return same(document.contents, value);
}
