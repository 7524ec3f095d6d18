import { isMap, isScalar } from 'yaml';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { configData, functionConfigGroup, isConfigMap, isFunctionConfig } from '../function-config.ts';
import { fileOf, functionFailure, messageOf, report, showObject, showPath } from '../reporting.ts';
import { labelPlaces } from './label-fields.ts';

const kind = 'SetLabels';

/** Sets labels on resources, their pod templates and the selectors that must go with them. */
export const setLabels: KrmFunction = { name: 'set-labels', tags: ['v0.2.5', 'v0.2'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  const results: FunctionResultItem[] = [];
  const given = config !== undefined && (config.apiVersion !== '' || config.kind !== '');
  if (given && !isConfigMap(config) && !isFunctionConfig(config, kind)) {
    const name = config.group === '' ? config.kind : `${config.kind}.${config.group}`;
    const expected = `\`${kind}.${functionConfigGroup}\` or \`ConfigMap.v1\``;
    results.push(report('error', `unknown FunctionConfig \`${name}\`, expect ${expected}`));
    return { results, failed: functionFailure };
  }
  if (!given) results.push(report('info', '`FunctionConfig` is not given'));

  const objects = items.filter((object) => !object.isLocalConfig);
  if (objects.length === 0) return { results: [...results, report('info', 'no input resources')] };
  if (!given) return { results, failed: functionFailure };

  const labels = [...readLabels(config)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (labels.length === 0) {
    if (isConfigMap(config) && config.name === 'function-input') {
      return { results: [report('info', '`FunctionConfig` is not given')], failed: functionFailure };
    }
    return { results: [...results, report('warning', 'no `labels` arguments are given in FunctionConfig')] };
  }

  let count = 0;
  for (const object of objects) {
    try {
      count += label(object, labels);
    } catch (error) {
      const file = fileOf(object);
      results.push({ ...report('error', `${showObject(object)}: ${messageOf(error)}`), ...(file && { file }) });
    }
  }
  const failed = results.length > 0;
  results.push(report('info', `set ${count} labels in total`));
  return failed ? { results, failed: functionFailure } : { results };
}

function readLabels(config: KrmObject): ReadonlyMap<string, string> {
  return isConfigMap(config) ? configData(config) : new Map(Object.entries(config.getStringMap(['labels'])));
}

/** Sets the labels of one object. Counts every label of every place, whether it changed or not, as kpt's function does. */
function label(object: KrmObject, labels: readonly (readonly [string, string])[]): number {
  let count = 0;
  for (const { path, create } of labelPlaces(object)) {
    const current = object.node(path);
    if (current !== undefined && !isMap(current) && !(isScalar(current) && current.value === null)) {
      throw new Error(`\`${showPath(path)}\` must be a mapping of labels`);
    }
    for (const [key, value] of labels) {
      if (create || object.node([...path, key]) !== undefined) object.set([...path, key], value);
      count += 1;
    }
  }
  return count;
}
