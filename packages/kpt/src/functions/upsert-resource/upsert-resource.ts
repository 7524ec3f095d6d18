import { isMap, isSeq } from 'yaml';
import { adoptNode } from '../../yaml/adopt-node.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { detachedObject } from '../detached-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { failure, messageOf } from '../reporting.ts';

/** Names the file that a resource is to stand in; never written to it. */
const targetPath = 'config.kubernetes.io/target-path';

/** Puts a resource, or those of a List, in the place of the one of the same kind and name, or beside the others. */
export const upsertResource: KrmFunction = { name: 'upsert-resource', tags: ['v0.2.1', 'v0.2'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  if (config === undefined) return fail('the function config must be the resource, or a List of resources, to upsert');
  const result = [...items];
  let resources: readonly KrmObject[];
  try {
    resources = resourcesOf(config);
  } catch (error) {
    return fail(messageOf(error));
  }
  for (const resource of resources) {
    if (resource.kind === '' || resource.name === '') return fail('a resource to upsert needs a kind and a name');
    // The configuration can be a file of the package; it is not what is to be replaced.
    const matches = result.filter((object) => object !== config && isSame(object, resource));
    for (const match of matches) replace(match, resource);
    if (matches.length === 0) result.push(added(resource));
  }
  return { results: [], items: result };
}

function fail(reason: string): FunctionOutput {
  const message = `failed to upsert resource: ${reason}`;
  return failure(message, message);
}

/** @throws Error that names what is no resource of a List */
function resourcesOf(config: KrmObject): readonly KrmObject[] {
  if (config.kind !== 'List') return [config];
  const items = config.node(['items']);
  if (!isSeq(items)) throw new Error('`items` must be a list of resources');
  return items.items.map((_, index) => {
    const item = config.node(['items', index]);
    if (!isMap(item)) throw new Error(`\`items[${index}]\` must be a resource`);
    return detachedObject(item, config);
  });
}

function isSame(object: KrmObject, wanted: KrmObject): boolean {
  const path = wanted.annotation(targetPath);
  return (
    object.group === wanted.group &&
    object.kind === wanted.kind &&
    object.name === wanted.name &&
    object.namespace === wanted.namespace &&
    (path === undefined || path === '' || path === object.path)
  );
}

/** Gives an object the content of another, keeping its file and the comments of what stays. */
function replace(object: KrmObject, wanted: KrmObject): void {
  const copy = wanted.clone();
  copy.removeAnnotation(targetPath);
  if (copy.root !== undefined) adoptNode(object.document, copy.root, copy.document);
}

function added(resource: KrmObject): KrmObject {
  const copy = resource.clone();
  copy.removeAnnotation(targetPath);
  copy.path = resource.annotation(targetPath) || undefined;
  copy.index = undefined;
  copy.packagePath = undefined;
  return copy;
}
