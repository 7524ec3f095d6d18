import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../harness/api-client.ts';
import { eventually, eventuallyHolds } from '../harness/eventually.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { expectStatus } from '../harness/packages.ts';
import type { Remote } from '../harness/remote.ts';
import { gitPassword, gitUser, readyCondition } from '../harness/world.ts';
import { AggregatedPorch } from './aggregated-porch.ts';
import { ControlPlane } from './control-plane.ts';
import { findControlPlane } from './control-plane-programs.ts';
import { Team } from './team.ts';

const programs = findControlPlane();
const discoveryV2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

describe.skipIf(programs === undefined)('behind a kube-apiserver', () => {
  let git: GitServer;
  let plane: ControlPlane;
  let porch: AggregatedPorch;
  let team: Team;
  let remote: Remote;
  beforeAll(async () => {
    if (programs === undefined) return;
    git = await startGitServer({ users: { [gitUser]: gitPassword } });
    plane = await ControlPlane.start(programs);
    if (programs.controllerManager !== undefined) await plane.startControllerManager();
    porch = await AggregatedPorch.install(plane);
    await porch.start();
    await porch.available();
    team = await Team.create(plane, git, 'team-a');
    remote = await team.addRepository('blueprints');
  });
  afterAll(async () => {
    await porch?.stop();
    await plane?.close();
    await git?.close();
  });

  it("discovery and OpenAPI become part of the cluster's, and hide nothing of it", async () => {
    const { client } = await plane.admin();
    await eventuallyHolds(async () => {
      const { items } = (await client.send('GET', '/apis', undefined, { accept: discoveryV2 })).json;
      const group = (name: string) => items.find(({ metadata }: Json) => metadata.name === name)?.versions[0];
      expect(group('porch.kpt.dev')).toMatchObject({ version: 'v1alpha1', freshness: 'Current' });
      const resources = group('porch.kpt.dev').resources.map(({ resource }: Json) => resource);
      expect(resources.sort()).toEqual(['packagerevisionresources', 'packagerevisions', 'packages']);
      expect(group('config.porch.kpt.dev')).toBeDefined();
    });
    const { gitVersion } = (await client.send('GET', '/version')).json;
    expect(execFileSync(programs?.apiServer ?? '', ['--version'], { encoding: 'utf8' })).toBe(
      `Kubernetes ${gitVersion}\n`,
    );
    await eventuallyHolds(async () => {
      const v3 = (await client.send('GET', '/openapi/v3')).json.paths;
      expect(v3['apis/porch.kpt.dev/v1alpha1']).toBeDefined();
      expect((await client.send('GET', v3['api/v1'].serverRelativeURL)).text).toContain('io.k8s.api.core.v1.Pod');
      expect(await team.kubectl(team.viewer, ['explain', 'packagerevisions.spec.lifecycle'])).toContain(
        'KIND:       PackageRevision',
      );
    });
    expect(await team.kubectl(team.viewer, ['explain', 'repositories.spec.git.branch'])).toContain(
      'Branch that published packages go to',
    );
    await eventuallyHolds(async () => {
      const v2 = (await client.send('GET', '/openapi/v2')).json;
      const path = '/apis/porch.kpt.dev/v1alpha1/namespaces/{namespace}/packagerevisions';
      expect(v2.paths[path]?.get).toBeDefined();
      expect(v2.paths['/api/v1/namespaces'].get).toBeDefined();
    });
  });

  it('Repositories are custom resources with rules, columns, Events and a status of the controller', async () => {
    const object = await team.ready('blueprints');
    expect(object.metadata.finalizers).toEqual(['config.porch.kpt.dev/repository']);
    expect(object.spec.git.branch).toBe('main');
    expect(object.metadata.managedFields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ manager: 'repository-controller', operation: 'Apply', subresource: 'status' }),
      ]),
    );
    const table = await team.kubectl(team.viewer, ['get', 'repo']);
    expect(table).toMatch(/NAME +TYPE +CONTENT +SYNC SCHEDULE +DEPLOYMENT +READY +ADDRESS +BRANCH +AGE/);
    expect(table).toMatch(/blueprints .*Package .*True .*blueprints\.git +main/);
    await eventuallyHolds(async () => {
      expect(await team.kubectl(team.admin, ['get', 'events'])).toMatch(
        /Normal +Synced +repository\/blueprints +The package revisions are those in Git/,
      );
    });
    const refused = async (answer: Promise<{ status: number; text: string }>, message: string) => {
      const { status, text } = await answer;
      expect(text).toContain(message);
      expect(status).toBeGreaterThanOrEqual(400);
    };
    const change = (spec: Json) =>
      team.admin.client.send(
        'PATCH',
        team.repositoryPath('blueprints'),
        { spec },
        { 'content-type': 'application/merge-patch+json' },
      );
    await refused(change({ git: { branch: 'other' } }), 'spec.git.branch is immutable');
    await refused(change({ git: { repo: 'https://other.example/x' } }), 'spec.git.repo is immutable');
    await refused(change({ sync: { schedule: 'now and then' } }), 'spec.sync.schedule');
    await refused(team.register('a.b'), 'metadata.name must conform to the RFC1123 DNS label standard');
    await refused(team.register('x'.repeat(64)), 'metadata.name must be no more than 63 characters');
    const same = { repo: git.url('blueprints') };
    await refused(team.register('again', same), 'Repository conflict with existing repository: team-a/blueprints');
    await refused(
      team.register('inner', { ...same, directory: 'a/b' }),
      'Repository conflict with existing repository',
    );
    await refused(
      team.register('mine', { ...same, branch: 'b', secretRef: { name: 'git-auth' } }, {}, team.editor),
      'forbidden',
    );
    expectStatus(await change({ sync: { schedule: '@daily' } }), 200);
  });

  it('of two Repositories that conflict and were both let pass, the later one waits until the first is gone', async () => {
    const operations = [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['UPDATE'] }];
    const webhook = ['validatingwebhookconfiguration', 'porch-repositories'];
    await plane.kubectl(['patch', ...webhook, '--type=json', '-p', JSON.stringify(operations)]);
    // Of two in one second their uids decide.
    const first = expectStatus(await team.viewer.client.send('GET', team.repositoryPath('blueprints')), 200);
    const later = Date.parse(first.metadata.creationTimestamp) + 1000;
    await eventually('another second than that of the first', async () => Date.now() >= later);
    await eventually(
      'a registration that is let pass',
      async () => (await team.register('late', { repo: git.url('blueprints'), directory: 'inner' })).status === 201,
    );
    await porch.reinstall();
    const ready = async () => {
      const object = expectStatus(await team.viewer.client.send('GET', team.repositoryPath('late')), 200);
      return readyCondition(object);
    };
    const condition = await eventually('what keeps it from being Ready', async () => {
      const found = await ready();
      return found?.reason !== 'Reconciling' && found;
    });
    expect(condition).toMatchObject({
      status: 'False',
      reason: 'RepositoryConflict',
      message: expect.stringContaining('Repository conflict with team-a/blueprints'),
    });
    expect((await team.create('late', 'in-vain')).text).toContain('RepositoryConflict');
    await plane.kubectl(['-n', 'team-a', 'delete', 'repository', 'late', '--timeout=60s']);
  });

  it('a Secret is used only for those who may read it', async () => {
    const role = ['create', 'role', 'registrar', '--verb=create', '--resource=repositories.config.porch.kpt.dev'];
    await plane.kubectl(['-n', 'team-a', ...role]);
    await plane.kubectl([
      '-n',
      'team-a',
      'create',
      'rolebinding',
      'registrar',
      '--role=registrar',
      '--user=team-a-outsider',
    ]);
    await git.createRepository('private');
    const answer = await team.register('private', {}, {}, team.outsider);
    expect(answer.text).toContain(
      'spec.git.secretRef names the Secret \\"git-auth\\", which user \\"team-a-outsider\\" may not get',
    );
    expect(answer.status).toBe(403);
  });

  it('packages live through the aggregator, and everybody does what their role allows', async () => {
    expect((await team.create('blueprints', 'net', {}, team.viewer)).status).toBe(403);
    expect((await team.get('x', team.outsider)).json).toMatchObject({ reason: 'Forbidden', code: 403 });
    const draft = expectStatus(await team.create('blueprints', 'net'), 201);
    const { name } = draft.metadata;
    expect(name).toBe('blueprints.net.v1');

    const resources = team.path('packagerevisionresources', name);
    const files = expectStatus(await team.editor.client.send('GET', resources), 200);
    files.spec.resources['cm.yaml'] = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: net\n';
    expectStatus(await team.editor.client.send('PUT', resources, files), 200);

    const applied = {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { name, labels: { tier: 'net' } },
    };
    const apply = ['apply', '--server-side', '--field-manager=e2e', '-f', '-'];
    expect(await team.kubectl(team.editor, apply, JSON.stringify(applied))).toContain('serverside-applied');
    expect(await team.kubectl(team.editor, ['label', 'packagerevision', name, 'stage=one'])).toContain('labeled');

    expectStatus(await team.setLifecycle(name, 'Proposed', team.editor), 200);
    expect((await team.setLifecycle(name, 'Published', team.editor, '/approval')).status).toBe(403);
    const published = expectStatus(await team.setLifecycle(name, 'Published', team.approver, '/approval'), 200);
    expect(published.status.publishedBy).toBe('team-a-approver');
    expect(published.metadata.labels).toMatchObject({ tier: 'net', stage: 'one' });
    expect(Object.keys(await remote.refs())).toContain('tags/net/v1');
    expect((await remote.files('refs/tags/net/v1', 'net'))['cm.yaml']).toContain('name: net');
    expect((await remote.commit('refs/heads/main')).author).toContain('team-a-approver');
    expect(await team.kubectl(team.viewer, ['get', 'packagerevisions'])).toMatch(/blueprints\.net\.v1 .*Published/);
    expect((await team.editor.client.send('DELETE', team.path('packagerevisions', name))).text).toContain(
      'must be proposed for deletion',
    );
  });

  it('FunctionConfigs of the cluster say how functions are run', async () => {
    const path = team.path('functionconfigs', '', 'config.porch.kpt.dev');
    const create = (spec: Json, user = team.admin) =>
      user.client.send('POST', path, {
        apiVersion: 'config.porch.kpt.dev/v1alpha1',
        kind: 'FunctionConfig',
        metadata: { name: 'my-labels' },
        spec,
      });
    const goExecutor = { id: 'set-labels', tags: ['v1.0.1', 'v1.0.3', 'v1.1.0'] };
    const spec = { image: 'my-labels', prefixes: ['example.io/fn'], goExecutor };
    expect((await create(spec, team.editor)).status).toBe(403);
    expect((await create({ image: 'my-labels' })).text).toContain('at least one of podExecutor');
    const wrong = {
      ...spec,
      image: 'a/b',
      limits: { timeout: 'soon' },
      binaryExecutor: { path: '../x', tags: ['v1'] },
    };
    const { text } = await create(wrong);
    for (const field of ['spec.image', 'spec.limits.timeout', 'spec.binaryExecutor.path'])
      expect(text).toContain(field);

    const draft = expectStatus(await team.create('blueprints', 'labelled'), 201);
    const resources = team.path('packagerevisionresources', draft.metadata.name);
    const render = async () => {
      const files = expectStatus(await team.editor.client.send('GET', resources), 200);
      files.spec.resources.Kptfile += `pipeline:\n  mutators:\n  - image: example.io/fn/my-labels\n    tag: ~1.0\n    configMap: {a: b}\n`;
      return team.editor.client.send('PUT', resources, files);
    };
    expect(expectStatus(await render(), 400).message).toContain('none is known');
    const nothing = await create({ ...spec, limits: { timeout: '0s', memory: '1ki', output: '0Mi' } });
    for (const field of ['spec.limits.timeout', 'spec.limits.memory', 'spec.limits.output'])
      expect(nothing.text).toContain(field);
    // What rounds to nothing is found by the server.
    expectStatus(await create({ ...spec, limits: { timeout: '0.1ms' } }), 201);
    await eventually('the status of a FunctionConfig', async () => {
      const { status } = expectStatus(await team.viewer.client.send('GET', `${path}/my-labels`), 200);
      if (status === undefined) return false;
      expect(status).toEqual({
        apiServerObservedGeneration: 1,
        error: expect.stringContaining('limits.timeout: "0.1ms"'),
      });
      return true;
    });
    const { items } = expectStatus(await render(), 200).status.renderStatus.result;
    expect(items.map(({ image }: Json) => image)).toEqual(['example.io/fn/my-labels:v1.0.3']);
    await team.kubectl(team.admin, [
      'patch',
      'functionconfig',
      'my-labels',
      '--type=merge',
      '-p',
      '{"spec":{"limits":null}}',
    ]);
    await eventually('a status without an error', async () => {
      const { status } = expectStatus(await team.viewer.client.send('GET', `${path}/my-labels`), 200);
      return status.apiServerObservedGeneration === 2 && status.error === undefined;
    });
    expect(await team.kubectl(team.viewer, ['get', 'functionconfigs'])).toMatch(
      /my-labels +my-labels +\["example.io\/fn"\]/,
    );
  });

  it('impersonation, audit ids and selectors reach the server', async () => {
    const as = ['--as=team-a-editor', 'create', '-f', '-', '-o', 'name'];
    const object = {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'team-a', generateName: 'x' },
      spec: { repository: 'blueprints', packageName: 'as', workspaceName: 'v1' },
    };
    expect(await plane.kubectl(as, JSON.stringify(object))).toContain('packagerevision.porch.kpt.dev/blueprints.as.v1');
    await eventuallyHolds(async () => {
      expect((await remote.commit('refs/heads/drafts/as/v1')).author).toContain('team-a-editor');
    });
    const answer = await team.viewer.client.send(
      'GET',
      `${team.path('packagerevisions')}?labelSelector=tier%3Dnet`,
      undefined,
      {
        'audit-id': 'e2e-audit-1',
      },
    );
    expect(answer.json.items).toHaveLength(1);
    expect(answer.headers['audit-id']).toContain('e2e-audit-1');
    const lines = (await readFile(porch.auditLog, 'utf8')).split('\n').filter((line) => line.includes('e2e-audit-1'));
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({
      auditID: 'e2e-audit-1',
      verb: 'list',
      user: { username: 'team-a-viewer' },
    });
  });

  const managed = it.skipIf(programs?.controllerManager === undefined);

  managed('the garbage collector follows owners in both directions', async () => {
    const configMap = async (name: string, owner?: Json) =>
      expectStatus(
        await (await plane.admin()).client.send('POST', '/api/v1/namespaces/team-a/configmaps', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
        }),
        201,
      );
    const reference = ({ apiVersion, kind, metadata: { name, uid } }: Json) => ({ apiVersion, kind, name, uid });
    const owner = await configMap('owner');
    const owned = expectStatus(
      await team.create('blueprints', 'owned', { metadata: { ownerReferences: [reference(owner)] } }),
      201,
    );
    const child = await configMap(
      'child',
      reference({ ...owned, apiVersion: 'porch.kpt.dev/v1alpha1', kind: 'PackageRevision' }),
    );
    await plane.kubectl(['-n', 'team-a', 'delete', 'configmap', 'owner', '--wait=false']);
    await eventually('a draft that is collected', async () => (await team.get(owned.metadata.name)).status === 404);
    const path = `/api/v1/namespaces/team-a/configmaps/${child.metadata.name}`;
    await eventually(
      'a child that is collected',
      async () => (await team.viewer.client.send('GET', path)).status === 404,
    );
  });

  managed('a namespace with published packages can be deleted, and Git keeps all of it', async () => {
    const leaving = await Team.create(plane, git, 'leaving');
    const kept = await leaving.addRepository('kept');
    const published = await leaving.publish('kept', 'done');
    const draft = expectStatus(await leaving.create('kept', 'draft'), 201);
    const watch = await leaving.watch(published.metadata.resourceVersion);
    await plane.kubectl(['delete', 'namespace', 'leaving', '--timeout=120s']);
    for (const { metadata } of [published, draft]) {
      await watch.find(
        'the end of a package revision',
        ({ type, object }) => type === 'DELETED' && object.metadata.name === metadata.name,
      );
    }
    watch.leave();
    expect(Object.keys(await kept.refs()).sort()).toEqual(['heads/drafts/draft/v1', 'heads/main', 'tags/done/v1']);
  });
});
