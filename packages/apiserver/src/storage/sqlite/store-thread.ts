import type { DatabaseSync } from 'node:sqlite';
import { createSealing } from '../sealing.ts';
import type { CompactedStore } from '../store.ts';
import { compactionSteps, revisionToForget } from './compaction.ts';
import { copyDatabase } from './copy-database.ts';
import { describeFailure, isDiskError } from './disk-error.ts';
import { FilesInPlace } from './files-in-place.ts';
import { commitGroup, type GroupContext, type GroupMember, type Outcome } from './group-commit.ts';
import { IdleCheckpoint } from './idle-checkpoint.ts';
import { beginAfter, checkDatabaseKey, readPosition } from './position.ts';
import {
  type CommitReply,
  fromSent,
  type NumberedRequest,
  type Reply,
  toErrorMessage,
  toMade,
  type WorkerMessage,
  type WorkerSettings,
} from './protocol.ts';
import { readChanges, readObjectAt, readSnapshot } from './reads.ts';
import { prepareStatements } from './statements.ts';

type Say = (message: WorkerMessage, transfer?: ArrayBuffer[]) => void;
type CommitRequest = Extract<NumberedRequest, { type: 'commit' }>;
type ReadRequest = Extract<NumberedRequest, { type: 'snapshot' | 'changesAfter' | 'objectAt' | 'content' }>;

/** Bounds how long the first write set of a group waits for the last. */
const largestGroup = 512;
const retentionIntervalMs = 15_000;
const contentGraceMs = 600_000;

/** Serves requests over an open database. Any failure of the disk is said once, as `fatal`; nothing is served after it. */
export class StoreThread {
  readonly #database: DatabaseSync;
  readonly #context: GroupContext;
  readonly #settings: WorkerSettings;
  readonly #say: Say;
  readonly #retentionTimer: NodeJS.Timeout;
  readonly #checkpoint: IdleCheckpoint;
  readonly #files: FilesInPlace;
  #failed = false;
  #closed = false;
  #compacting: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync, settings: WorkerSettings, say: Say) {
    this.#database = database;
    this.#checkpoint = new IdleCheckpoint(database);
    this.#settings = settings;
    this.#say = say;
    const statements = prepareStatements(database);
    checkDatabaseKey(statements, settings.encryption?.key);
    if (settings.continuesAfter !== undefined) beginAfter(statements, settings.continuesAfter);
    this.#context = { statements, sealing: createSealing(settings.encryption), position: readPosition(statements) };
    this.#files = new FilesInPlace(settings.file);
    const everyMs = settings.retention.everyMs ?? retentionIntervalMs;
    this.#retentionTimer = setInterval(() => this.#retain(), everyMs);
  }

  /** Reads are answered from before the commits that came with them. */
  handle(requests: readonly NumberedRequest[]): 'open' | 'closed' {
    if (this.#failed) return 'open';
    const before = this.#context.position.revision;
    try {
      const reads: ReadRequest[] = [];
      const commits: CommitRequest[] = [];
      let closing: NumberedRequest | undefined;
      for (const request of requests) {
        if (request.type === 'commit') commits.push(request);
        else if (request.type === 'compact') this.#compact(request.id, request.revision, request.graceMs);
        else if (request.type === 'backup') this.#backup(request.id, request.file);
        else if (request.type === 'close') closing = request;
        else reads.push(request);
      }
      for (const request of reads) this.#read(request);
      for (let at = 0; at < commits.length; at += largestGroup) this.#commit(commits.slice(at, at + largestGroup));
      if (closing !== undefined) return this.#close(closing.id);
      this.#checkpoint.noticed(this.#context.position.revision - before);
    } catch (error) {
      this.#fail(error);
    }
    return 'open';
  }

  #commit(group: readonly CommitRequest[]): void {
    const members = group.map(({ id, writeSet, dryRun }) => {
      return { id, writeSet: { ...writeSet, operations: writeSet.operations.map(fromSent) }, dryRun };
    });
    const outcomes = commitGroup(this.#context, members);
    this.#files.check();
    this.#say({ type: 'replies', replies: outcomes.map(replyTo), group: group.length });
  }

  #read(request: ReadRequest): void {
    const { id } = request;
    try {
      const result = this.#readResult(request);
      const bytes = result instanceof Uint8Array && result.buffer instanceof ArrayBuffer ? [result.buffer] : [];
      this.#say({ type: 'replies', replies: [{ id, result }] }, bytes);
    } catch (error) {
      if (isDiskError(error)) throw error;
      this.#say({ type: 'replies', replies: [{ id, error: toErrorMessage(error) }] });
    }
  }

  #readResult(request: ReadRequest): unknown {
    switch (request.type) {
      case 'snapshot':
        return readSnapshot(this.#context, request.history);
      case 'changesAfter':
        return readChanges(this.#context, request.revision, request.limit);
      case 'objectAt':
        return readObjectAt(this.#context, request.key, request.revision);
      case 'content':
        return this.#context.statements.content.get(request.digest)?.['bytes'];
    }
  }

  #compact(id: number, revision: number, graceMs: number): void {
    this.#enqueueCompaction(
      () => revision,
      graceMs,
      (result) => this.#say({ type: 'replies', replies: [{ id, result }] }),
    );
  }

  /** Goes on beside other requests; whoever closes the store waits for it first. */
  #backup(id: number, file: string): void {
    copyDatabase(this.#database, file).then(
      () => this.#say({ type: 'replies', replies: [{ id, result: undefined }] }),
      (error: unknown) => this.#say({ type: 'replies', replies: [{ id, error: toErrorMessage(error) }] }),
    );
  }

  #retain(): void {
    this.#enqueueCompaction(
      () => revisionToForget(this.#context, this.#settings.retention, Date.now()),
      contentGraceMs,
      (result) => {
        if (result.entries > 0 || result.contents > 0) this.#say({ type: 'compacted', ...result });
      },
    );
  }

  /** One compaction after the other, each in steps that other work goes between. */
  #enqueueCompaction(revision: () => number, graceMs: number, done: (result: CompactedStore) => void): void {
    const run = () =>
      new Promise<void>((resolve) => {
        let steps: ReturnType<typeof compactionSteps> | undefined;
        const step = () => {
          if (this.#failed || this.#closed) return resolve();
          try {
            steps ??= compactionSteps(this.#context, revision(), graceMs);
            const { done: finished, value } = steps.next();
            if (finished !== true) return void setImmediate(step);
            done(value);
          } catch (error) {
            this.#fail(error);
          }
          resolve();
        };
        step();
      });
    this.#compacting = this.#compacting.then(run);
  }

  #close(id: number): 'closed' {
    this.#closed = true;
    clearInterval(this.#retentionTimer);
    this.#checkpoint.close();
    this.#database.close();
    this.#say({ type: 'replies', replies: [{ id, result: undefined }] });
    return 'closed';
  }

  #fail(error: unknown): void {
    this.#failed = true;
    clearInterval(this.#retentionTimer);
    this.#checkpoint.close();
    this.#say({ type: 'fatal', error: toErrorMessage(describeFailure(this.#settings.file, error)) });
  }
}

function replyTo(outcome: Outcome<GroupMember & { readonly id: number }>): Reply {
  const { id, writeSet } = outcome.member;
  if ('error' in outcome) return { id, error: toErrorMessage(outcome.error) };
  const { revision, changes } = outcome.result;
  const result: CommitReply = { revision, changes: changes.map((change) => toMade(change, writeSet.operations)) };
  return { id, result };
}
