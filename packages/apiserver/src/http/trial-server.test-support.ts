import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import Type, { type TProperties } from 'typebox';
import { createCertificateAuthenticator } from '../auth/authenticators.ts';
import { createMastersAuthorizer } from '../auth/authorizer.ts';
import { type Authority, createAuthority, type KeyPair } from '../auth/certificates.ts';
import { systemMasters } from '../auth/user.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { fieldError } from '../meta/field-error.ts';
import { groupResource, type KubernetesObject } from '../meta/object.ts';
import { type AnyResourceDefinition, ageCell, type ResourceDefinition } from '../registry/resource.ts';
import { createStoreStorage } from '../registry/store-storage.ts';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import type { ExtractionRules } from '../storage/extraction.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { type ApiServer, createApiServer } from './server.ts';
import type { ApiServerOptions } from './server-options.ts';

/** A server over a real store with a few kinds of its own, for tests. */
export interface TrialServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly authority: Authority;
  readonly admin: KeyPair;
  readonly server: ApiServer;
  readonly store: Store;
  readonly cache: WatchCache;
  readonly directory: string;
  close(): Promise<void>;
}

/** The kind that tests create, change and watch. */
interface Widget extends KubernetesObject {
  spec?: { color?: string; size?: number; tags?: string[]; parts?: { name: string; count?: number }[] };
  status?: { phase?: string };
}

const extraction: ExtractionRules = {
  selectableFields: { of: (widget: Widget) => ({ 'spec.color': widget.spec?.color ?? '' }) },
  table: { cells: (widget: Widget) => [widget.metadata.name, widget.spec?.color ?? '', ageCell] },
} as ExtractionRules;

type StorageParts = { readonly store: Store; readonly cache: WatchCache };

const widgetSchema = Type.Object({
  spec: Type.Optional(
    Type.Object({
      color: Type.Optional(Type.String()),
      size: Type.Optional(Type.Integer()),
      tags: Type.Optional(Type.Array(Type.String())),
      parts: Type.Optional(
        Type.Array(Type.Object({ name: Type.String(), count: Type.Optional(Type.Integer()) }), {
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-patch-merge-key': 'name',
        }),
      ),
    }),
  ),
  status: Type.Optional(Type.Object({ phase: Type.Optional(Type.String()) })),
});

function widgets({ store, cache }: StorageParts): ResourceDefinition<Widget> {
  const identity = {
    group: 'example.com',
    version: 'v1',
    plural: 'widgets',
    kind: 'Widget',
    namespaced: true,
  } as const;
  const storage = createStoreStorage<Widget>({ store, cache, resource: identity, rules: extraction });
  const colorErrors = (_: unknown, widget: Widget) =>
    widget.spec?.color === 'invisible' ? [fieldError.invalid('spec.color', 'invisible', 'must be a color')] : [];
  const strategy = {
    validate: colorErrors,
    validateUpdate: colorErrors,
    prepareForUpdate(_: unknown, widget: Widget, old: Widget) {
      delete widget.status;
      if (old.status !== undefined) widget.status = old.status;
    },
    prepareForStatusUpdate(_: unknown, widget: Widget, old: Widget) {
      delete widget.spec;
      if (old.spec !== undefined) widget.spec = old.spec;
    },
    canonicalize: (widget: Widget) => void widget.spec?.tags?.sort(),
    warnings: (_: unknown, widget: Widget) => (widget.spec?.color === 'püce' ? ['the color püce is hard to type'] : []),
  };
  return {
    ...identity,
    singular: 'widget',
    listKind: 'WidgetList',
    shortNames: ['wd'],
    description: 'A thing that tests play with.',
    schema: widgetSchema,
    strategy,
    storage,
    subresources: [{ name: 'status', storage: { get: storage.get, update: storage.update }, strategy, status: true }],
    strategicMergePatch: true,
    selectableFields: {
      of: (widget) => ({ 'spec.color': widget.spec?.color ?? '' }),
      known: (field) => field === 'spec.color',
      names: ['spec.color'],
      normalize: (_, value) => value.toLowerCase(),
    },
    table: {
      columns: [
        { name: 'Name', type: 'string', format: 'name', description: 'Name.', priority: 0 },
        { name: 'Color', type: 'string', format: '', description: 'Color.', priority: 0 },
        { name: 'Age', type: 'string', format: '', description: 'Age.', priority: 0 },
      ],
      cells: (widget) => [widget.metadata.name, widget.spec?.color ?? '', ageCell],
    },
  };
}

