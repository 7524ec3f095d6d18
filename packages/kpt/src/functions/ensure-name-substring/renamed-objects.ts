import type { KrmObject } from '../../yaml/krm-object.ts';
import { type GroupVersionKind, isSelected } from '../group-version-kind.ts';
import { clusterScopedKinds } from '../kubernetes-kinds.ts';

/** An object and the name it had. */
export interface Renamed {
  readonly object: KrmObject;
  readonly oldName: string;
}

/** Finds what became of objects by the names they had. */
export class RenamedObjects {
  readonly #byName = new Map<string, Renamed[]>();

  constructor(renamed: readonly Renamed[]) {
    for (const entry of renamed) {
      const others = this.#byName.get(entry.oldName);
      if (others === undefined) this.#byName.set(entry.oldName, [entry]);
      else others.push(entry);
    }
  }

  /**
   * The new name of an object that is named from somewhere; undefined where none of that name was renamed.
   *
   * @param namespace the namespace it is looked for in; objects of the whole cluster are found from any
   */
  newName(target: GroupVersionKind, oldName: string, namespace: string | undefined): string | undefined {
    const found = this.#byName.get(oldName)?.find(({ object }) => {
      if (!isSelected(object, target)) return false;
      return namespace === undefined || isClusterScoped(object) || namespaceOf(object) === namespace;
    });
    return found?.object.name;
  }
}

/** The namespace of an object; undefined for those of the whole cluster. */
export function referenceNamespace(object: KrmObject): string | undefined {
  return isClusterScoped(object) ? undefined : namespaceOf(object);
}

function namespaceOf(object: KrmObject): string {
  return object.namespace || 'default';
}

function isClusterScoped(object: KrmObject): boolean {
  return clusterScopedKinds.has(`${object.group}/${object.kind}`);
}
