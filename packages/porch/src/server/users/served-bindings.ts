import type { Binding } from '@porch/apiserver';
import { rbacGroup } from '@porch/apiserver';
import type { AdminClient } from './admin-client.ts';
import type { BindingAccess } from './binding-access.ts';

const group = `/apis/${rbacGroup}/v1`;

function collection({ kind, metadata: { namespace = '' } }: Binding): string {
  return kind === 'RoleBinding'
    ? `${group}/namespaces/${encodeURIComponent(namespace)}/rolebindings`
    : `${group}/clusterrolebindings`;
}

/** Bindings of a server that runs. */
export function servedBindings(client: AdminClient): BindingAccess {
  const namesOf = (list: unknown): string[] =>
    (list as { items: Binding[] }).items.map(({ metadata }) => metadata.name ?? '');
  return {
    async exists(resource, namespace, name) {
      const prefix = resource === 'namespaces' ? '/api/v1' : group;
      const within = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
      const path = `${prefix}${within}/${resource}/${encodeURIComponent(name)}`;
      return (await client.send('GET', path, { accept: [200, 404] })).code === 200;
    },
    clusterRoles: async () => namesOf((await client.send('GET', `${group}/clusterroles`, { accept: [200] })).body),
    async bindings(label, value) {
      const query = `?labelSelector=${encodeURIComponent(`${label}=${value}`)}`;
      const found: Binding[] = [];
      for (const [plural, kind] of [
        ['clusterrolebindings', 'ClusterRoleBinding'],
        ['rolebindings', 'RoleBinding'],
      ] as const) {
        const { body } = await client.send('GET', `${group}/${plural}${query}`, { accept: [200] });
        // Items of a list need not say their kind.
        found.push(...(body as { items: Binding[] }).items.map((item) => ({ ...item, kind })));
      }
      return found;
    },
    async create(binding) {
      await client.send('POST', collection(binding), { body: binding, accept: [201, 409] });
    },
    async remove(binding) {
      const path = `${collection(binding)}/${encodeURIComponent(binding.metadata.name ?? '')}`;
      await client.send('DELETE', path, { accept: [200, 202, 404] });
    },
    close: async () => client.close(),
  };
}
