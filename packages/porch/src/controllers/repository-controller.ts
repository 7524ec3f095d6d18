import {
  type Histogram,
  PreconditionFailedError,
  type ServedEvent,
  type Store,
  type Tracing,
  turns,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { caBundleName } from '../cache/git-repositories.ts';
import { type RevisionState, syncRequests } from '../cache/records.ts';
import type { RegistrationEvent } from '../cache/registrations.ts';
import { decodeRecord } from '../cache/revision-cache.ts';
import type { EngineParts } from '../engine/parts.ts';
import { intentsOf, settleIntents } from '../engine/settle.ts';
import { DiscoveryMemories } from '../git/discovery-memories.ts';
import { type Claim, LeaseLostError, type Ownership, repositoryLease } from '../outbox/sharing/ownership.ts';
import { discardDraftsAnnotation, repositoryFinalizer } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';
import { removeLeftovers } from './leftovers.ts';
import { observedUpdate } from './observed-update.ts';
import { RegistrationOrder } from './registration-order.ts';
import { withDraftsMirrored, withUnmirrored } from './repository-conditions.ts';
import type { RepositoryEvents } from './repository-events.ts';
import { RunLimit } from './run-limit.ts';
import { SyncManager } from './sync-manager.ts';
import type { SyncMetrics } from './sync-metrics.ts';
import { UnmirroredError, unregisterRepository } from './unregister.ts';

/** What the controller works on, and how often. */
export interface RepositoryControllerOptions {
  readonly parts: EngineParts;
  readonly ownership: Ownership;
  readonly logger: Logger;
  readonly frequencyMs: number;
  /** Repositories that are synchronised at once. */
  readonly concurrency: number;
  /** How often pushes of unknown outcome are asked about and conditions brought up to date, in milliseconds. */
  readonly housekeepingMs: number;
  readonly random: () => number;
  readonly syncMetrics: SyncMetrics;
  readonly tracing: Pick<Tracing, 'apart'>;
  readonly events: RepositoryEvents;
}

/** A repository that belongs to this process. */
interface Owned {
  /** With a store that refuses writes when the repository belongs to somebody else by now. */
  readonly parts: EngineParts;
  manager: SyncManager | undefined;
  /** How often what is left of one of this name that is gone is being removed right now. */
  leaving: number;
}

/**
 * Looks after the registered repositories that belong to this process: one SyncManager each, pushes of drafts, finalizers, and
 * unregistering.
 */
export class RepositoryController {
  readonly #options: RepositoryControllerOptions;
  readonly #claims = new Map<string, Claim>();
  readonly #owned = new Map<string, Owned>();
  readonly #removing = new Set<string>();
  readonly #limit: RunLimit;
  readonly #learned: DiscoveryMemories;
  readonly #order = new RegistrationOrder();
  readonly #seconds: Histogram<'outcome'>;
  readonly #stops: (() => void)[] = [];
  readonly #work = new Set<Promise<unknown>>();
  /** Work that is not begun again while it is under way. */
  readonly #busy = new Set<string>();
  #closed = false;

  constructor(options: RepositoryControllerOptions) {
    this.#options = options;
    this.#limit = new RunLimit(options.concurrency);
    this.#learned = new DiscoveryMemories(options.logger);
    const managers = (): SyncManager[] => [...this.#owned.values()].flatMap(({ manager }) => manager ?? []);
    this.#seconds = options.syncMetrics.seconds;
    this.#stops.push(options.syncMetrics.follow(() => managers().map((manager) => manager.history)));
  }

  /** Begins with all that are registered, and follows changes. */
  start(): void {
    const { cache, registrations, secrets, conflicts, decisions } = this.#options.parts;
    for (const object of registrations.list()) this.#order.observe({ type: 'CHANGED', object });
    this.#stops.push(
      registrations.watch((event) => this.#onRepository(event)),
      secrets.watch((namespace, name) => this.#onSecret(namespace, name)),
      cache.objects.watch(syncRequests, cache.revision, (event) => this.#onRequest(event)),
      conflicts.onChange((state) => this.#onDraft(state.key.namespace, decodeRecord<RevisionState>(state).repository)),
      decisions.onChange(({ key, fields }) => this.#onDraft(key.namespace, fields['spec.repository'] ?? '')),
    );
    const timer = setInterval(() => this.#keepHouse(), this.#options.housekeepingMs);
    timer.unref();
    this.#stops.push(() => clearInterval(timer));
    this.#keepHouse();
  }

  /** Ends what is under way and waits for it. Other processes may go on with it then. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    await Promise.all([...this.#claims.values()].map((claim) => claim.release()));
    await Promise.all(this.#work);
  }

  #onRepository(event: RegistrationEvent): void {
    const { type, object } = event;
    const { namespace = '', name = '' } = object.metadata;
    const others = this.#order.observe(event);
    if (type === 'CHANGED') this.#observe(namespace, name, object);
    else this.#later(() => this.#forget(namespace, name));
    for (const key of others) this.#owned.get(key)?.manager?.trigger();
  }

  #observe(namespace: string, name: string, object: Repository): void {
    if (this.#closed) return;
    const key = `${namespace}/${name}`;
    if (this.#claims.has(key)) {
      this.#lookAfter(namespace, name, object);
      return;
    }
    const claim = this.#options.ownership.claim(repositoryLease(namespace, name), {
      begin: (store) => this.#begin(namespace, name, store),
      end: () => this.#end(namespace, name),
    });
    this.#claims.set(key, claim);
  }

  #begin(namespace: string, name: string, store: Store): void {
    const { parts } = this.#options;
    this.#owned.set(`${namespace}/${name}`, { parts: { ...parts, store }, manager: undefined, leaving: 0 });
    parts.queue.activate(namespace, name, store);
    const object = parts.registrations.get(namespace, name);
    if (object !== undefined) this.#lookAfter(namespace, name, object);
    this.#settle(namespace, name);
  }

  async #end(namespace: string, name: string): Promise<void> {
    const owned = this.#owned.get(`${namespace}/${name}`);
    this.#owned.delete(`${namespace}/${name}`);
    await owned?.manager?.close();
    await this.#options.parts.queue.deactivate(namespace, name);
  }

  /**
   * A repository is gone. Nothing of it must be left, also where it has not been unregistered; what cannot be removed now, the next cleanup
   * finds.
   */
  async #forget(namespace: string, name: string): Promise<void> {
    const owned = this.#owned.get(`${namespace}/${name}`);
    try {
      if (owned !== undefined) await this.#removeLeft(namespace, name, owned);
    } finally {
      await this.#letGo(namespace, name);
    }
  }

  async #removeLeft(namespace: string, name: string, owned: Owned): Promise<void> {
    owned.leaving++;
    try {
      await owned.manager?.close();
      owned.manager = undefined;
      await removeLeftovers({ parts: owned.parts, logger: this.#options.logger }, namespace, name);
    } finally {
      owned.leaving--;
    }
  }

  async #letGo(namespace: string, name: string): Promise<void> {
    const key = `${namespace}/${name}`;
    const { registrations, queue } = this.#options.parts;
    if (registrations.get(namespace, name) === undefined) {
      await this.#claims.get(key)?.release();
      this.#claims.delete(key);
      queue.forget(namespace, name);
    }
    // It may have been registered again meanwhile.
    const object = registrations.get(namespace, name);
    if (object !== undefined) this.#observe(namespace, name, object);
  }

  #lookAfter(namespace: string, name: string, object: Repository): void {
    const owned = this.#owned.get(`${namespace}/${name}`);
    // What is removed of one that had the name before must not be found by a synchronisation: it is looked after when that is done.
    if (owned === undefined || owned.leaving > 0 || this.#closed) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      this.#later(() => this.#unregister(namespace, name, owned));
      return;
    }
    if (owned.manager === undefined) {
      const { frequencyMs, random, logger, events, tracing } = this.#options;
      const shared = {
        learned: this.#learned,
        limit: this.#limit,
        order: this.#order,
        frequencyMs,
        random,
        logger,
        events,
        tracing,
      };
      owned.manager = new SyncManager({ ...shared, parts: owned.parts, seconds: this.#seconds, namespace, name });
    }
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(repositoryFinalizer)) {
      this.#later(() => owned.parts.registrations.update(namespace, name, (current) => withFinalizer(current)));
    }
    owned.manager.observe(object);
  }

  #onRequest({ type, object }: ServedEvent): void {
    if (type === 'DELETED') return;
    this.#owned.get(`${object.key.namespace}/${object.key.name}`)?.manager?.trigger();
  }

  /** A conflict with Git has appeared, ended, or been decided: a synchronisation carries that out and says how it is. */
  #onDraft(namespace: string, repository: string): void {
    this.#owned.get(`${namespace}/${repository}`)?.manager?.trigger();
  }

  #onSecret(namespace: string, name: string): void {
    for (const { metadata, spec } of this.#options.parts.registrations.list()) {
      if (metadata.namespace !== namespace) continue;
      if (spec.git?.secretRef?.name !== name && name !== caBundleName(namespace)) continue;
      this.#owned.get(`${namespace}/${metadata.name}`)?.manager?.trigger();
      this.#options.parts.queue.retry(namespace, metadata.name ?? '');
    }
  }

  async #unregister(namespace: string, name: string, { parts, manager }: Owned): Promise<void> {
    const { logger } = this.#options;
    const key = `${namespace}/${name}`;
    if (this.#removing.has(key)) return;
    this.#removing.add(key);
    try {
      await manager?.close();
      const object = parts.registrations.get(namespace, name);
      if (object?.metadata.finalizers?.includes(repositoryFinalizer) !== true) return;
      const discardDrafts = object.metadata.annotations?.[discardDraftsAnnotation] === 'true';
      try {
        await unregisterRepository(parts, namespace, name, { discardDrafts });
      } catch (error) {
        if (error instanceof PreconditionFailedError) return; // the next round sees what has changed
        if (!(error instanceof UnmirroredError)) throw error;
        parts.queue.retry(namespace, name);
        const change = (current: Repository) => withUnmirrored(current, error, parts.clock());
        await observedUpdate(parts, this.#options.events, { namespace, name, change });
        return;
      }
      await parts.registrations.update(namespace, name, (current) => ({
        ...current,
        metadata: {
          ...current.metadata,
          finalizers: (current.metadata.finalizers ?? []).filter((finalizer) => finalizer !== repositoryFinalizer),
        },
      }));
      const message = 'Its package revisions are gone from the API; Git keeps everything';
      this.#options.events.record(object, { type: 'Normal', reason: 'Unregistered', message });
      logger.info({ namespace, repository: name }, 'repository unregistered; Git keeps everything');
    } finally {
      this.#removing.delete(key);
    }
  }

  #keepHouse(): void {
    this.#once('housekeeping', () => this.#housekeeping());
  }

  /** Repositories do not wait for one another: one whose remote does not answer is left out until that has ended. */
  async #housekeeping(): Promise<void> {
    for (const [key, owned] of this.#owned) {
      if (turns.over) await turns.next();
      const { parts } = owned;
      const [namespace = '', name = ''] = key.split('/');
      this.#settle(namespace, name);
      this.#once(`repository:${key}`, async () => {
        const object = parts.registrations.get(namespace, name);
        if (object === undefined) return;
        if (object.metadata.deletionTimestamp !== undefined) await this.#unregister(namespace, name, owned);
        const backlog = parts.queue.backlog(namespace, name);
        const change = (current: Repository) => withDraftsMirrored(current, backlog, parts.clock());
        // Mostly there is nothing to say: finding that out takes no copy, of which there would be thousands.
        if (change(object) === undefined) return;
        await observedUpdate(parts, this.#options.events, { namespace, name, change });
      });
    }
  }

  /** Finds out what became of pushes to a repository whose outcome is not known. */
  #settle(namespace: string, name: string): void {
    const parts = this.#owned.get(`${namespace}/${name}`)?.parts;
    if (parts === undefined) return;
    const keys = intentsOf(parts, namespace, name);
    if (keys.length > 0) this.#once(`settle:${namespace}/${name}`, () => settleIntents(parts, keys));
  }

  #once(name: string, work: () => Promise<unknown>): void {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    this.#later(() => work().finally(() => this.#busy.delete(name)));
  }

  /** Runs background work; a failure is logged and ends nothing else. */
  #later(work: () => Promise<unknown>): void {
    if (this.#closed) return;
    const running = work()
      .catch((error: unknown) => {
        const { logger } = this.#options;
        if (error instanceof LeaseLostError) logger.info({ err: error }, 'another server goes on');
        else logger.error({ err: error }, 'background work of the repository controller failed');
      })
      .finally(() => this.#work.delete(running));
    this.#work.add(running);
  }
}

function withFinalizer(object: Repository): Repository | undefined {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(repositoryFinalizer) || object.metadata.deletionTimestamp !== undefined) return undefined;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, repositoryFinalizer] } };
}
