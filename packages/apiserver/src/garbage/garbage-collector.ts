import type { Logger } from 'pino';
import type { ObjectMeta, OwnerReference } from '../meta/object.ts';
import { isStatusError } from '../meta/status.ts';
import { foregroundFinalizer, orphanFinalizer } from '../registry/deletion.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import { keyText } from '../storage/key-text.ts';
import type { ServedEvent, ServedObject } from '../storage/served-object.ts';
import type { ObjectKey } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { OwnedObjects, ownedKinds } from './owned-objects.ts';
import { type Dependent, OwnerIndex, ownershipMetadata } from './owner-index.ts';
import { OwnerLookup } from './owner-lookup.ts';
import { RetryQueue } from './retry-queue.ts';

/** What a garbage collector works with. */
export interface GarbageCollectorOptions {
  readonly cache: Pick<WatchCache, 'get' | 'list' | 'watch'>;
  /** Everything that is served. Objects of kinds with list, watch, update and delete are collected; those with get may be owners. */
  readonly definitions: readonly AnyResourceDefinition[];
  /** Group resources that are left alone, such as `events`. */
  readonly except: readonly string[];
  /** The name under which it acts. */
  readonly user: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How often all objects with owners are looked at, for owners that nobody watches, in milliseconds. */
  readonly everyMs: number;
  readonly now: () => Date;
  /** Is told once of each state of an object that has lost its owners and is kept all the same. Must not throw. */
  kept?(object: ServedObject, reason: string): void;
}

/**
 * Acts on owner references as Kubernetes' garbage collector does ("Garbage Collection", "Owners and Dependents"): removes objects whose
 * owners are all gone, takes references to owners that are gone off those that have others, and finishes deletions that orphan the
 * dependents (finalizer `orphan`) or wait for them (`foregroundDeletion`).
 *
 * Everything goes through the resources' own storage, with the object's uid and resourceVersion as preconditions: what a client's delete
 * would be refused, this one is refused too, and tried again later.
 */
export class GarbageCollector {
  readonly #options: GarbageCollectorOptions;
  readonly #index = new OwnerIndex();
  readonly #owners: OwnerLookup;
  readonly #objects: OwnedObjects;
  readonly #resources: readonly string[];
  /** Owners whose deletion waits for what becomes of their dependents, by uid. */
  readonly #waiting = new Map<string, ObjectKey>();
  /** Revisions at which objects were found to be kept without owners. */
  readonly #kept = new Map<string, number>();
  readonly #queue: RetryQueue<ObjectKey>;
  readonly #stops: (() => void)[] = [];

