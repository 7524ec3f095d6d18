import { isSeq } from 'yaml';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { keyText } from '../../yaml/node-edits.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { configData } from '../function-config.ts';
import { failure, messageOf, showObject } from '../reporting.ts';
import { joinPath, walkFields } from '../walk-fields.ts';
import { applyToList, applyToScalar, type SetterValues } from './setters.ts';

/** Writes the values of setters into the fields whose comments (`# kpt-set: ${name}`) ask for them. */
export const applySetters: KrmFunction = { name: 'apply-setters', tags: ['v0.2.2', 'v0.2'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let setters: SetterValues;
  try {
    setters = configData(config);
  } catch (error) {
    return fail(messageOf(error));
  }
  const results: FunctionResultItem[] = [];
  for (const object of items) {
    try {
      apply(object, setters, results);
    } catch (error) {
      return fail(`${messageOf(error)} (${showObject(object)})`);
    }
  }
  return { results: results.length > 0 ? results : [{ message: 'no matches for input setter(s)' }] };
}

function fail(reason: string): FunctionOutput {
  return failure(`failed to apply setters: ${reason}`, reason);
}

function apply(object: KrmObject, setters: SetterValues, results: FunctionResultItem[]): void {
  const file = object.path === undefined ? {} : { file: { path: object.path } };
  const note = (path: string, value: string) => {
    results.push({ message: `set field value to ${JSON.stringify(value)}`, field: { path }, ...file });
  };
  walkFields(object, {
    mapping(map, path) {
      for (const { key, value: list } of map.items) {
        if (!isSeq(list)) continue;
        const value = applyToList(list, map, setters);
        if (value !== undefined) note(joinPath(path, keyText(key)), value);
      }
    },
    scalar(scalar, path) {
      const value = applyToScalar(scalar, setters);
      if (value !== undefined) note(path, value);
    },
  });
}
