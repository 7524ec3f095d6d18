import {
  type Histogram,
  type Metrics,
  type ObjectKey,
  PreconditionFailedError,
  type ServedEvent,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { caBundleName } from '../cache/git-repositories.ts';
import { releasePendingContent } from '../cache/pending-content.ts';
import { type RevisionState, syncRequests } from '../cache/records.ts';
import type { RegistrationEvent } from '../cache/registrations.ts';
import { decodeRecord } from '../cache/revision-cache.ts';
import type { EngineParts } from '../engine/parts.ts';
import { settleIntents } from '../engine/settle.ts';
import { DiscoveryMemories } from '../git/discovery-memories.ts';
import { discardDraftsAnnotation, packageRevisions, repositoryFinalizer } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';
import { withDraftsMirrored, withUnmirrored } from './repository-conditions.ts';
import { RunLimit } from './run-limit.ts';
import { SyncManager } from './sync-manager.ts';
import { measureSyncs } from './sync-metrics.ts';
import { UnmirroredError, unregisterRepository } from './unregister.ts';

export interface RepositoryControllerOptions {
  readonly parts: EngineParts;
  readonly logger: Logger;
  readonly frequencyMs: number;
  /** Repositories that are synchronised at once. */
  readonly concurrency: number;
  /** How often pushes of unknown outcome are asked about and conditions brought up to date, in milliseconds. */
  readonly housekeepingMs: number;
  readonly random: () => number;
  readonly metrics: Metrics;
}

/** Looks after the registered repositories: one SyncManager each, finalizers, and unregistering. */
export class RepositoryController {
  readonly #options: RepositoryControllerOptions;
  readonly #managers = new Map<string, SyncManager>();
  readonly #removing = new Set<string>();
  readonly #limit: RunLimit;
  readonly #learned: DiscoveryMemories;
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
    this.#seconds = measureSyncs(() => [...this.#managers.values()].map((manager) => manager.history), options.metrics);
  }

  /** Begins with all that are registered, and follows changes. */
  start(): void {
    const { cache, registrations, secrets, conflicts, decisions } = this.#options.parts;
    this.#stops.push(
      registrations.watch((event) => this.#onRepository(event)),
      secrets.watch((namespace, name) => this.#onSecret(namespace, name)),
      cache.objects.watch(syncRequests, cache.revision, (event) => this.#onRequest(event)),
      conflicts.onChange((state) => this.#onDraft(state.key.namespace, decodeRecord<RevisionState>(state).repository)),
      decisions.onChange(({ key, fields }) => this.#onDraft(key.namespace, fields['spec.repository'] ?? '')),
    );
    this.#later(() => this.removeLeftRevisions());
    const timer = setInterval(() => this.#housekeeping(), this.#options.housekeepingMs);
    timer.unref();
    this.#stops.push(() => clearInterval(timer));
    this.#housekeeping();
  }

  /** Ends what is under way and waits for it. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    await Promise.all([...this.#managers.values()].map((manager) => manager.close()));
    await Promise.all(this.#work);
  }

  #onRepository({ type, object }: RegistrationEvent): void {
    if (type === 'CHANGED') {
      this.#observe(object);
      return;
    }
    const { namespace = '', name = '' } = object.metadata;
    const key = `${namespace}/${name}`;
    const manager = this.#managers.get(key);
    this.#managers.delete(key);
    this.#later(async () => {
      await manager?.close();
      await this.#removeLeftovers(namespace, name);
    });
  }

  /** Repositories can go without having been unregistered: before they had a finalizer, or when somebody took that away. */
  async #removeLeftovers(namespace: string, name: string): Promise<number> {
    const { parts, logger } = this.#options;
    const { cache, registrations } = parts;
    if (registrations.get(namespace, name) !== undefined) return 0;
    const known = cache.repositoryState(namespace, name) !== undefined;
    const { length: revisions } = cache.revisionsOfRepository(namespace, name);
    if (!known && revisions === 0) return 0;
    await unregisterRepository(parts, namespace, name, { discardDrafts: true });
    logger.warn(
      { namespace, repository: name },
      'removed what was left of a repository that is not registered any more',
    );
    return revisions;
  }

  /**
   * Takes package revisions of repositories that are not registered out of the API, with DELETED events. Gives how many; what cannot
   * be removed now is logged, and found again the next time.
   */
  async removeLeftRevisions(): Promise<number> {
    const { cache, registrations } = this.#options.parts;
    const owners = new Map<string, { readonly namespace: string; readonly name: string }>();
    for (const { key, fields } of cache.objects.list(packageRevisions).items) {
      const name = fields['spec.repository'] ?? '';
      owners.set(`${key.namespace}/${name}`, { namespace: key.namespace, name });
    }
    let removed = 0;
    for (const { namespace, name } of owners.values()) {
      if (this.#closed || registrations.get(namespace, name) !== undefined) continue;
      try {
        removed += await this.#removeLeftovers(namespace, name);
      } catch (error) {
        this.#options.logger.error(
          { err: error, namespace, repository: name },
          'package revisions of a repository that is gone stay',
        );
      }
    }
    return removed;
  }

  #onRequest({ type, object }: ServedEvent): void {
    if (type === 'DELETED') return;
    this.#managers.get(`${object.key.namespace}/${object.key.name}`)?.trigger();
  }

  /** A conflict with Git has appeared, ended, or been decided: a synchronisation carries that out and says how it is. */
  #onDraft(namespace: string, repository: string): void {
    this.#managers.get(`${namespace}/${repository}`)?.trigger();
  }

  #onSecret(namespace: string, name: string): void {
    for (const { metadata, spec } of this.#options.parts.registrations.list()) {
      if (metadata.namespace !== namespace) continue;
      if (spec.git?.secretRef?.name !== name && name !== caBundleName(namespace)) continue;
      this.#managers.get(`${namespace}/${metadata.name}`)?.trigger();
      this.#options.parts.queue.retry(namespace, metadata.name ?? '');
    }
  }

  #observe(object: Repository): void {
    if (this.#closed) return;
    const { namespace = '', name = '' } = object.metadata;
    const key = `${namespace}/${name}`;
    if (object.metadata.deletionTimestamp !== undefined) {
      this.#later(() => this.#unregister(namespace, name));
      return;
    }
    let manager = this.#managers.get(key);
    if (manager === undefined) {
      const { parts, frequencyMs, random, logger } = this.#options;
      const shared = { parts, learned: this.#learned, limit: this.#limit, frequencyMs, random, logger };
      manager = new SyncManager({ ...shared, seconds: this.#seconds, namespace, name });
      this.#managers.set(key, manager);
    }
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(repositoryFinalizer)) {
      this.#later(() => this.#options.parts.registrations.update(namespace, name, (current) => withFinalizer(current)));
    }
    manager.observe(object);
  }

  async #unregister(namespace: string, name: string): Promise<void> {
    const { parts, logger } = this.#options;
    const key = `${namespace}/${name}`;
    if (this.#removing.has(key)) return;
    this.#removing.add(key);
    try {
      await this.#managers.get(key)?.close();
      this.#managers.delete(key);
      const object = parts.registrations.get(namespace, name);
      if (object?.metadata.finalizers?.includes(repositoryFinalizer) !== true) return;
      const discardDrafts = object.metadata.annotations?.[discardDraftsAnnotation] === 'true';
      try {
        await unregisterRepository(parts, namespace, name, { discardDrafts });
      } catch (error) {
        if (error instanceof PreconditionFailedError) return; // the next round sees what has changed
        if (!(error instanceof UnmirroredError)) throw error;
        parts.queue.retry(namespace, name);
        await parts.registrations.update(namespace, name, (current) => withUnmirrored(current, error, parts.clock()));
        return;
      }
      await parts.registrations.update(namespace, name, (current) => ({
        ...current,
        metadata: {
          ...current.metadata,
          finalizers: (current.metadata.finalizers ?? []).filter((finalizer) => finalizer !== repositoryFinalizer),
        },
      }));
      logger.info({ namespace, repository: name }, 'repository unregistered; Git keeps everything');
    } finally {
      this.#removing.delete(key);
    }
  }

  /** Repositories do not wait for one another: one whose remote does not answer is left out until that has ended. */
  #housekeeping(): void {
    const { parts } = this.#options;
    const { cache } = parts;
    const unsettled = new Map<string, ObjectKey[]>();
    for (const key of parts.intents.keys()) {
      const repository = `${key.namespace}/${cache.state(key.namespace, key.name)?.value.repository ?? ''}`;
      const known = unsettled.get(repository) ?? [];
      unsettled.set(repository, [...known, key]);
    }
    for (const [repository, keys] of unsettled) this.#once(`settle:${repository}`, () => settleIntents(parts, keys));
    this.#once('content', () => releasePendingContent(cache, parts.store));
    for (const { metadata } of parts.registrations.list()) {
      const { namespace = '', name = '' } = metadata;
      this.#once(`repository:${namespace}/${name}`, async () => {
        if (metadata.deletionTimestamp !== undefined) await this.#unregister(namespace, name);
        const backlog = parts.queue.backlog(namespace, name);
        await parts.registrations.update(namespace, name, (current) =>
          withDraftsMirrored(current, backlog, parts.clock()),
        );
      });
    }
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
        this.#options.logger.error({ err: error }, 'background work of the repository controller failed');
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
