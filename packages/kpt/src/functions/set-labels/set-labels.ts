import { isMap, isScalar } from 'yaml';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { keyText } from '../../yaml/node-edits.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { functionConfigGroup, isConfigMap, isFunctionConfig, textMap } from '../function-config.ts';
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

  let labels: ReadonlyMap<string, string>;
  try {
    labels = readLabels(config);
  } catch (error) {
    return { results: [...results, report('error', messageOf(error))], failed: functionFailure };
  }
  if (labels.size === 0) {
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

/** The labels of the configuration, sorted. @throws Error that names what is wrong */
function readLabels(config: KrmObject): ReadonlyMap<string, string> {
  const labels = textMap(config, [isConfigMap(config) ? 'data' : 'labels']);
  return new Map([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sets the labels of one object. Counts every label of every place, whether it changed or not, as kpt's function does. */
function label(object: KrmObject, labels: ReadonlyMap<string, string>): number {
  let count = 0;
  for (const { path, create } of labelPlaces(object)) {
    const current = object.node(path);
    if (current !== undefined && !isMap(current) && !(isScalar(current) && current.value === null)) {
      throw new Error(`\`${showPath(path)}\` must be a mapping of labels`);
    }
    object.setAll(path, create ? labels : presentIn(current, labels));
    count += labels.size;
  }
  return count;
}

function presentIn(map: unknown, labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const present = new Set(isMap(map) ? map.items.map((pair) => keyText(pair.key)) : []);
  return new Map([...labels].filter(([key]) => present.has(key)));
}