  constructor(options: GarbageCollectorOptions) {
    const { definitions, except, user, now, logger } = options;
    const kinds = ownedKinds(definitions).filter(({ resource }) => !except.includes(resource));
    this.#options = options;
    this.#owners = new OwnerLookup(definitions, user);
    this.#objects = new OwnedObjects(kinds, user, now);
    this.#resources = kinds.map(({ resource }) => resource);
    this.#queue = new RetryQueue<ObjectKey>({
      work: (key) => this.#advance(key),
      failed: (key, error, attempt) => {
        // Somebody else was faster; the next attempt sees what they have made.
        if (isStatusError(error, 'Conflict') && attempt < 5) return;
        if (attempt === 1 || attempt % 10 === 0) {
          logger.warn({ err: error, ...key, attempt }, 'garbage could not be collected; will try again');
        }
      },
      concurrency: 16,
      firstRetryMs: 100,
      longestRetryMs: 60_000,
    });
  }

  start(): void {
    const { cache, everyMs } = this.#options;
    for (const resource of this.#resources) {
      const { revision, items } = cache.list(resource);
      for (const object of items) this.#observe(object);
      this.#stops.push(cache.watch(resource, revision, (event) => this.#onEvent(event)));
    }
    const timer = setInterval(() => {
      for (const { key } of this.#index.all()) this.#look(key);
    }, everyMs);
    timer.unref();
    this.#stops.push(() => clearInterval(timer));
  }

  /** Stops, and waits for what is under way. What is left is found again by the next start. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.#queue.close();
  }

  #onEvent({ type, object }: ServedEvent): void {
    if (type !== 'DELETED') {
      this.#observe(object);
      return;
    }
    const { key, uid } = object;
    this.#waiting.delete(uid);
    this.#kept.delete(keyText(key));
    this.#setOwners(key, []);
    for (const dependent of this.#index.dependentsOf(uid)) this.#look(dependent.key);
  }

  #observe(object: ServedObject): void {
    const { key, uid } = object;
    const metadata = ownershipMetadata(object);
    this.#setOwners(key, metadata?.ownerReferences ?? []);
    if (metadata === undefined) return;
    if (metadata.deletionTimestamp === undefined) {
      if ((metadata.ownerReferences ?? []).length > 0) this.#look(key);
      return;
    }
    const { finalizers = [] } = metadata;
    if (finalizers.includes(orphanFinalizer) || finalizers.includes(foregroundFinalizer)) {
      this.#waiting.set(uid, key);
      this.#look(key);
    } else {
      this.#waiting.delete(uid);
    }
  }

  /** Notes owners; those that wait for their dependents may go on when one is lost. */
  #setOwners(key: ObjectKey, owners: readonly OwnerReference[]): void {
    const before = this.#index.ownersOf(key);
    if (before.length === 0 && owners.length === 0) return;
    this.#index.set(key, owners);
    for (const { uid } of [...before, ...owners]) {
      const waiting = this.#waiting.get(uid);
      if (waiting !== undefined) this.#look(waiting);
    }
  }

  #look(key: ObjectKey): void {
    this.#queue.add(keyText(key), key);
  }

  async #advance(key: ObjectKey): Promise<void> {
    const object = this.#options.cache.get(key);
    const metadata = object === undefined ? undefined : ownershipMetadata(object);
    if (object === undefined || metadata === undefined) return;
    try {
      if (metadata.deletionTimestamp !== undefined) await this.#finish(object, metadata);
      else if ((metadata.ownerReferences ?? []).length > 0) await this.#judge(object, metadata);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error; // gone meanwhile: its own event says what follows
    }
  }

  /** Goes on with a deletion that one of the two finalizers holds up. */
  async #finish(object: ServedObject, { finalizers = [] }: ObjectMeta): Promise<void> {
    const dependents = this.#index.dependentsOf(object.uid);
    if (finalizers.includes(orphanFinalizer)) {
      for (const { key } of dependents) await this.#disown(key, new Set([object.uid]));
      await this.#letGo(object, orphanFinalizer);
    } else if (finalizers.includes(foregroundFinalizer)) {
      const blocking = dependents.filter((dependent) => blocks(dependent, object.uid));
      for (const { key } of dependents) this.#look(key);
      if (blocking.length === 0) await this.#letGo(object, foregroundFinalizer);
    }
  }

  #letGo(object: ServedObject, finalizer: string): Promise<void> {
    return this.#objects.edit(object, (metadata) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((name) => name !== finalizer);
    });
  }

  /** Takes references to owners off an object. */
  async #disown(key: ObjectKey, uids: ReadonlySet<string>): Promise<void> {
    const object = this.#options.cache.get(key);
    if (object === undefined) return;
    await this.#objects.edit(object, (metadata) => {
      const left = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid));
      if (left.length === 0) delete metadata.ownerReferences;
      else metadata.ownerReferences = left;
    });
  }

  /** Decides what becomes of an object that has owners. */
  async #judge(object: ServedObject, { ownerReferences = [] }: ObjectMeta): Promise<void> {
    const states = await Promise.all(ownerReferences.map((owner) => this.#owners.stateOf(owner, object.key)));
    if (states.includes('unknown')) return;
    const uidsOf = (state: string) => ownerReferences.filter((_, at) => states[at] === state).map(({ uid }) => uid);
    if (states.includes('present')) {
      const gone = new Set([...uidsOf('absent'), ...uidsOf('waiting')]);
      if (gone.size > 0) await this.#disown(object.key, gone);
      return;
    }
    const reason = this.#objects.keptBecause(object);
    if (reason !== undefined) {
      this.#keep(object, reason);
      return;
    }
    const dependents = this.#index.dependentsOf(object.uid);
    const inForeground = states.includes('waiting') && dependents.length > 0;
    const blocksOwners = ownerReferences.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
    if (inForeground && blocksOwners && dependents.some(({ key }) => this.#isWaiting(key))) {
      await this.#unblock(object); // as a change, this brings it here again
      return;
    }
    await this.#objects.remove(object, inForeground ? 'Foreground' : undefined);
    this.#options.logger.info(
      { ...object.key, owners: ownerReferences.map(({ kind, name }) => `${kind} ${name}`) },
      'deleted, because its owners are gone',
    );
  }

  #isWaiting(key: ObjectKey): boolean {
    const object = this.#options.cache.get(key);
    return object !== undefined && this.#waiting.has(object.uid);
  }

  /** Owners and dependents in a circle would wait for one another for ever. */
  #unblock(object: ServedObject): Promise<void> {
    return this.#objects.edit(object, (metadata) => {
      metadata.ownerReferences = (metadata.ownerReferences ?? []).map((owner) => ({
        ...owner,
        ...(owner.blockOwnerDeletion === true ? { blockOwnerDeletion: false } : {}),
      }));
    });
  }

  #keep(object: ServedObject, reason: string): void {
    const text = keyText(object.key);
    if (this.#kept.get(text) === object.revision) return;
    this.#kept.set(text, object.revision);
    this.#options.logger.info({ ...object.key, reason }, 'kept, although its owners are gone');
    this.#options.kept?.(object, reason);
  }
}

function blocks({ owners }: Dependent, uid: string): boolean {
  return owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);
}
