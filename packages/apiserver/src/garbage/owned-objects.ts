import { groupResource, type KubernetesObject, type ObjectMeta, toTime } from '../meta/object.ts';
import { statusErrors } from '../meta/status.ts';
import { fieldOwnershipOf } from '../registry/field-ownership-of.ts';
import { setManagedFields } from '../registry/handlers/field-record.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import { serverContext } from '../registry/server-context.ts';
import type { ServedObject } from '../storage/served-object.ts';
import type { ObjectKey } from '../storage/store.ts';

/** A kind whose objects a garbage collector may change and delete. */
export interface OwnedKind {
  readonly definition: AnyResourceDefinition;
  readonly resource: string;
}

/** Kinds whose objects can be listed, watched, changed and deleted, each once, in whichever version comes first. */
export function ownedKinds(definitions: readonly AnyResourceDefinition[]): readonly OwnedKind[] {
  const kinds = new Map<string, OwnedKind>();
  for (const definition of definitions) {
    const { list, watch, update } = definition.storage;
    const resource = groupResource(definition.plural, definition.group);
    if (list === undefined || watch === undefined || update === undefined || kinds.has(resource)) continue;
    if (definition.storage.delete !== undefined) kinds.set(resource, { definition, resource });
  }
  return [...kinds.values()];
}

/** Changes and deletes objects as a client of their storage would. */
export class OwnedObjects {
  readonly #kinds: ReadonlyMap<string, OwnedKind>;
  readonly #user: string;
  readonly #now: () => Date;

  constructor(kinds: readonly OwnedKind[], user: string, now: () => Date) {
    this.#kinds = new Map(kinds.map((kind) => [kind.resource, kind]));
    this.#user = user;
    this.#now = now;
  }

  /** Why an object must not be deleted for want of owners, if so. */
  keptBecause(object: ServedObject): string | undefined {
    return this.#definition(object.key).keptWithoutOwners?.(object.decode());
  }

  /**
   * Deletes an object as it was seen; what it has of finalizers for its own dependents stays in force.
   * @throws StatusError 409 when it has changed since
   */
  async remove(object: ServedObject, propagationPolicy?: 'Foreground'): Promise<void> {
    const { key, uid, revision } = object;
    await this.#definition(key).storage.delete?.(serverContext(this.#user, key.namespace), key.name, {
      dryRun: false,
      fieldManager: this.#user,
      preconditions: { uid, resourceVersion: String(revision) },
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    });
  }

  /**
   * Changes the metadata of an object, whatever else has changed since it was seen.
   * @throws StatusError 404 when it is gone, 409 when another one has its name
   */
  async edit({ key, uid }: Pick<ServedObject, 'key' | 'uid'>, change: (metadata: ObjectMeta) => void): Promise<void> {
    const definition = this.#definition(key);
    const { group, plural } = definition;
    const ownership = fieldOwnershipOf(definition, definition.strategy, { status: false, subresource: '' });
    const writer = { fieldManager: this.#user, now: toTime(this.#now()) };
    const update = (current: KubernetesObject | undefined): KubernetesObject => {
      if (current === undefined) throw statusErrors.notFound({ group, resource: plural }, key.name);
      if (current.metadata.uid !== uid) {
        throw statusErrors.conflict({ group, resource: plural }, key.name, 'another object has this name by now');
      }
      const next = structuredClone(current);
      change(next.metadata);
      setManagedFields(next, ownership.updated(current, next, undefined, writer));
      return next;
    };
    const options = { dryRun: false, fieldManager: this.#user };
    await definition.storage.update?.(serverContext(this.#user, key.namespace), key.name, update, options);
  }

  #definition({ resource }: ObjectKey): AnyResourceDefinition {
    const kind = this.#kinds.get(resource);
    if (kind === undefined) throw new Error(`${resource} is not a resource whose objects have owners`);
    return kind.definition;
  }
}
