import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { fileOf, report } from '../reporting.ts';

/** Removes the resources that are marked as not meant for the cluster. */
export const removeLocalConfigResources: KrmFunction = {
  name: 'remove-local-config-resources',
  tags: ['v0.1.0', 'v0.1'],
  run,
};

function run({ items }: FunctionInput): FunctionOutput {
  const isLocal = (object: (typeof items)[number]) =>
    object.annotation('config.kubernetes.io/local-config')?.toLowerCase() === 'true';
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
