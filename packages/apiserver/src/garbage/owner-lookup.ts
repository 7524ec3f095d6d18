import { apiVersionOf, type OwnerReference } from '../meta/object.ts';
import { isStatusError } from '../meta/status.ts';
import { foregroundFinalizer } from '../registry/deletion.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import { serverContext } from '../registry/server-context.ts';
import type { ObjectKey } from '../storage/store.ts';

/**
 * What an owner reference leads to. `waiting`: an owner whose deletion waits for its dependents. `unknown`: nobody can tell, because
 * the server does not serve the kind, or because the owner lives in a namespace and the dependent does not.
 */
export type OwnerState = 'present' | 'absent' | 'waiting' | 'unknown';

/** Finds owners by kind, namespace and name; one with another uid is another object. */
export class OwnerLookup {
  readonly #kinds: ReadonlyMap<string, AnyResourceDefinition>;
  readonly #user: string;

  constructor(definitions: readonly AnyResourceDefinition[], user: string) {
    this.#kinds = new Map(
      definitions.map((definition) => [
        `${apiVersionOf(definition.group, definition.version)} ${definition.kind}`,
        definition,
      ]),
    );
    this.#user = user;
  }

  /** The state of an owner of the object with a key. */
  async stateOf(owner: OwnerReference, dependent: ObjectKey): Promise<OwnerState> {
    const definition = this.#kinds.get(`${owner.apiVersion} ${owner.kind}`);
    if (definition?.storage.get === undefined) return 'unknown';
    if (definition.namespaced && dependent.namespace === '') return 'unknown';
    const context = serverContext(this.#user, definition.namespaced ? dependent.namespace : '');
    try {
      const found = await definition.storage.get(context, owner.name);
      if (found.uid !== owner.uid) return 'absent';
      const { deletionTimestamp, finalizers = [] } = found.decode().metadata;
      return deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer) ? 'waiting' : 'present';
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return 'absent';
      throw error;
    }
  }
}
