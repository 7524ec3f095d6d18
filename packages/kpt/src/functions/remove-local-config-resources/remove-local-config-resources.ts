import { type KrmObject, localConfigAnnotation } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { isKptfile } from '../kptfile-object.ts';
import { fileOf, report } from '../reporting.ts';

/**
 * Removes the resources that are marked as not meant for the cluster. Kptfiles stay: kpt marks those of new packages, and without one
 * there is no package.
 */
export const removeLocalConfigResources: KrmFunction = {
  name: 'remove-local-config-resources',
  tags: ['v0.1.0', 'v0.1'],
  run,
};

function isLocal(object: KrmObject): boolean {
  const isMarked = object.annotation(localConfigAnnotation)?.toLowerCase() === 'true';
  return isMarked && !isKptfile(object);
}

function run({ items }: FunctionInput): FunctionOutput {
  const removed = items.filter(isLocal);
  if (removed.length === 0) {
    return { results: [report('warning', 'Found no resources to prune with the local config annotation')] };
  }
  const results = removed.map((object) => {
    const file = fileOf(object);
    return { ...report('info', `Resource name: [${object.name}]`), ...(file && { file }) };
  });
  return {
    results: [report('info', `Number of resources pruned: ${removed.length}`), ...results],
    items: items.filter((object) => !isLocal(object)),
  };
}
