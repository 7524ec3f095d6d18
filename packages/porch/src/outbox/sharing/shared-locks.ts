import {
  type ObjectKey,
  type Precondition,
  PreconditionFailedError,
  type ServedObject,
  type WatchCache,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { LocalLocks, type Release, type RevisionLocks } from '../../cache/locks.ts';
import { type HeldRecord, putRecord, revisionLocks } from '../../cache/records.ts';
import { holderOf, type Member } from './member.ts';

/** Who locks, and where. */
export interface SharedLocksOptions {
  readonly member: Member;
  readonly objects: WatchCache;
  readonly logger: Logger;
}

/**
 * Locks of package revisions among all processes that share the store: a row each, worth something while its holder is a member. Within
 * the process a lock of its own goes first.
 */
export class SharedLocks implements RevisionLocks {
  readonly #options: SharedLocksOptions;
  readonly #local = new LocalLocks();
  readonly #stop: () => void;
  #sweeping = false;

  constructor(options: SharedLocksOptions) {
    this.#options = options;
    this.#stop = options.member.onBeat(() => void this.#sweep());
  }

  async tryAcquire(namespace: string, name: string): Promise<Release | undefined> {
    const letGo = await this.#local.tryAcquire(namespace, name);
    if (letGo === undefined) return undefined;
    try {
      const revision = await this.#take(namespace, name);
      if (revision !== undefined) return () => this.#release(namespace, name, revision).finally(letGo);
    } catch (error) {
      await letGo();
      throw error;
    }
    await letGo();
    return undefined;
  }

  heldElsewhere(namespace: string, name: string): boolean {
    const row = this.#row(namespace, name);
    return row !== undefined && this.#isOthers(row);
  }

  notElsewhere(namespace: string, name: string): readonly Precondition[] {
    return [{ key: lockKey(namespace, name), revision: this.#row(namespace, name)?.revision ?? 0 }];
  }

  close(): void {
    this.#stop();
  }

  /** Writes the row; undefined when another process holds the lock or is faster. */
  async #take(namespace: string, name: string): Promise<number | undefined> {
    const { member } = this.#options;
    const key = lockKey(namespace, name);
    const row = this.#row(namespace, name);
    if (row !== undefined && this.#isOthers(row)) return undefined;
    const record: HeldRecord = { holder: member.id, use: crypto.randomUUID() };
    try {
      const result = await member.store.commit({
        operations: [putRecord(key, record, row?.revision ?? 0)],
      });
      return result.changes.at(-1)?.revision;
    } catch (error) {
      if (error instanceof PreconditionFailedError) return undefined;
      throw error;
    }
  }

  async #release(namespace: string, name: string, revision: number): Promise<void> {
    try {
      await this.#remove(lockKey(namespace, name), revision);
    } catch (error) {
      this.#options.logger.warn({ err: error, namespace, name }, 'a lock could not be released; it will be');
    }
  }

  /** Removes rows of this process that nobody in it holds: their removal failed, or it was not known that they had been written. */
  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    const { member, objects, logger } = this.#options;
    try {
      for (const row of objects.list(revisionLocks).items) {
        const { namespace, name } = row.key;
        if (holderOf(row) !== member.id || this.#local.holds(namespace, name)) continue;
        await this.#remove(row.key, row.revision);
      }
    } catch (error) {
      logger.warn({ err: error }, 'locks could not be released; they will be');
    } finally {
      this.#sweeping = false;
    }
  }

  async #remove(key: ObjectKey, revision: number): Promise<void> {
    try {
      await this.#options.member.store.commit({ operations: [{ type: 'delete', key, expected: revision }] });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error; // somebody has it, or it is gone
    }
  }

  #row(namespace: string, name: string): ServedObject | undefined {
    return this.#options.objects.get(lockKey(namespace, name));
  }

  #isOthers(row: ServedObject): boolean {
    const holder = holderOf(row);
    return holder !== this.#options.member.id && this.#options.member.isAlive(holder);
  }
}

function lockKey(namespace: string, name: string): ObjectKey {
  return { resource: revisionLocks, namespace, name };
}
