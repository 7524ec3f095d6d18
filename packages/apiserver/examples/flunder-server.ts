/**
 * A Kubernetes API server of one kind, Flunder in wardle.example.com, in one file:
 *
 *     node packages/apiserver/examples/flunder-server.ts DIRECTORY
 *     kubectl --kubeconfig DIRECTORY/kubeconfig get flunders
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as k8s from '@porch/apiserver';
import { pino } from 'pino';
import Type from 'typebox';

interface Flunder extends k8s.KubernetesObject {
  spec?: { reference?: string };
}

const reference = k8s.fields.text('Name of the other one.');
const spec = Type.Object({ reference }, { description: 'What it refers to.' });
const selfReferences = (_: unknown, { metadata, spec }: Flunder) =>
  spec?.reference === metadata.name ? [k8s.fieldError.invalid('spec.reference', metadata.name, 'must be another')] : [];

const flunders: k8s.ResourceKind<Flunder> = {
  group: 'wardle.example.com',
  version: 'v1alpha1',
  plural: 'flunders',
  singular: 'flunder',
  kind: 'Flunder',
  listKind: 'FlunderList',
  shortNames: ['fl'],
  namespaced: true,
  description: 'Something that refers to another thing of its kind.',
  schema: Type.Object({ spec: Type.Optional(spec) }),
  strategy: { validate: selfReferences, validateUpdate: selfReferences },
  table: {
    columns: [k8s.nameColumn, k8s.column('Reference', 'string', 'Name of the other one.'), k8s.ageColumn],
    cells: ({ metadata, spec }) => [metadata.name ?? '', spec?.reference ?? '', k8s.ageCell],
  },
  selectableFields: {
    of: ({ spec }) => ({ 'spec.reference': spec?.reference ?? '' }),
    known: (f) => f === 'spec.reference',
    names: ['spec.reference'],
  },
  strategicMergePatch: true,
};

const directory = process.argv[2] ?? '.flunders';
const store = await k8s.openSqliteStore({ directory });
const [key, rules] = k8s.extractionOf(flunders);
const cache = await k8s.createWatchCache({ store, definitions: new Map([[key, rules]]) });
const storage = k8s.createStoreStorage<Flunder>({ store, cache, resource: k8s.storedResource(flunders), rules });
const definitions = [k8s.withStorage(flunders, storage)];
const authority = await k8s.createAuthority({ name: 'flunder' });
const tls = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
const admin = await authority.issueClientCertificate({ name: 'admin', groups: ['system:masters'] });
const server = k8s.createApiServer({
  definitions,
  discovery: k8s.createDiscovery({ definitions, version: k8s.productGitVersion('flunder', '0.1.0') }),
  authenticators: [k8s.createCertificateAuthenticator()],
  authorizer: k8s.createMastersAuthorizer(),
  tls: { key: tls.key, cert: tls.certificate, clientCa: authority.certificate },
  listen: { host: '127.0.0.1', port: 0 },
  logger: pino({ level: 'warn' }, pino.destination(2)),
});
const { port } = await server.listen();
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': base64(authority.certificate) };
const user = { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) };
const config = {
  clusters: [{ name: 'flunder', cluster }],
  users: [{ name: 'admin', user }],
  contexts: [{ name: 'flunder', context: { cluster: 'flunder', user: 'admin' } }],
  'current-context': 'flunder',
};
await writeFile(join(directory, 'kubeconfig'), JSON.stringify(config), { mode: 0o600 });
process.stdout.write(`ready: kubectl --kubeconfig ${join(directory, 'kubeconfig')} get flunders\n`);
process.once('SIGTERM', async () => {
  await server.close();
  await store.close();
});
