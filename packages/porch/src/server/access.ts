import {
  type AccountTokens,
  type Authorizer,
  ClusterRoleAggregation,
  createAuthorizerUnion,
  createGrantGuard,
  createMastersAuthorizer,
  createRbacAuthorizer,
  ensureBootstrapRoles,
  type GrantGuard,
  RbacIndex,
  type RuleResolver,
  type Store,
  type TokenSource,
  type WatchCache,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import { bootstrapRoles } from './bootstrap-roles.ts';

/** Who may do what. */
export interface Access {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
  readonly guard: GrantGuard;
  /** Where bearer tokens are looked up. */
  readonly tokens: readonly TokenSource[];
  /** Makes tokens of service accounts; undefined where nobody can ask for any. */
  readonly accounts: AccountTokens | undefined;
  close(): Promise<void>;
}

/** Makes the roles that always exist, and decides by the roles and bindings in the store from then on. */
export async function openAccess(options: {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly tokens: readonly TokenSource[];
  readonly accounts?: AccountTokens;
}): Promise<Access> {
  const { store, cache, logger, clock, tokens, accounts } = options;
  await ensureBootstrapRoles(bootstrapRoles, { store, cache, now: clock });
  const index = new RbacIndex(cache);
  const aggregation = new ClusterRoleAggregation({ store, cache, logger });
  const masters = createMastersAuthorizer();
  const rbac = createRbacAuthorizer(index);
  const resolver: RuleResolver = {
    rulesFor(user, namespace) {
      const everything = masters.rulesFor(user, namespace);
      return everything.length > 0 ? everything : rbac.rulesFor(user, namespace);
    },
  };
  return {
    authorizer: createAuthorizerUnion([masters, rbac]),
    resolver,
    guard: createGrantGuard(index, resolver),
    tokens: accounts === undefined ? tokens : [...tokens, accounts],
    accounts,
    async close() {
      await aggregation.close();
      index.close();
    },
  };
}