const nameTable = {
  columns: [{ name: 'Name', type: 'string', format: 'name', description: 'Name.', priority: 0 }],
  cells: (object: KubernetesObject) => [object.metadata.name],
} as const;

function core({ store, cache }: StorageParts): readonly AnyResourceDefinition[] {
  const kinds: readonly (Pick<AnyResourceDefinition, 'plural' | 'singular' | 'kind' | 'namespaced'> & {
    fields: TProperties;
    /** Whether PUT creates what is not there. */
    createOnUpdate?: boolean;
  })[] = [
    { plural: 'namespaces', singular: 'namespace', kind: 'Namespace', namespaced: false, fields: {} },
    {
      plural: 'secrets',
      singular: 'secret',
      kind: 'Secret',
      namespaced: true,
      fields: {
        type: Type.Optional(Type.String()),
        data: Type.Optional(Type.Record(Type.String(), Type.String())),
        immutable: Type.Optional(Type.Boolean()),
      },
    },
    {
      plural: 'endpoints',
      singular: 'endpoints',
      kind: 'Endpoints',
      namespaced: true,
      fields: {},
      createOnUpdate: true,
    },
  ];
  return kinds.map(({ fields, createOnUpdate = false, ...kind }): AnyResourceDefinition => {
    const identity = { group: '', version: 'v1', ...kind };
    return {
      ...identity,
      listKind: `${kind.kind}List`,
      description: `A ${kind.kind}.`,
      schema: Type.Object({ ...fields, spec: Type.Optional(Type.Object({})), status: Type.Optional(Type.Object({})) }),
      strategy: { allowUnconditionalUpdate: true, allowCreateOnUpdate: createOnUpdate },
      storage: createStoreStorage({ store, cache, resource: identity, createOnUpdate }),
      strategicMergePatch: true,
      table: nameTable,
    };
  });
}

/** Starts a server on a free port of the loopback interface, with its own authority, store and identities. */
export async function startTrialServer(options: Partial<ApiServerOptions> = {}): Promise<TrialServer> {
  const directory = await mkdtemp(join(tmpdir(), 'apiserver-'));
  const store = await openSqliteStore({ directory: join(directory, 'store') });
  const cache = await createWatchCache({
    store,
    definitions: new Map([[groupResource('widgets', 'example.com'), extraction]]),
  });
  const authority = await createAuthority({ name: 'trial' });
  const serving = await authority.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const admin = await authority.issueClientCertificate({ name: 'admin', groups: [systemMasters] });
  const definitions = [widgets({ store, cache }), ...core({ store, cache })] as readonly AnyResourceDefinition[];
  const server = createApiServer({
    definitions,
    discovery: createDiscovery({ definitions, version: 'v1.34.0' }),
    authenticators: [createCertificateAuthenticator()],
    authorizer: createMastersAuthorizer(),
    tls: { key: serving.key, cert: serving.certificate, clientCa: authority.certificate },
    listen: { host: '127.0.0.1', port: 0 },
    logger: pino({ level: 'silent' }),
    ...options,
  });
  const { host, port } = await server.listen();
  return {
    host,
    port,
    url: `https://127.0.0.1:${port}`,
    authority,
    admin,
    server,
    store,
    cache,
    directory,
    async close() {
      await server.close();
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
