import type { Answer, Json } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import type { GitServer } from '../harness/git-server.ts';
import { expectStatus } from '../harness/packages.ts';
import { Remote } from '../harness/remote.ts';
import { readWatch, type Watch } from '../harness/watch.ts';
import { gitPassword, gitUser, readyCondition } from '../harness/world.ts';
import type { ClusterUser, ControlPlane } from './control-plane.ts';

const secretName = 'git-auth';

/** A namespace with a repository, and people with different roles in it. */
export class Team {
  readonly namespace: string;
  readonly #plane: ControlPlane;
  readonly #git: GitServer;
  readonly admin: ClusterUser;
  readonly editor: ClusterUser;
  readonly approver: ClusterUser;
  readonly viewer: ClusterUser;
  /** Somebody without any role. */
  readonly outsider: ClusterUser;

  private constructor(plane: ControlPlane, git: GitServer, namespace: string, users: readonly ClusterUser[]) {
    this.namespace = namespace;
    this.#plane = plane;
    this.#git = git;
    const [admin, editor, approver, viewer, outsider] = users;
    if (!admin || !editor || !approver || !viewer || !outsider) throw new Error('a team has five users');
    this.admin = admin;
    this.editor = editor;
    this.approver = approver;
    this.viewer = viewer;
    this.outsider = outsider;
  }

  /** Makes the namespace, binds roles to users, and stores the password of the Git server. */
  static async create(plane: ControlPlane, git: GitServer, namespace: string): Promise<Team> {
    const names = ['admin', 'editor', 'approver', 'viewer', 'outsider'].map((role) => `${namespace}-${role}`);
    const users = await Promise.all(names.map((name) => plane.user(name)));
    // The roles of Kubernetes have ours in them where the controller runs that puts them there.
    const roles = plane.hasControllers
      ? { admin: ['admin'], editor: ['edit'], viewer: ['view'] }
      : {
          admin: ['porch-viewer', 'porch-repository-admin', 'system:aggregate-to-edit'],
          editor: ['porch-viewer', 'porch-editor'],
          viewer: ['porch-viewer'],
        };
    const binding = (role: string, user: string) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: `${user}-${role}`.replaceAll(':', '-'), namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
    const bindings = Object.entries({ ...roles, approver: ['porch-approver'] }).flatMap(([who, bound]) =>
      bound.map((role) => binding(role, `${namespace}-${who}`)),
    );
    const items = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      ...bindings,
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secretName, namespace },
        type: 'kubernetes.io/basic-auth',
        stringData: { username: gitUser, password: gitPassword },
      },
    ];
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const team = new Team(plane, git, namespace, users);
    await team.#rolesHold();
    return team;
  }

  /** Waits until the last of the roles has come into force: refusals are remembered for a while. */
  async #rolesHold(): Promise<void> {
    const wanted = [
      [this.admin, 'create', 'config.porch.kpt.dev', 'repositories', ''],
      [this.admin, 'get', '', 'secrets', ''],
      [this.editor, 'create', 'porch.kpt.dev', 'packagerevisions', ''],
      [this.approver, 'update', 'porch.kpt.dev', 'packagerevisions', 'approval'],
      [this.viewer, 'watch', 'porch.kpt.dev', 'packagerevisions', ''],
    ] as const;
    for (const [user, verb, group, resource, subresource] of wanted) {
      const resourceAttributes = { namespace: this.namespace, verb, group, resource, subresource };
      await eventually(`${user.name} that may ${verb} ${resource}`, async () => {
        const review = {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        };
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        return expectStatus(await user.client.send('POST', path, review), 201).status.allowed === true;
      });
    }
  }

  path(resource: string, name = '', group = 'porch.kpt.dev'): string {
    const collection = `/apis/${group}/v1alpha1/namespaces/${this.namespace}/${resource}`;
    return name === '' ? collection : `${collection}/${name}`;
  }

  repositoryPath(name: string): string {
    return this.path('repositories', name, 'config.porch.kpt.dev');
  }

  /** Registers a repository of the Git server, as the administrator of the namespace unless told. */
  register(name: string, git: Json = {}, spec: Json = {}, user = this.admin): Promise<Answer> {
    return user.client.send('POST', this.path('repositories', '', 'config.porch.kpt.dev'), {
      apiVersion: 'config.porch.kpt.dev/v1alpha1',
      kind: 'Repository',
      metadata: { name, namespace: this.namespace },
      spec: { git: { repo: this.#git.url(name), secretRef: { name: secretName }, ...git }, ...spec },
    });
  }

  /** A new repository with a branch `main`, registered, and Ready. */
  async addRepository(name: string): Promise<Remote> {
    await this.#git.createRepository(name);
    const remote = new Remote(this.#git.directory(name));
    await remote.push('main', { 'README.md': 'A repository\n' });
    expectStatus(await this.register(name), 201);
    await this.ready(name);
    return remote;
  }

  ready(name: string): Promise<Json> {
    return eventually(`repository ${name} that is Ready`, async () => {
      const object = expectStatus(await this.viewer.client.send('GET', this.repositoryPath(name)), 200);
      return readyCondition(object)?.status === 'True' ? object : undefined;
    });
  }

  /** Creates a draft as the editor. */
  create(repository: string, packageName: string, more: Json = {}, user = this.editor): Promise<Answer> {
    const { metadata = {}, query = '' } = more;
    return user.client.send('POST', `${this.path('packagerevisions')}${query}`, {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: this.namespace, ...metadata },
      spec: {
        repository,
        packageName,
        workspaceName: 'v1',
        tasks: [{ type: 'init', init: { description: 'A package for tests' } }],
      },
    });
  }

  get(name: string, user = this.viewer): Promise<Answer> {
    return user.client.send('GET', this.path('packagerevisions', name));
  }

  async setLifecycle(name: string, lifecycle: string, user: ClusterUser, endpoint = ''): Promise<Answer> {
    const object = expectStatus(await this.get(name, user), 200);
    object.spec.lifecycle = lifecycle;
    return user.client.send('PUT', `${this.path('packagerevisions', name)}${endpoint}`, object);
  }

  /** Creates, proposes and approves; gives the published object. */
  async publish(repository: string, packageName: string): Promise<Json> {
    const { name } = expectStatus(await this.create(repository, packageName), 201).metadata;
    expectStatus(await this.setLifecycle(name, 'Proposed', this.editor), 200);
    return expectStatus(await this.setLifecycle(name, 'Published', this.approver, '/approval'), 200);
  }

  /** Begins a watch of the namespace's package revisions through the aggregator. */
  async watch(from: string): Promise<Watch> {
    const query = `?watch=true&allowWatchBookmarks=true&resourceVersion=${from}`;
    const stream = await this.viewer.client.open('GET', `${this.path('packagerevisions')}${query}`);
    if (stream.status !== 200) throw new Error(`the watch was answered with ${stream.status}`);
    return readWatch(stream);
  }

  /** Runs kubectl in the namespace. @throws Error with what it said, when it fails */
  kubectl(user: ClusterUser, args: readonly string[], stdin?: string): Promise<string> {
    return this.#plane.kubectl(['-n', this.namespace, ...args], stdin, user);
  }
}
