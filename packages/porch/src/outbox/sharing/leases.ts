import { createHash } from 'node:crypto';
import { type ObjectKey, PreconditionFailedError, type WatchCache } from '@porch/apiserver';
import type { Logger } from 'pino';
import { type HeldRecord, leases, members, putRecord } from '../../cache/records.ts';
import { fencedStore } from './fenced-store.ts';
import { holderOf, type Member } from './member.ts';
import { type Caretaker, type Claim, LeaseLostError, type Ownership } from './ownership.ts';

/** Who wants leases, and where they are seen. */
export interface LeasesOptions {
  readonly member: Member;
  readonly objects: WatchCache;
  readonly logger: Logger;
}

/** Signs of life for which a process leaves a free lease to the one that should have it. */
const patience = 2;

/**
 * Ownership by leases: a row each that names a member. Nobody renews a row; it counts while its holder is a member, and its revision is the
 * epoch that the holder's write sets demand. Free leases are spread over the processes that look after things.
 */
export class Leases implements Ownership {
  readonly sole = false;
  readonly #options: LeasesOptions;
  readonly #claims = new Map<string, LeaseClaim>();
  readonly #stops: (() => void)[];

  constructor(options: LeasesOptions) {
    this.#options = options;
    const { member, objects } = options;
    this.#stops = [
      member.onBeat(() => this.#consider(true)),
      objects.watch(members, objects.revision, () => this.#consider(false)),
      objects.watch(leases, objects.revision, ({ object }) => this.#claims.get(object.key.name)?.consider(false)),
    ];
  }

  claim(name: string, caretaker: Caretaker): Claim {
    if (this.#claims.has(name)) throw new Error(`${name} is claimed already`);
    const claim = new LeaseClaim(name, caretaker, this.#options);
    this.#claims.set(name, claim);
    claim.consider(false);
    return {
      release: async () => {
        await claim.release();
        if (this.#claims.get(name) === claim) this.#claims.delete(name);
      },
    };
  }

  isElsewhere(name: string): boolean {
    const { member, objects } = this.#options;
    const row = objects.get(leaseKey(name));
    if (row === undefined) return false;
    const holder = holderOf(row);
    return holder !== member.id && member.isAlive(holder);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #consider(beat: boolean): void {
    for (const claim of this.#claims.values()) claim.consider(beat);
  }
}

/** One claim: takes the lease when it is free, and gives it back. */
class LeaseClaim {
  readonly #name: string;
  readonly #caretaker: Caretaker;
  readonly #options: LeasesOptions;
  #held: number | undefined;
  #waited = 0;
  #work: Promise<void> | undefined;
  #released = false;

  constructor(name: string, caretaker: Caretaker, options: LeasesOptions) {
    this.#name = name;
    this.#caretaker = caretaker;
    this.#options = options;
  }

  /** Looks whether the lease can be taken. `beat`: some time has passed since the last look that was told so. */
  consider(beat: boolean): void {
    if (this.#released || this.#held !== undefined || this.#work !== undefined) return;
    const { member, objects } = this.#options;
    const row = objects.get(leaseKey(this.#name));
    if (row !== undefined && holderOf(row) !== member.id && member.isAlive(holderOf(row))) {
      this.#waited = 0;
      return;
    }
    if (beat) this.#waited++;
    if (this.#waited < patience && preferred(this.#name, member.caretakers()) !== member.id) return;
    this.#work = this.#take().finally(() => {
      this.#work = undefined;
    });
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#work;
    const epoch = this.#held;
    if (epoch === undefined) return;
    await this.#caretaker.end();
    this.#held = undefined;
    const { member, logger } = this.#options;
    try {
      await member.store.commit({ operations: [{ type: 'delete', key: leaseKey(this.#name), expected: epoch }] });
    } catch (error) {
      logger.warn({ err: error, lease: this.#name }, 'a lease could not be given back; it ends with this process');
    }
  }

  async #take(): Promise<void> {
    const { member, objects, logger } = this.#options;
    const key = leaseKey(this.#name);
    const row = objects.get(key);
    const record: HeldRecord = { holder: member.id, use: crypto.randomUUID() };
    let epoch: number | undefined;
    try {
      const result = await member.store.commit({
        operations: [putRecord(key, record, row?.revision ?? 0)],
      });
      epoch = result.changes.at(-1)?.revision;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) {
        logger.warn({ err: error, lease: this.#name }, 'a lease could not be taken; will try again');
      }
      return;
    }
    if (epoch === undefined) return;
    this.#held = epoch;
    if (this.#released) return;
    logger.debug({ lease: this.#name, epoch }, 'lease taken');
    this.#caretaker.begin(
      fencedStore(member.store, { key, revision: epoch }, (cause) => new LeaseLostError(this.#name, cause)),
    );
  }
}

function leaseKey(name: string): ObjectKey {
  return { resource: leases, namespace: '', name };
}

/** Whom a free lease falls to: with all looking at the same members, leases are spread over them. */
function preferred(name: string, caretakers: readonly string[]): string | undefined {
  let best: { readonly id: string; readonly weight: string } | undefined;
  for (const id of caretakers) {
    const weight = createHash('sha256').update(`${name}\n${id}`).digest('hex');
    if (best === undefined || weight > best.weight) best = { id, weight };
  }
  return best?.id;
}
