import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { ClusterClient } from './cluster-client.ts';
import { ClusterError, isClusterError } from './cluster-error.ts';

/** What is followed, and how. */
export interface InformerOptions {
  readonly client: ClusterClient;
  /** Of the collection that is followed. */
  readonly path: string;
  /** Limits what is followed; empty for everything. */
  readonly fieldSelector?: string;
  readonly logger: Logger;
  /** Between 0 and 1; spreads clients over time. */
  readonly random: () => number;
  /** Bounds of the pause after a failure, in milliseconds; each is twice the one before. */
  readonly pauseMs?: { readonly first: number; readonly most: number };
  /** How long the first list may take with all its attempts, in milliseconds; half a minute unless told. */
  readonly listWithinMs?: number;
}

/** An object has appeared or changed, or is gone; then it is the last state that was seen. One that was made anew is gone first. */
export interface InformerEvent<T> {
  readonly type: 'CHANGED' | 'REMOVED';
  readonly object: T;
}

interface List<T> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

const defaultListWithinMs = 30_000;
const defaultPauseMs = { first: 250, most: 30_000 };
/** A watch is ended by the cluster after this long, in seconds; half of it at least, so that clients come back one by one. */
const watchSeconds = 600;
/** How much longer than asked a watch may go on before its connection is given up, in milliseconds. */
const overdueMs = 30_000;
/** A watch that ends sooner is no good sign, in milliseconds. */
const briefMs = 1000;
const pageSize = '500';

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/**
 * Keeps a collection of a cluster in memory: lists it, watches from there, goes on from the last known resourceVersion when a watch
 * ends, and lists again when that is too old. Once it has listed it never gives up.
 */
export class Informer<T extends KubernetesObject> {
  readonly #options: InformerOptions;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<(event: InformerEvent<T>) => void>();
  readonly #stop = new AbortController();
  readonly #listed = Promise.withResolvers<void>();
  #version = '';
  #failures = 0;
  #lastFailure: unknown;
  #running: Promise<void> | undefined;

  constructor(options: InformerOptions) {
    this.#options = options;
  }

  /**
   * Begins, and resolves when the collection is known.
   * @throws ClusterError when that is not so in time; the informer is closed then
   */
  async start(): Promise<void> {
    this.#running ??= this.#run();
    const { listWithinMs = defaultListWithinMs } = this.#options;
    const timer = setTimeout(() => this.#listed.reject(this.#unlisted()), listWithinMs);
    try {
      await this.#listed.promise;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Tells of all changes from now on. Returns what ends it. */
  subscribe(listener: (event: InformerEvent<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in the answer to a write of our own, so that it is read before the watch brings it. An older state is ignored. */
  observe(object: T): void {
    const known = this.#objects.get(keyOf(object));
    if (known === undefined || !isNewer(object, known)) return;
    this.#change(object);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the informer was closed'));
    this.#listed.reject(this.#stop.signal.reason);
    this.#listed.promise.catch(() => undefined); // nobody may be waiting
    await this.#running;
  }

  #unlisted(): ClusterError {
    const why = this.#lastFailure instanceof Error ? this.#lastFailure.message : 'the cluster takes too long';
    const code = (this.#lastFailure instanceof ClusterError ? this.#lastFailure.code : undefined) ?? 503;
    return new ClusterError(`${this.#options.path} cannot be listed: ${why}`, code, '', { cause: this.#lastFailure });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (this.#version === '') await this.#list();
        const begun = performance.now();
        await this.#watch();
        if (performance.now() - begun < briefMs) await this.#pause();
        else this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#lastFailure = error;
        await this.#pauseAfter(error);
      }
    }
  }

  async #pauseAfter(error: unknown): Promise<void> {
    const { logger, path } = this.#options;
    if (isClusterError(error, 410)) this.#version = '';
    else if (this.#failures === 0) logger.warn({ err: error, path }, 'the cluster cannot be followed for the moment');
    await this.#pause();
  }

  async #pause(): Promise<void> {
    const { random, pauseMs = defaultPauseMs } = this.#options;
    const delay = Math.min(pauseMs.most, pauseMs.first * 2 ** this.#failures) * (0.75 + random() / 2);
    this.#failures = Math.min(this.#failures + 1, 10);
    await pause(delay, undefined, { signal: this.#stop.signal }).catch(() => undefined); // closed meanwhile
  }

  async #list(): Promise<void> {
    const { client, path, fieldSelector = '' } = this.#options;
    const found = new Map<string, T>();
    let version = '';
    let from: string | undefined = '';
    while (from !== undefined) {
      const query = {
        limit: pageSize,
        ...(from === '' ? {} : { continue: from }),
        ...(fieldSelector === '' ? {} : { fieldSelector }),
      };
      const page: List<T> = await client.get(path, { query, signal: this.#stop.signal });
      for (const object of page.items ?? []) found.set(keyOf(object), object);
      version = page.metadata.resourceVersion ?? '';
      from = (page.metadata.continue ?? '') === '' ? undefined : page.metadata.continue;
    }
    for (const [key, object] of [...this.#objects]) {
      const now = found.get(key);
      if (now === undefined || now.metadata.uid !== object.metadata.uid) this.#remove(object);
    }
    for (const object of found.values()) this.#change(object);
    this.#version = version;
    this.#failures = 0;
    this.#listed.resolve();
  }

  async #watch(): Promise<void> {
    const { client, path, fieldSelector = '', random } = this.#options;
    const seconds = Math.round((watchSeconds * (1 + random())) / 2);
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version,
      timeoutSeconds: String(seconds),
      ...(fieldSelector === '' ? {} : { fieldSelector }),
    };
    const overdue = AbortSignal.timeout(seconds * 1000 + overdueMs);
    const body = await client.open(path, query, AbortSignal.any([this.#stop.signal, overdue]));
    let rest = '';
    for await (const chunk of body.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#event(JSON.parse(line));
    }
  }

  #event({ type, object }: { readonly type: string; readonly object: T }): void {
    if (type === 'ERROR') throw watchError(object);
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#remove(object);
    else if (!this.#isAhead(object)) this.#change(object);
  }

  /** Whether an answer to a write of our own has told more already. */
  #isAhead(object: T): boolean {
    const known = this.#objects.get(keyOf(object));
    return known !== undefined && isNewer(known, object);
  }

  #change(object: T): void {
    const known = this.#objects.get(keyOf(object));
    if (known !== undefined && known.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(keyOf(object), object);
    for (const listener of this.#listeners) listener({ type: 'CHANGED', object });
  }

  #remove(object: T): void {
    if (!this.#objects.delete(keyOf(object))) return;
    for (const listener of this.#listeners) listener({ type: 'REMOVED', object });
  }
}

/** Resource versions of one resource can be compared (KEP-5504): they are whole numbers without leading zeros. */
function isNewer(one: KubernetesObject, other: KubernetesObject): boolean {
  const [a = '', b = ''] = [one.metadata.resourceVersion, other.metadata.resourceVersion];
  return a.length === b.length ? a > b : a.length > b.length;
}

function watchError(status: unknown): ClusterError {
  const {
    message = 'the watch failed',
    code,
    reason = '',
  } = status as { message?: string; code?: number; reason?: string };
  return new ClusterError(message, code, reason);
}
