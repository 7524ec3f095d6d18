import { copyJson } from '../meta/copy-json.ts';
import { isObject } from '../meta/json-object.ts';
import type { ReadValue } from '../schema/read-json.ts';
import { mergeRulesOf } from './merge-rules.ts';
import { PatchError, type PreparedPatch } from './prepared-patch.ts';
import { mergeObjects } from './strategic-merge.ts';

/**
 * A strategic merge patch: objects merge, lists merge where the schema says how, and directives (`$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/…`, `$setElementOrder/…`) say the rest.
 * @throws PatchError
 */
export function prepareStrategicMergePatch({ value, problems }: ReadValue, schema: unknown): PreparedPatch {
  if (!isObject(value)) throw new PatchError(400, 'patch', 'a strategic merge patch must be a JSON object');
  const rules = mergeRulesOf(schema);
  return {
    problems,
    apply: (current) => mergeObjects(isObject(current) ? copyJson(current) : {}, value, rules, ''),
  };
}
