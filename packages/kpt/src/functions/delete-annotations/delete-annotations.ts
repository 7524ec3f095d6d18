import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { configData } from '../function-config.ts';
import { failure, fileOf, messageOf, report } from '../reporting.ts';

/** Removes annotations from all resources. */
export const deleteAnnotations: KrmFunction = { name: 'delete-annotations', tags: ['v0.1.0', 'v0.1'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let keys: readonly string[];
  try {
    keys = readKeys(config);
  } catch (error) {
    const reason = messageOf(error);
    return failure(`failed to process resources: ${reason}`, reason);
  }
  const results: FunctionResultItem[] = [];
  for (const object of items) {
    const file = fileOf(object);
    for (const key of keys) {
      if (!object.removeAnnotation(key)) continue;
      const message = `Annotation: [${key}] removed from resource: [${object.name}]`;
      results.push({ ...report('info', message), ...(file && { file }) });
    }
  }
  if (results.length === 0) {
    return { results: [report('warning', 'None of the resources had the provided annotations to delete')] };
  }
  return { results: [report('info', 'The following annotations were deleted from the resources'), ...results] };
}

/** @throws Error where the configuration names no annotation */
function readKeys(config: KrmObject | undefined): readonly string[] {
  const keys = (configData(config).get('annotationKeys') ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (keys.length > 0) return keys;
  throw new Error('expecting 1 or more annotation keys to delete as part of the ConfigMap (`annotationKeys: key,key`)');
}
