import { isDeepStrictEqual } from 'node:util';
import { encodeObject, PreconditionFailedError, type Store, type WatchCache } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import { namespaceFinalizer, namespaces } from '../resources/group.ts';
import type { Namespace } from '../resources/namespace.ts';
import { namespaceConditions, type RemainingContent } from './namespace-conditions.ts';

/** A namespace says what it waits for when it has been looked at so often, and again after as many times more. */
const roundsUntilSaid = 20;

const nothing: RemainingContent = { resources: new Map(), finalizers: new Map(), reasons: [] };

/** How a namespace is emptied. */
export interface NamespaceContents {
  /** Asks for the deletion of what may go now. Objects with finalizers stay until those are gone. */
  removeSome(namespace: string): Promise<void>;
  /** Whether nothing is left, and nothing is being created. */
  isEmpty(namespace: string): boolean;
  /** What is left. */
  remaining(namespace: string): RemainingContent;
}

/** What the controller works on. */
export interface NamespaceControllerOptions {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly contents: NamespaceContents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often a namespace that is going is looked at, in milliseconds. */
  readonly everyMs: number;
}

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export class NamespaceController {
  readonly #options: NamespaceControllerOptions;
  /** Namespaces that are being deleted, and how often each has been found with something in it. */
  readonly #going = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #stop: (() => void) | undefined;

  constructor(options: NamespaceControllerOptions) {
    this.#options = options;
  }

  start(): void {
    const { cache } = this.#options;
    const { revision, items } = cache.list(namespaces);
    for (const item of items) this.#observe(item.decode<Namespace>());
    this.#stop = cache.watch(namespaces, revision, (event) => {
      if (event.type === 'DELETED') this.#going.delete(event.object.key.name);
      else this.#observe(event.object.decode<Namespace>());
    });
  }

  /** Waits for what is under way. What is left is found again by the next start. */
  async close(): Promise<void> {
    this.#stop?.();
    clearTimeout(this.#timer);
    this.#going.clear();
    await this.#work;
  }

  #observe(object: Namespace): void {
    if (object.metadata.deletionTimestamp === undefined) return;
    const { name = '' } = object.metadata;
    if (!this.#going.has(name)) this.#going.set(name, 0);
    if (this.#timer === undefined && this.#work === undefined) this.#later(0);
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#work = this.#round().finally(() => {
        this.#work = undefined;
        if (this.#going.size > 0) this.#later(this.#options.everyMs);
      });
    }, ms);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    for (const name of [...this.#going.keys()]) {
      try {
        await this.#advance(name);
      } catch (error) {
        this.#options.logger.warn({ err: error, namespace: name }, 'namespace could not be emptied; will try again');
      }
    }
  }

  async #advance(name: string): Promise<void> {
    const { store, cache, clock, contents } = this.#options;
    const key = { resource: namespaces, namespace: '', name };
    const served = cache.get(key);
    if (served === undefined) {
      this.#going.delete(name);
      return;
    }
    const { resourceVersion: _, ...metadata } = served.decode<Namespace>().metadata;
    const object: Namespace = { ...served.decode<Namespace>(), metadata };
    const { conditions = [] } = object.status ?? {};
    const write = async (operation: 'put' | 'delete', said = conditions): Promise<void> => {
      const expected = served.revision;
      const status = { phase: 'Terminating', ...(said.length === 0 ? {} : { conditions: said }) };
      const terminating: Namespace = { ...object, status };
      const value = encodeObject(terminating);
      try {
        await store.commit({
          operations: [
            operation === 'put'
              ? { type: 'put', key, uid: served.uid, value, expected }
              : { type: 'delete', key, expected },
          ],
        });
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error; // the next round sees what has changed
      }
    };
    if (object.status?.phase !== 'Terminating') return write('put');
    if (!contents.isEmpty(name)) {
      await contents.removeSome(name);
      const rounds = (this.#going.get(name) ?? 0) + 1;
      if (this.#going.has(name)) this.#going.set(name, rounds);
      if (rounds % roundsUntilSaid !== 0) return;
      const said = namespaceConditions(conditions, contents.remaining(name), clock());
      if (!isDeepStrictEqual(said, conditions)) await write('put', said);
      return;
    }
    const others = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== namespaceFinalizer);
    if (others.length === 0) return write('delete');
    object.metadata.finalizers = others;
    return write('put', conditions.length === 0 ? [] : namespaceConditions(conditions, nothing, clock()));
  }
}
