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
  readonly #byName: ReadonlyMap<string, readonly Renamed[]>;
  /** By name and namespace; none for the whole cluster. */
  readonly #byPlace: ReadonlyMap<string, readonly Renamed[]>;
  readonly #order: ReadonlyMap<Renamed, number>;

  constructor(renamed: readonly Renamed[]) {
    this.#byName = Map.groupBy(renamed, ({ oldName }) => oldName);
    this.#byPlace = Map.groupBy(renamed, ({ oldName, object }) => placeOf(oldName, referenceNamespace(object)));
    this.#order = new Map(renamed.map((entry, index) => [entry, index]));
  }

  /**
   * The new name of an object that is named from somewhere; undefined where none of that name was renamed.
   *
   * @param namespace the namespace it is looked for in; objects of the whole cluster are found from any
   */
  newName(target: GroupVersionKind, oldName: string, namespace: string | undefined): string | undefined {
    return this.#candidates(oldName, namespace).find(({ object }) => isSelected(object, target))?.object.name;
  }

  /** What had a name, as seen from a namespace, the first one first. */
  #candidates(oldName: string, namespace: string | undefined): readonly Renamed[] {
    if (namespace === undefined) return this.#byName.get(oldName) ?? [];
    const places = [placeOf(oldName, undefined), placeOf(oldName, namespace)];
    const order = (entry: Renamed) => this.#order.get(entry) ?? 0;
    return places.flatMap((place) => this.#byPlace.get(place) ?? []).sort((a, b) => order(a) - order(b));
  }
}

function placeOf(name: string, namespace: string | undefined): string {
  return JSON.stringify([name, namespace]);
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
