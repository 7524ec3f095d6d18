import type { ObjectMeta, OwnerReference } from '../meta/object.ts';
import { keyText } from '../storage/key-text.ts';
import type { ServedObject } from '../storage/served-object.ts';
import type { ObjectKey } from '../storage/store.ts';

/** An object with owners. */
export interface Dependent {
  readonly key: ObjectKey;
  readonly owners: readonly OwnerReference[];
}

/** The metadata of an object, parsed alone; undefined for the many that a garbage collector has nothing to do with. */
export function ownershipMetadata(object: ServedObject): ObjectMeta | undefined {
  if (object.isPlain) return undefined;
  const bytes = object.bytes.subarray(object.metadataStart, object.metadataEnd);
  if (!bytes.includes('"ownerReferences":[{') && !bytes.includes('"deletionTimestamp":"')) return undefined;
  return JSON.parse(bytes.toString('utf8')) as ObjectMeta;
}

/** Who names whom as an owner. Objects without owners are not kept. */
export class OwnerIndex {
  readonly #dependents = new Map<string, Dependent>();
  readonly #byOwner = new Map<string, Set<string>>();

  /** Owners as last set; empty for objects without any. */
  ownersOf(key: ObjectKey): readonly OwnerReference[] {
    if (this.#dependents.size === 0) return [];
    return this.#dependents.get(keyText(key))?.owners ?? [];
  }

  /** Notes the owners of an object as they are now. */
  set(key: ObjectKey, owners: readonly OwnerReference[]): void {
    const text = keyText(key);
    for (const { uid } of this.#dependents.get(text)?.owners ?? []) this.#unlink(uid, text);
    this.#dependents.delete(text);
    if (owners.length === 0) return;
    this.#dependents.set(text, { key, owners });
    for (const { uid } of owners) {
      const known = this.#byOwner.get(uid);
      if (known === undefined) this.#byOwner.set(uid, new Set([text]));
      else known.add(text);
    }
  }

  /** Objects that name this uid as an owner. */
  dependentsOf(uid: string): readonly Dependent[] {
    const found: Dependent[] = [];
    for (const text of this.#byOwner.get(uid) ?? []) {
      const dependent = this.#dependents.get(text);
      if (dependent !== undefined) found.push(dependent);
    }
    return found;
  }

  /** All objects with owners. */
  all(): Iterable<Dependent> {
    return this.#dependents.values();
  }

  #unlink(uid: string, text: string): void {
    const known = this.#byOwner.get(uid);
    known?.delete(text);
    if (known?.size === 0) this.#byOwner.delete(uid);
  }
}
