import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { encodeObject } from '../../storage/encode.ts';
import type { ServedObject } from '../../storage/served-object.ts';
import { PreconditionFailedError, type Store } from '../../storage/store.ts';
import type { WatchCache } from '../../storage/watch-cache-api.ts';
import { selectorOf } from './selector-fields.ts';
import { type ClusterRole, type PolicyRule, rbacResources } from './types.ts';

/** What aggregation works with. */
export interface AggregationOptions {
  readonly store: Pick<Store, 'commit'>;
  readonly cache: Pick<WatchCache, 'list' | 'watch' | 'reached'>;
  readonly logger: Pick<Logger, 'error'>;
  /** How long to wait after a failure, in milliseconds; a second unless told. */
  readonly retryMs?: number;
}

/** The same for rules that are equal, in whatever order their fields come. */
function textOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs]);
}

/** Keeps the rules of ClusterRoles with an aggregation rule equal to those of the ClusterRoles that it selects. */
export class ClusterRoleAggregation {
  readonly #options: AggregationOptions;
  readonly #unwatch: () => void;
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;
  #again = false;

  constructor(options: AggregationOptions) {
    this.#options = options;
    const { revision } = options.cache.list(rbacResources.clusterRoles);
    this.#unwatch = options.cache.watch(rbacResources.clusterRoles, revision, () => this.#wake());
    this.#wake();
  }

  /** Resolves when all rules are up to date. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Stops, and waits for what is under way. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#closing.abort();
    this.#again = false;
    await this.settled();
  }

  #wake(): void {
    if (this.#closing.signal.aborted) return;
    this.#again = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      // Between the last look and this, too, somebody may have come.
      if (this.#again) this.#wake();
    });
  }

  async #work(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        // After the turn in which several changes may have come.
        await Promise.resolve();
        await this.#update();
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#options.logger.error({ err: error }, 'ClusterRoles could not be aggregated; trying again');
        await this.#pause();
      }
    }
  }

  /** What could not be written may be the last change for a long time. */
  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    const { retryMs = 1000 } = this.#options;
    await pause(retryMs, undefined, { signal }).catch(() => undefined); // closed meanwhile
    this.#again = !signal.aborted;
  }

  async #update(): Promise<void> {
    const roles = this.#options.cache
      .list(rbacResources.clusterRoles)
      .items.map((object) => ({ object, role: object.decode<ClusterRole>() }));
    for (const { object, role } of roles) {
      const { aggregationRule } = role;
      if (aggregationRule === undefined) continue;
      const selectors = (aggregationRule.clusterRoleSelectors ?? []).map(selectorOf);
      const found = new Map<string, PolicyRule>();
      for (const other of roles) {
        if (other.object === object || !selectors.some((selector) => selector.matches(other.object.labels))) continue;
        for (const rule of other.role.rules ?? []) {
          const text = textOf(rule);
          if (!found.has(text)) found.set(text, rule);
        }
      }
      const rules = [...found.values()];
      if (!isDeepStrictEqual(rules, role.rules ?? [])) await this.#write(object, { ...role, rules });
    }
  }

  async #write({ key, uid, revision }: ServedObject, role: ClusterRole): Promise<void> {
    try {
      await this.#options.store.commit({
        operations: [{ type: 'put', key, uid, value: encodeObject(role), expected: revision }],
      });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      // Somebody else wrote it; that change is on its way here and starts another round.
      await this.#options.cache.reached(error.actual, this.#closing.signal);
      this.#again = true;
    }
  }
}
