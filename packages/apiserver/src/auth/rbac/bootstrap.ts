import { randomUUID } from 'node:crypto';
import { apiVersionOf, type ObjectMeta, toTime } from '../../meta/object.ts';
import { encodeObject } from '../../storage/encode.ts';
import { PreconditionFailedError, type Store } from '../../storage/store.ts';
import type { WatchCache } from '../../storage/watch-cache-api.ts';
import { systemAuthenticated, systemMasters, systemMonitoring, systemUnauthenticated } from '../user.ts';
import { uncoveredRules } from './rule-cover.ts';
import { type Binding, type ClusterRole, everything, type PolicyRule, rbacGroup, rbacResources } from './types.ts';

/** A ClusterRole that a server always has. */
export interface BootstrapRole {
  readonly name: string;
  readonly description: string;
  readonly rules: readonly PolicyRule[];
  /** Groups that it is bound to, by a ClusterRoleBinding of the same name. */
  readonly groups?: readonly string[];
}

const read = ['get'];

/** Roles that every server needs: everything for administrators, and what all clients ask for. */
export const systemRoles: readonly BootstrapRole[] = [
  {
    name: 'cluster-admin',
    description: 'Everything.',
    rules: everything,
    groups: [systemMasters],
  },
  {
    name: 'system:discovery',
    description: 'What the server serves.',
    rules: [
      {
        verbs: read,
        nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', '/version', '/version/'],
      },
      // Always empty; clients ask for it to learn whether a kind is served.
      {
        verbs: ['get', 'list', 'watch'],
        apiGroups: ['apiextensions.k8s.io'],
        resources: ['customresourcedefinitions'],
      },
    ],
    groups: [systemAuthenticated],
  },
  {
    name: 'system:public-info-viewer',
    description: 'What everybody may know: whether the server is well, and its version.',
    rules: [{ verbs: read, nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }],
    groups: [systemAuthenticated, systemUnauthenticated],
  },
  {
    name: 'system:basic-user',
    description: 'What one may do oneself.',
    rules: [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
    groups: [systemAuthenticated],
  },
  {
    name: 'system:monitoring',
    description: 'How the server is doing: health and metrics.',
    rules: [
      {
        verbs: read,
        nonResourceURLs: [
          ...['/metrics', '/metrics/*'],
          ...['/healthz', '/healthz/*', '/livez', '/livez/*', '/readyz', '/readyz/*'],
        ],
      },
    ],
    groups: [systemMonitoring],
  },
];

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

/** What roles are written to. */
export interface BootstrapOptions {
  readonly store: Pick<Store, 'commit'>;
  readonly cache: Pick<WatchCache, 'get' | 'reached'>;
  readonly now: () => Date;
}

/** How long to wait until what another server has written is seen, in milliseconds. */
const seenMs = 10_000;

function newMetadata(name: string, description: string, now: Date): ObjectMeta {
  return {
    name,
    uid: randomUUID(),
    creationTimestamp: toTime(now),
    annotations: { [autoUpdate]: 'true', 'kubernetes.io/description': description },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  };
}

class Bootstrap {
  readonly #options: BootstrapOptions;

  constructor(options: BootstrapOptions) {
    this.#options = options;
  }

  /** Servers that start together on one database make the same: what another one was first with is looked at once more. */
  async untilDone(step: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        await this.#options.cache.reached(error.actual, AbortSignal.timeout(seenMs));
      }
    }
  }

  async role({ name, description, rules }: BootstrapRole): Promise<void> {
    const known = this.#find<ClusterRole>(rbacResources.clusterRoles, name);
    if (known === undefined) {
      await this.#put(rbacResources.clusterRoles, 0, {
        apiVersion: apiVersionOf(rbacGroup, 'v1'),
        kind: 'ClusterRole',
        metadata: newMetadata(name, description, this.#options.now()),
        rules: rules.map((rule) => structuredClone(rule)),
      });
      return;
    }
    const { object, revision } = known;
    if (object.metadata.annotations?.[autoUpdate] === 'false') return;
    const missing = uncoveredRules(object.rules ?? [], rules);
    if (missing.length === 0) return;
    await this.#put(rbacResources.clusterRoles, revision, { ...object, rules: [...(object.rules ?? []), ...missing] });
  }

  async binding({ name, description, groups = [] }: BootstrapRole): Promise<void> {
    if (groups.length === 0) return;
    const known = this.#find<Binding>(rbacResources.clusterRoleBindings, name);
    const wanted = groups.map((group) => ({ kind: 'Group', apiGroup: rbacGroup, name: group }));
    if (known === undefined) {
      await this.#put(rbacResources.clusterRoleBindings, 0, {
        apiVersion: apiVersionOf(rbacGroup, 'v1'),
        kind: 'ClusterRoleBinding',
        metadata: newMetadata(name, description, this.#options.now()),
        subjects: wanted,
        roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
      });
      return;
    }
    const { object, revision } = known;
    const subjects = object.subjects ?? [];
    const missing = wanted.filter(({ name: group }) => !subjects.some((s) => s.kind === 'Group' && s.name === group));
    if (missing.length === 0 || object.metadata.annotations?.[autoUpdate] === 'false') return;
    await this.#put(rbacResources.clusterRoleBindings, revision, { ...object, subjects: [...subjects, ...missing] });
  }

  #find<T extends ClusterRole | Binding>(resource: string, name: string) {
    const found = this.#options.cache.get({ resource, namespace: '', name });
    return found === undefined ? undefined : { object: found.decode<T>(), revision: found.revision };
  }

  async #put(resource: string, expected: number, object: ClusterRole | Binding): Promise<void> {
    const { name = '', uid = '' } = object.metadata;
    const key = { resource, namespace: '', name };
    await this.#options.store.commit({
      operations: [{ type: 'put', key, uid, value: encodeObject(object), expected }],
    });
  }
}

/**
 * Makes the roles that are missing, and gives those that are there what they lack, unless their annotation
 * `rbac.authorization.kubernetes.io/autoupdate` is `false`. Nothing is taken away from them. Other servers on the database may do the same
 * meanwhile.
 */
export async function ensureBootstrapRoles(roles: readonly BootstrapRole[], options: BootstrapOptions): Promise<void> {
  const bootstrap = new Bootstrap(options);
  for (const role of roles) {
    await bootstrap.untilDone(() => bootstrap.role(role));
    await bootstrap.untilDone(() => bootstrap.binding(role));
  }
}
