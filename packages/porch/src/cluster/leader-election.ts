import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { collectionPath, leaseResource, objectPath } from './resource-path.ts';

/** Who stands for election, and for what. */
export interface LeaderElectionOptions {
  readonly client: ClusterClient;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Which of the candidates this is; different for each process. */
  readonly identity: string;
  readonly logger: Logger;
  readonly clock: () => Date;
  /** Begins what only the leader does. Returns what ends it, and resolves when it has ended. */
  lead(): () => Promise<void>;
  readonly times?: Partial<LeaderElectionTimes>;
  /** A clock that only goes forward, in milliseconds; that of the process unless given. */
  readonly now?: () => number;
}

/** As in the Go library; milliseconds. */
export interface LeaderElectionTimes {
  /** How long the others leave a leader alone that gives no sign of life. */
  readonly leaseMs: number;
  /**
   * How long a leader goes on that cannot renew its Lease; shorter, so that it begins nothing more when another one begins. What is under
   * way then may go on beside that one until `lead` has ended it.
   */
  readonly renewMs: number;
  /** Between two looks. */
  readonly retryMs: number;
}

const defaultTimes: LeaderElectionTimes = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };

interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

/**
 * Lets one of several processes lead at a time, by a Lease (`coordination.k8s.io/v1`) that the leader renews. Clocks of different
 * machines are not compared: a Lease counts as abandoned when nobody has been seen to renew it for as long as it says.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaderElectionTimes;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #seen: { readonly record: string; readonly at: number } = { record: '', at: 0 };
  #endLeading: (() => Promise<void>) | undefined;
  /** The last look took the Lease, or renewed it. */
  #justTaken = false;
  #running: Promise<void> | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#times = { ...defaultTimes, ...options.times };
    this.#now = options.now ?? (() => performance.now());
  }

  get leads(): boolean {
    return this.#endLeading !== undefined;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends what the leader does, and lets go of the Lease, so that the next one begins at once. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (!this.leads && !this.#justTaken) return;
    await this.#stopLeading();
    await this.#release();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let renewedAt = this.#now();
    while (!signal.aborted) {
      const begun = this.#now();
      const left = this.leads ? renewedAt + this.#times.renewMs - begun : this.#times.renewMs;
      this.#justTaken = await this.#tryHold(AbortSignal.timeout(Math.max(1, Math.round(left))));
      if (this.#justTaken) {
        renewedAt = begun;
        this.#beginLeading();
      } else if (this.leads && this.#now() - renewedAt >= this.#times.renewMs) {
        this.#options.logger.error('the Lease could not be renewed: this server leads no more');
        await this.#stopLeading();
      }
      await pause(this.#times.retryMs, undefined, { signal }).catch(() => undefined); // closed meanwhile
    }
  }

  #beginLeading(): void {
    if (this.leads || this.#stop.signal.aborted) return;
    this.#options.logger.info({ lease: this.#options.name }, 'this server leads now');
    this.#endLeading = this.#options.lead();
  }

  async #stopLeading(): Promise<void> {
    const end = this.#endLeading;
    this.#endLeading = undefined;
    await end?.();
  }

  /** Takes or renews the Lease. Returns whether we hold it; where another does, our leading ends at once. */
  async #tryHold(deadline: AbortSignal): Promise<boolean> {
    const { logger, identity } = this.#options;
    try {
      const lease = await this.#read(deadline);
      if (lease === undefined) {
        await this.#create(deadline);
        return true;
      }
      const holder = lease.spec?.holderIdentity ?? '';
      if (holder !== identity && holder !== '' && !this.#isAbandoned(lease)) {
        if (this.leads) await this.#stopLeading();
        return false;
      }
      await this.#write(lease, holder === identity, deadline);
      return true;
    } catch (error) {
      const lost = isClusterError(error, 409);
      if (!lost) logger.warn({ err: error }, 'the Lease of the leader could not be read or written');
      return false;
    }
  }

  #isAbandoned(lease: Lease): boolean {
    const record = JSON.stringify(lease.spec);
    const now = this.#now();
    if (record !== this.#seen.record) this.#seen = { record, at: now };
    const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
    return now - this.#seen.at > durationMs;
  }

  #spec(transitions: number, acquired: string) {
    const { identity, clock } = this.#options;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(this.#times.leaseMs / 1000)),
      acquireTime: acquired,
      renewTime: microTime(clock()),
      leaseTransitions: transitions,
    };
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get<Lease>(objectPath(leaseResource, namespace, name), { signal });
    } catch (error) {
      if (isClusterError(error, 404)) return undefined;
      throw error;
    }
  }

  async #create(signal: AbortSignal): Promise<void> {
    const { client, namespace, name, clock } = this.#options;
    await client.create(
      collectionPath(leaseResource, namespace),
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace, name },
        spec: this.#spec(0, microTime(clock())),
      },
      { signal },
    );
  }

  async #write(lease: Lease, renews: boolean, signal: AbortSignal): Promise<void> {
    const { client, namespace, name, clock } = this.#options;
    const transitions = (lease.spec?.leaseTransitions ?? 0) + (renews ? 0 : 1);
    const acquired = (renews ? lease.spec?.acquireTime : undefined) ?? microTime(clock());
    const spec = this.#spec(transitions, acquired);
    await client.update(objectPath(leaseResource, namespace, name), { ...lease, spec }, { signal });
  }

  async #release(): Promise<void> {
    const { client, namespace, name, identity, logger } = this.#options;
    try {
      const signal = AbortSignal.timeout(this.#times.retryMs);
      const lease = await this.#read(signal);
      if (lease?.spec?.holderIdentity !== identity) return;
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
      await client.update(objectPath(leaseResource, namespace, name), { ...lease, spec }, { signal });
    } catch (error) {
      logger.warn({ err: error }, 'the Lease of the leader could not be let go of; it ends by itself');
    }
  }
}
