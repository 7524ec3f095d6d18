import { isMap, isScalar, type Node } from 'yaml';
import { detachedObject } from '../functions/detached-object.ts';
import type { FunctionInput } from '../functions/function.ts';
import type { FunctionResultItem } from '../pipeline/results.ts';
import { adoptNode } from '../yaml/adopt-node.ts';
import { AliasTargets } from '../yaml/alias-targets.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { placementOf, removePlacement, setPlacement } from './placement-annotations.ts';
import { readResults } from './read-results.ts';
import { itemNodes, parseList, printList, ResourceListError } from './resource-list-text.ts';

/** What a function reads: the objects, comments included, each with annotations that say where it stands and which it is. */
export function writeResourceList({ items, config }: FunctionInput): string {
  return printList(
    items.map((item, index) => {
      const copy = item.clone();
      setPlacement(copy, String(index + 1));
      return copy;
    }),
    config,
  );
}

/** What a function answered. */
export interface ResourceListAnswer {
  /** The objects of the input that are still there, changed in place, and new ones. */
  readonly items: readonly KrmObject[];
  readonly results: readonly FunctionResultItem[];
}

/**
 * Reads what a function printed. Objects that it was given keep the comments and the bytes of what it did not change.
 *
 * @param before - what the function was given
 * @throws ResourceListError where that is no ResourceList
 */
export function readResourceList(text: string, before: readonly KrmObject[]): ResourceListAnswer {
  const list = parseList(text);
  const known = new Map(before.map((object, index) => [String(index + 1), object]));
  const packages = new Set(before.map(({ packagePath }) => packagePath));
  const targets = new AliasTargets(list.document);
  const items = itemNodes(list).map((node) => {
    const returned = detachedObject(node, list, targets);
    const { id, path, index, packagePath } = placementOf(returned);
    const object = known.get(id ?? '');
    known.delete(id ?? '');
    const moved = readMove(returned, object);
    removePlacement(returned);
    if (object !== undefined) {
      keepEmptyAnnotations(returned, object);
      adoptNode(object.document, returned.document.contents as Node, returned.document);
      object.path = moved.path ?? object.path;
      object.index = moved.index ?? object.index;
      return object;
    }
    returned.path = path;
    returned.index = index;
    if (packages.has(packagePath)) returned.packagePath = packagePath;
    return returned;
  });
  const results = list.node(['results']);
  return { items, results: readResults(results && detachedObject(results, list).toJS()) };
}

/** Gives an object back the annotations that held nothing, and were gone with those that said where it stands. */
function keepEmptyAnnotations(returned: KrmObject, before: KrmObject): void {
  const path = ['metadata', 'annotations'];
  const own = before.node(path);
  if (!isMap(returned.node(['metadata'])) || returned.node(path) !== undefined) return;
  if (isMap(own) && own.items.length === 0) returned.set(path, {});
  if (isScalar(own) && own.value === null) returned.set(path, null);
}

/** Where an object was moved to by the function. There are two families of annotations, and a function may know only one. */
function readMove(returned: KrmObject, before: KrmObject | undefined): { path?: string; index?: number } {
  const { paths, indexes } = placementOf(returned);
  const path = changed(paths, before?.path, 'path');
  const index = changed(indexes, before?.index === undefined ? undefined : String(before.index), 'index');
  return { ...(path !== undefined && { path }), ...(index !== undefined && { index: Number(index) }) };
}

function changed(values: readonly string[], before: string | undefined, what: string): string | undefined {
  const different = [...new Set(values.filter((value) => value !== before))];
  if (before !== undefined && different.length > 1) {
    throw new ResourceListError(
      `the two annotations for the ${what} of an object were changed differently: ${different.join(' and ')}`,
    );
  }
  return different[0];
}
