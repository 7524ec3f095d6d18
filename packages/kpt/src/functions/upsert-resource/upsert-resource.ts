import { posix } from 'node:path';
import { isMap, isSeq } from 'yaml';
import { isResourceFile } from '../../package/discover.ts';
import { kptfileName } from '../../package/files.ts';
import { upstreamIdentifier } from '../../package/merge-keys.ts';
import { baseName, joinPath } from '../../package/package-paths.ts';
import { adoptNode } from '../../yaml/adopt-node.ts';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { detachedObject } from '../detached-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { isKptfile } from '../kptfile-object.ts';
import { failure, messageOf } from '../reporting.ts';

/** Names the file that a resource is to stand in; never written to it. */
const targetPath = 'config.kubernetes.io/target-path';

/** Puts a resource, or those of a List, in the place of the one of the same kind and name, or beside the others. */
export const upsertResource: KrmFunction = { name: 'upsert-resource', tags: ['v0.2.1', 'v0.2'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  if (config === undefined) return fail('the function config must be the resource, or a List of resources, to upsert');
  const added: KrmObject[] = [];
  // The configuration can be a file of the package; it is not what is to be replaced.
  const present = Map.groupBy(
    items.filter((object) => object !== config),
    identity,
  );
  let resources: readonly KrmObject[];
  try {
    resources = resourcesOf(config);
  } catch (error) {
    return fail(messageOf(error));
  }
  for (const resource of resources) {
    if (resource.kind === '' || resource.name === '') return fail('a resource to upsert needs a kind and a name');
    const namesakes = present.get(identity(resource)) ?? [];
    const matches = namesakes.filter((object) => standsIn(object, targetOf(resource), config.packagePath));
    for (const match of matches) replace(match, resource);
    if (matches.length > 0) continue;
    const target = targetOf(resource);
    if (target !== undefined && !canStandIn(resource, target)) {
      return fail(
        `${JSON.stringify(target)} is no file for the resource: \`${targetPath}\` must name a YAML or JSON file`,
      );
    }
    const copy = copyFor(resource, target);
    added.push(copy);
    present.set(identity(resource), [...namesakes, copy]);
  }
  return { results: [], items: [...items, ...added] };
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
  const targets = new AliasTargets(config.document);
  return items.items.map((entry, index) => {
    const item = targets.resolve(entry);
    if (!isMap(item)) throw new Error(`\`items[${index}]\` must be a resource`);
    return detachedObject(item, config, targets);
  });
}

/** The file that a resource asks for, from the package whose pipeline it is; undefined where it asks for none. */
function targetOf(resource: KrmObject): string | undefined {
  const path = resource.annotation(targetPath);
  return path ? posix.normalize(path).replace(/^\/+/, '') : undefined;
}

/** Whether a resource is read again from a file that it is added to. */
function canStandIn(resource: KrmObject, path: string): boolean {
  return isResourceFile(path) && (baseName(path) !== kptfileName || isKptfile(resource));
}

/** What a resource and the one that takes its place have in common. */
function identity({ group, kind, namespace, name }: KrmObject): string {
  return JSON.stringify([group, kind, namespace, name]);
}

/** Whether an object is in the file that a resource asks for. */
function standsIn(object: KrmObject, target: string | undefined, packagePath: string | undefined): boolean {
  return (
    target === undefined ||
    target === object.path ||
    joinPath(packagePath ?? '', target) === joinPath(object.packagePath ?? '', object.path ?? '')
  );
}

/** Gives an object the content of another, keeping its file, what it was upstream, and the comments of what stays. */
function replace(object: KrmObject, wanted: KrmObject): void {
  const copy = wanted.clone();
  copy.removeAnnotation(targetPath);
  const identifier = object.annotation(upstreamIdentifier);
  if (identifier !== undefined) copy.setAnnotation(upstreamIdentifier, identifier);
  if (copy.root !== undefined) adoptNode(object.document, copy.root, copy.document);
}

/** A copy of a resource for a file, or for one of its own. */
function copyFor(resource: KrmObject, path: string | undefined): KrmObject {
  const copy = resource.clone();
  copy.removeAnnotation(targetPath);
  copy.path = path;
  copy.index = undefined;
  copy.packagePath = undefined;
  return copy;
}
