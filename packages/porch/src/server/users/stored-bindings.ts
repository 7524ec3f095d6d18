import { randomUUID } from 'node:crypto';
import {
  type Binding,
  createWatchCache,
  encodeObject,
  groupResource,
  PreconditionFailedError,
  rbacGroup,
  rbacResources,
  type Store,
  toTime,
  type WatchCache,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { openAccess } from '../access.ts';
import { ensureNamespace } from '../ensure-namespace.ts';
import { extractionRules } from '../extraction-rules.ts';
import type { BindingAccess } from './binding-access.ts';

function keyOf({ kind, metadata: { name = '', namespace = '' } }: Binding) {
  const resource = kind === 'RoleBinding' ? rbacResources.roleBindings : rbacResources.clusterRoleBindings;
  return { resource, namespace, name };
}

/** Bindings in the store of a server that does not run. The caller owns the store and closes it. */
export async function openStoredBindings(store: Store, logger: Logger): Promise<BindingAccess> {
  const clock = () => new Date();
  await ensureNamespace(store, 'default', clock());
  const cache: WatchCache = await createWatchCache({ store, definitions: extractionRules, logger });
  const access = await openAccess({ store, cache, logger, clock, tokens: [] });
  return {
    async exists(resource, namespace, name) {
      const stored = resource === 'namespaces' ? resource : groupResource(resource, rbacGroup);
      return cache.get({ resource: stored, namespace, name }) !== undefined;
    },
    clusterRoles: async () => cache.list(rbacResources.clusterRoles).items.map(({ key }) => key.name),
    bindings: async (label, value) =>
      [rbacResources.clusterRoleBindings, rbacResources.roleBindings]
        .flatMap((resource) => cache.list(resource).items)
        .filter(({ labels }) => labels[label] === value)
        .map((object) => object.decode<Binding>()),
    async create(binding) {
      const uid = randomUUID();
      const metadata = { ...binding.metadata, uid, creationTimestamp: toTime(clock()) };
      const value = encodeObject({ ...binding, metadata });
      try {
        await store.commit({ operations: [{ type: 'put', key: keyOf(binding), uid, value, expected: 0 }] });
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
      }
    },
    async remove(binding) {
      await store.commit({ operations: [{ type: 'delete', key: keyOf(binding) }] });
    },
    close: () => access.close(),
  };
}
