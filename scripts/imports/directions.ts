/** Which package may import which, by the names they are imported by. */
export const packageDirections: Readonly<Record<string, readonly string[]>> = {
  apiserver: [],
  kpt: [],
  porch: ['@porch/apiserver', '@porch/kpt'],
};

/** Names that packages are imported by. */
export const packageNames: Readonly<Record<string, string>> = {
  '@porch/apiserver': 'apiserver',
  '@porch/kpt': 'kpt',
  porch: 'porch',
};

const belowEngine = ['cache', 'outbox', 'git', 'resources'];

/** Which folder of `packages/porch/src` may import which. */
export const porchDirections: Readonly<Record<string, readonly string[]>> = {
  resources: [],
  git: ['resources'],
  cache: ['git', 'resources'],
  cluster: ['cache', 'git', 'resources'],
  outbox: ['cache', 'git', 'resources'],
  engine: belowEngine,
  // REST storage asks the engine; it knows neither the cache nor the store.
  api: ['engine', 'resources'],
  controllers: ['engine', ...belowEngine],
  server: ['controllers', 'cluster', 'api', 'engine', ...belowEngine],
  // A client of servers: it knows what the API looks like, nothing behind it.
  import: ['resources'],
  cli: ['server', 'import', 'resources'],
};

/** What folders of `packages/porch/src` must not import besides. */
export interface Ban {
  readonly folder: string;
  readonly rule: string;
  /** Modules that are not to be imported. */
  readonly modules: readonly string[];
  /** Names that files below these folders of `packages/apiserver/src` export are not to be imported. */
  readonly exportedBy: readonly string[];
}

export const bans: readonly Ban[] = [
  {
    folder: 'engine',
    rule: 'engine imports nothing of HTTP',
    modules: ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls'],
    exportedBy: ['http', 'negotiation', 'discovery'],
  },
  {
    folder: 'api',
    rule: 'api imports no storage driver',
    modules: ['node:sqlite', 'pg'],
    exportedBy: ['storage/sqlite', 'storage/postgres'],
  },
];
