import { setTimeout as pause } from 'node:timers/promises';
import {
  type Change,
  type CommitResult,
  type CompactedStore,
  type LogPage,
  type ObjectKey,
  type Snapshot,
  type Store,
  type StoredObject,
  StoreUnavailableError,
  type WriteSet,
} from '../store.ts';
import { compact, retain } from './compaction.ts';
import type { Connection } from './connection.ts';
import { GroupCommitter } from './group-committer.ts';
import { type Delivery, GroupQueue } from './group-queue.ts';
import type { Seen } from './history.ts';
import { LatestRevision } from './latest-revision.ts';
import type { PostgresSettings } from './options.ts';
import { type ReadContext, readChanges, readContent, readObjectAt, readSnapshot } from './reads.ts';
import type { Session } from './session.ts';
import { Tail } from './tail.ts';
import { toUnavailable } from './unavailable.ts';

/** What the store is made of. */
export interface PostgresStoreParts extends ReadContext {
  readonly settings: PostgresSettings;
  /** A UUID of this process's own. */
  readonly writer: string;
  /** The revision to begin at. */
  readonly revision: number;
  /** `tail` follows the log, `reads` has the small reads, `bulk` the large ones and compaction. */
  readonly sessions: { readonly [name in 'writer' | 'tail' | 'reads' | 'bulk']: Session };
  readonly fatal: (error: Error) => void;
}

/** Notifications make readers fast; this makes them certain. */
const pollMs = 2_000;
const retentionMs = 30_000;
const contentGraceMs = 600_000;
/** How often the database is asked whether it is there, once the store is about to be closed. */
const askMs = 1_000;

/** The store on a database that several processes may share. */
export class PostgresStore implements Store {
  readonly #parts: PostgresStoreParts;
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  readonly #tail: Tail;
  readonly #queue: GroupQueue;
  readonly #latest: LatestRevision;
  readonly #timers: readonly NodeJS.Timeout[];
  /** Large reads and compactions, one after the other. */
  #bulk: Promise<unknown> = Promise.resolve();
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;
  #closesSoon = false;

