import type { Worker } from 'node:worker_threads';
import { pieceMs } from '../../meta/turns.ts';
import { Queue } from '../queue.ts';
import type {
  Change,
  CommitResult,
  CompactedStore,
  LogPage,
  ObjectKey,
  Snapshot,
  Store,
  StoredObject,
  WriteSet,
} from '../store.ts';
import {
  type CommitReply,
  fromErrorMessage,
  fromMade,
  type NumberedRequest,
  type Reply,
  type Request,
  type SlimChange,
  type SnapshotReply,
  toSent,
  type WorkerMessage,
  widen,
} from './protocol.ts';

interface Pending {
  readonly settle: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What the store tells whoever opened it. */
export interface StoreEvents {
  /** At most once: the disk failed or the thread died. */
  fatal(error: Error): void;
  /** A background compaction removed something. */
  compacted(removed: CompactedStore): void;
  /** So many write sets were committed together. */
  groupCommitted(writeSets: number): void;
  /** A listener threw, which it must not. */
  listenerFailed(error: unknown): void;
}

/** The store as the main thread sees it: requests are numbered, batched by turn, and answered by the store's thread. */
export class SqliteStore implements Store {
  readonly #worker: Worker;
  readonly #events: StoreEvents;
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  readonly #pending = new Map<number, Pending>();
  /** What the store's thread has said and was not attended to yet, in order. */
  readonly #said = new Queue<() => void>();
  #attending: NodeJS.Immediate | undefined;
  #outgoing: { requests: NumberedRequest[]; transfer: ArrayBuffer[] } | undefined;
  #nextId = 1;
  /** Why no more requests are taken. */
  #ended: Error | undefined;
  #failed = false;
  #backups: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(worker: Worker, events: StoreEvents) {
    this.#worker = worker;
    this.#events = events;
    worker.on('message', (message: WorkerMessage) => this.#receive(message));
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => {
      if (this.#closing === undefined) this.#fail(new Error(`the store's thread ended with code ${code}`));
    });
  }

  async snapshot(options: { readonly history?: number } = {}): Promise<Snapshot> {
    return this.#ask({ type: 'snapshot', history: options.history ?? 0 }, (result) => {
      const reply = result as SnapshotReply;
      return { ...reply, changes: reply.changes.map((change) => widen(change, (index) => reply.objects[index])) };
    });
  }

  async commit(writeSet: WriteSet, options: { readonly dryRun?: boolean } = {}): Promise<CommitResult> {
    const dryRun = options.dryRun ?? false;
    // Copies of exactly these bytes: a clone of a view would carry the whole buffer behind it.
    const content = writeSet.content?.map(({ digest, bytes }) => ({ digest, bytes: new Uint8Array(bytes) }));
    const { preconditions, operations } = writeSet;
    const request: Request = {
      type: 'commit',
      writeSet: {
        operations: operations.map(toSent),
        ...(preconditions === undefined ? {} : { preconditions }),
        ...(content === undefined ? {} : { content }),
      },
      dryRun,
    };
    return this.#ask(
      request,
      (result) => {
        const reply = result as CommitReply;
        const changes = reply.changes.map((made) => fromMade(made, operations));
        if (!dryRun && changes.length > 0) this.#announce(changes);
        return { revision: reply.revision, changes };
      },
      content?.map(({ bytes }) => bytes.buffer),
    );
  }

  onCommit(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async changesAfter(revision: number, limit: number): Promise<LogPage> {
    return this.#ask({ type: 'changesAfter', revision, limit }, (result) => {
      const changes = (result as SlimChange[]).map((change) => widen(change, () => undefined));
      return { changes, next: changes.at(-1)?.revision ?? revision };
    });
  }

  async objectAt(key: ObjectKey, revision: number): Promise<StoredObject | undefined> {
    return this.#ask({ type: 'objectAt', key, revision }, (result) => result as StoredObject | undefined);
  }

  async content(digest: string): Promise<Uint8Array | undefined> {
    return this.#ask({ type: 'content', digest }, (result) => result as Uint8Array | undefined);
  }

  async compact(revision: number, graceMs = 600_000): Promise<CompactedStore> {
    return this.#ask({ type: 'compact', revision, graceMs }, (result) => result as CompactedStore);
  }

  backup(file: string): Promise<void> {
    const backup = this.#ask({ type: 'backup', file }, () => undefined);
    this.#backups = Promise.allSettled([this.#backups, backup]);
    return backup;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#failed) {
      await this.#worker.terminate();
      return;
    }
    await this.#backups;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    const closed = this.#ask({ type: 'close' }, () => undefined);
    this.#ended = new Error('the store is closed');
    await closed;
    await exited;
    this.#rejectAll(this.#ended);
  }

  #ask<T>(request: Request, read: (result: unknown) => T, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#pending.set(id, { settle: (result) => resolve(read(result)), reject });
    if (this.#outgoing === undefined) {
      this.#outgoing = { requests: [], transfer: [] };
      queueMicrotask(() => this.#send());
    }
    this.#outgoing.requests.push({ ...request, id });
    this.#outgoing.transfer.push(...transfer);
    return promise;
  }

  #send(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    if (outgoing === undefined) return;
    try {
      this.#worker.postMessage(outgoing.requests, outgoing.transfer);
    } catch (cause) {
      for (const { id } of outgoing.requests)
        this.#pending.get(id)?.reject(new Error('not sent to the store', { cause }));
      for (const { id } of outgoing.requests) this.#pending.delete(id);
    }
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'replies': {
        const { group } = message;
        if (group !== undefined) this.#said.push(() => this.#events.groupCommitted(group));
        for (const reply of message.replies) this.#said.push(() => this.#settle(reply));
        break;
      }
      case 'compacted':
        this.#said.push(() => this.#events.compacted(message));
        break;
      case 'fatal':
      case 'refused':
        this.#fail(fromErrorMessage(message.error));
        return;
      case 'ready':
        return;
    }
    if (this.#attending === undefined) this.#attend(pieceMs);
  }

  /** A group may have thousands of changes, which all listeners are told of: others have their turn between two pieces of that work. */
  #attend(mostMs: number): void {
    clearImmediate(this.#attending);
    this.#attending = undefined;
    const begun = performance.now();
    for (let next = this.#said.shift(); next !== undefined; next = this.#said.shift()) {
      next();
      if (this.#said.length > 0 && performance.now() - begun >= mostMs) {
        this.#attending = setImmediate(() => this.#attend(mostMs));
        return;
      }
    }
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (pending === undefined) return;
    if ('error' in reply) pending.reject(fromErrorMessage(reply.error));
    else pending.settle(reply.result);
  }

  #announce(changes: readonly Change[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#events.listenerFailed(error);
      }
    }
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#attend(Number.POSITIVE_INFINITY);
    this.#failed = true;
    this.#ended = new Error('the store has failed', { cause: error });
    this.#rejectAll(this.#ended);
    this.#events.fatal(error);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
