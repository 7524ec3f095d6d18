import { isNode } from 'yaml';
import { detachedObject } from '../functions/detached-object.ts';
import type { FunctionInput } from '../functions/function.ts';
import type { FunctionResultItem } from '../pipeline/results.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { printYaml } from '../yaml/print-node.ts';
import { itemObjects } from './item-objects.ts';
import { callerAnnotations, placementOf, removePlacement, setPlacement } from './placement-annotations.ts';
import { parseList, printList } from './resource-list-text.ts';

/** A ResourceList that another program sent, for a built-in function. */
export interface ServedResourceList {
  readonly input: FunctionInput;
  /** The answer: objects with the annotations that tell their sender which they are, and what the function reports. */
  print(items: readonly KrmObject[], results: readonly FunctionResultItem[]): string;
}

/**
 * Takes apart what another program sent. Annotations that say where objects stand are put aside, so that a function cannot take them
 * for part of the objects.
 *
 * @throws ResourceListError where that is no ResourceList
 */
export function serveResourceList(text: string): ServedResourceList {
  const list = parseList(text);
  const ids = new Map<KrmObject, string>();
  const notes = new Map<KrmObject, Readonly<Record<string, string>>>();
  const items = itemObjects(list);
  for (const object of items) {
    const { id, path, index, packagePath } = placementOf(object);
    notes.set(object, callerAnnotations(object));
    removePlacement(object);
    object.path = path;
    object.index = index;
    object.packagePath = packagePath;
    if (id !== undefined) ids.set(object, id);
  }
  const config = list.node(['functionConfig']);
  return {
    input: { items, config: isNode(config) ? detachedObject(config, list) : undefined },
    print(output, results) {
      for (const object of output) {
        setPlacement(object, ids.get(object));
        for (const [key, value] of Object.entries(notes.get(object) ?? {})) object.setAnnotation(key, value);
      }
      const printed = printList(output, undefined);
      return results.length === 0 ? printed : printed + printYaml(list.document.createNode({ results }), 'compact');
    },
  };
}