  constructor(parts: PostgresStoreParts) {
    this.#parts = parts;
    const { settings, sessions, statements, sealing, writer } = parts;
    const { logger, unavailableAfterMs, onGroup } = settings;
    this.#tail = new Tail(
      {
        session: sessions.tail,
        statements,
        sealing,
        deliver: (changes) => this.#announce(changes),
        failed: (error) => this.fail(error),
      },
      parts.revision,
    );
    const committer = new GroupCommitter({ session: sessions.writer, statements, sealing, writer, unavailableAfterMs });
    const delivery: Delivery = {
      publish: (base, writeSets) => {
        onGroup(writeSets.length);
        this.#tail.publish(base, writeSets);
      },
      reached: (upTo) => this.#tail.reached(upTo),
    };
    this.#queue = new GroupQueue(committer, delivery, logger, unavailableAfterMs);
    this.#latest = new LatestRevision(sessions.tail, statements, unavailableAfterMs);
    this.#timers = [
      setInterval(() => this.poll(), pollMs),
      setInterval(() => this.#retain(), (settings.retention.everyMs ?? retentionMs) * (0.75 + Math.random() / 2)),
    ];
  }

  /** How far the history has been delivered. */
  get seen(): Seen {
    return this.#tail.seen;
  }

  /** Someone has committed. What is no revision comes from others who use the channel's name, and says nothing. */
  notified(revision: number): void {
    if (this.#ended === undefined && Number.isSafeInteger(revision)) this.#tail.wake(revision);
  }

  /** Looks whether something was committed. */
  poll(): void {
    if (this.#ended !== undefined) return;
    this.#latest.ask().then(
      (revision) => this.notified(revision),
      // Being cut off is logged where the connection is made, and the next poll comes.
      () => undefined,
    );
  }

  async snapshot(options: { readonly history?: number } = {}): Promise<Snapshot> {
    const snapshot = await this.#inBulk((connection) => readSnapshot(connection, this.#parts, options.history ?? 0));
    // So that no listener is told of changes that the snapshot has, after it was read.
    await this.#tail.reached(snapshot.revision);
    return snapshot;
  }

  async commit(writeSet: WriteSet, options: { readonly dryRun?: boolean } = {}): Promise<CommitResult> {
    this.#requireOpen();
    return this.#queue.push(writeSet, options.dryRun ?? false);
  }

  onCommit(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async latestRevision(): Promise<number> {
    this.#requireOpen();
    try {
      const revision = await this.#latest.ask();
      this.#tail.wake(revision);
      return revision;
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  changesAfter(revision: number, limit: number): Promise<LogPage> {
    return this.#read((connection) => readChanges(connection, this.#parts, revision, limit));
  }

  objectAt(key: ObjectKey, revision: number): Promise<StoredObject | undefined> {
    return this.#read((connection) => readObjectAt(connection, this.#parts, key, revision));
  }

  content(digest: string): Promise<Uint8Array | undefined> {
    return this.#read((connection) => readContent(connection, this.#parts, digest));
  }

  compact(revision: number, graceMs = contentGraceMs): Promise<CompactedStore> {
    return this.#inBulk((connection) => compact(connection, this.#parts.statements, revision, graceMs));
  }

  expectClose(): void {
    if (this.#closesSoon) return;
    this.#closesSoon = true;
    void this.#whileAnswered();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the store: what it has delivered does not lead on to what the database holds. */
  fail(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = new Error('the store has failed', { cause: error });
    this.#stop(this.#ended);
    void this.#closeSessions();
    this.#parts.fatal(error);
  }

  async #close(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = new Error('the store is closed');
      // A database that is gone must not keep the process from ending.
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, this.#parts.settings.unavailableAfterMs);
      await Promise.race([Promise.all([this.#queue.drained(), this.#bulk.catch(() => undefined)]), late]);
      clearTimeout(timer);
      this.#stop(this.#ended);
    }
    await this.#closeSessions();
    await this.#queue.drained();
  }

  /** Asks the database from time to time, and gives it up when it does not answer as long as callers wait. */
  async #whileAnswered(): Promise<void> {
    while (this.#ended === undefined) {
      if (await this.#answers()) await pause(askMs, undefined, { ref: false });
      else this.#giveUp();
    }
  }

  async #answers(): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), this.#parts.settings.unavailableAfterMs);
    const answered = this.#queue.push({ operations: [] }, true).then(
      () => true,
      (error: unknown) => !(error instanceof StoreUnavailableError),
    );
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #giveUp(): void {
    if (this.#ended !== undefined) return;
    const reason = new StoreUnavailableError('the database does not answer, and this process is about to end');
    this.#parts.settings.logger?.warn('the database does not answer; this process ends without it');
    this.#ended = reason;
    this.#stop(reason);
    void this.#closeSessions(reason);
  }

  #stop(reason: Error): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#tail.end(reason);
  }

  async #closeSessions(reason?: StoreUnavailableError): Promise<void> {
    await Promise.all(Object.values(this.#parts.sessions).map((session) => session.close(reason)));
  }

  #retain(): void {
    const { settings, statements } = this.#parts;
    const { schema, retention, logger, onCompacted } = settings;
    this.#inBulk((connection) => retain(connection, statements, schema, retention, contentGraceMs)).then(
      (removed) => {
        if (removed === undefined || removed.entries + removed.contents === 0) return;
        logger?.info(removed, 'store compacted');
        onCompacted(removed);
      },
      (error: unknown) => {
        if (this.#ended === undefined) logger?.warn({ err: error }, 'the store was not compacted');
      },
    );
  }

  async #read<T>(work: (connection: Connection) => Promise<T>, session = this.#parts.sessions.reads): Promise<T> {
    this.#requireOpen();
    try {
      return await session.repeatable(work);
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  #inBulk<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const turn = this.#bulk.then(() => this.#read(work, this.#parts.sessions.bulk));
    this.#bulk = turn.catch(() => undefined);
    return turn;
  }

  #announce(changes: readonly Change[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#parts.settings.logger?.error({ err: error }, 'a listener of the store failed');
      }
    }
  }

  #requireOpen(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}
