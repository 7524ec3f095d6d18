import type { Json } from './api-client.ts';
import { eventually } from './eventually.ts';
import { type GitServer, type GitServerOptions, startGitServer } from './git-server.ts';
import { expectStatus, Packages, repositoriesPath } from './packages.ts';
import { type Porch, type PorchOptions, startPorch } from './porch.ts';
import { Remote } from './remote.ts';

export const gitUser = 'porch';
export const gitPassword = 'correct-horse-battery-staple';
export const gitSecret = 'git-auth';

export interface WorldOptions {
  readonly porch?: PorchOptions;
  readonly git?: Pick<GitServerOptions, 'onRequest'>;
}

/** A server, a Git server that asks for a password, and the secret with which the one gets into the other. */
export interface World {
  readonly porch: Porch;
  readonly git: GitServer;
  readonly packages: Packages;
  /** A new repository on the Git server with a branch `main`, registered, and Ready. */
  addRepository(name: string, spec?: Json): Promise<Remote>;
  /** A repository made from an archive, registered, and Ready. */
  importRepository(name: string, archive: string, spec?: Json): Promise<Remote>;
  /** Registers a repository of the Git server. */
  register(name: string, spec?: Json): Promise<void>;
  /** Waits until a Repository has been looked at and its condition Ready has this status; gives the object. */
  ready(name: string, status?: 'True' | 'False'): Promise<Json>;
  /** Asks for a synchronisation, and does not wait for it. Gives the time that stands for it, which is its alone. */
  askForSync(name: string): Promise<string>;
  /** Asks for a synchronisation, and waits until it has been done, which does not come about while it fails. */
  sync(name: string): Promise<Json>;
  close(): Promise<void>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const git = await startGitServer({ ...options.git, users: { [gitUser]: gitPassword } });
  let porch: Porch;
  try {
    porch = await startPorch(options.porch);
  } catch (error) {
    await git.close();
    throw error;
  }
  return worldOf(porch, git, async () => {
    try {
      await porch.close();
    } finally {
      await git.close();
    }
  });
}

/** The same with servers that run already. */
export async function worldOf(porch: Porch, git: GitServer, close: () => Promise<void>): Promise<World> {
  await createSecret(porch, gitSecret, gitPassword);
  const repositoryOf = async (name: string): Promise<Json> =>
    expectStatus(await porch.http('GET', `${repositoriesPath}/${name}`), 200);

  let lastSync = 0;
  const world: World = {
    porch,
    git,
    packages: new Packages(porch),
    async addRepository(name, spec) {
      await git.createRepository(name);
      const remote = new Remote(git.directory(name));
      await remote.push('main', { 'README.md': 'A repository\n' });
      await world.register(name, spec);
      await world.ready(name);
      return remote;
    },
    async importRepository(name, archive, spec) {
      await git.importRepository(name, archive);
      await world.register(name, spec);
      await world.ready(name);
      return new Remote(git.directory(name));
    },
    async register(name, spec = {}) {
      const { git: more, ...rest } = spec;
      expectStatus(
        await porch.http('POST', repositoriesPath, {
          apiVersion: 'config.porch.kpt.dev/v1alpha1',
          kind: 'Repository',
          metadata: { name, namespace: 'default' },
          spec: { type: 'git', git: { repo: git.url(name), secretRef: { name: gitSecret }, ...more }, ...rest },
        }),
        201,
      );
    },
    ready: (name, status = 'True') =>
      eventually(`repository ${name} with Ready ${status}`, async () => {
        const object = await repositoryOf(name);
        const condition = readyCondition(object);
        return condition?.status === status && condition.reason !== 'Reconciling' ? object : undefined;
      }),
    async askForSync(name) {
      // Times are kept in whole seconds, and each request has one of its own.
      lastSync = Math.max(Math.floor(Date.now() / 1000), lastSync + 1);
      const at = new Date(lastSync * 1000).toISOString().replace('.000Z', 'Z');
      const patch = { spec: { sync: { runOnceAt: at } } };
      expectStatus(
        await porch.http('PATCH', `${repositoriesPath}/${name}`, patch, {
          'content-type': 'application/merge-patch+json',
        }),
        200,
      );
      return at;
    },
    async sync(name) {
      const at = await world.askForSync(name);
      return eventually(`synchronisation of ${name}`, async () => {
        const object = await repositoryOf(name);
        return object.status?.observedRunOnceAt === at && object.spec.sync?.runOnceAt === undefined
          ? object
          : undefined;
      });
    },
    close,
  };
  return world;
}

/** The condition Ready of a Repository. */
export function readyCondition(object: Json): Json {
  return object.status?.conditions?.find(({ type }: Json) => type === 'Ready');
}

/** Makes or replaces a basic-auth secret of the Git server's user. */
export async function createSecret(porch: Porch, name: string, password: string): Promise<void> {
  const path = '/api/v1/namespaces/default/secrets';
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/basic-auth',
    stringData: { username: gitUser, password },
  };
  const created = await porch.http('POST', path, secret);
  if (created.status !== 409) {
    expectStatus(created, 201);
    return;
  }
  expectStatus(
    await porch.http(
      'PATCH',
      `${path}/${name}`,
      { stringData: secret.stringData },
      {
        'content-type': 'application/merge-patch+json',
      },
    ),
    200,
  );
}
