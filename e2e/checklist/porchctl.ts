import { describe, expect, it } from 'vitest';
import type { Answer, Json } from '../harness/api-client.ts';
import { expectStatus, repositoriesPath, resourcesPath, revisionsPath } from '../harness/packages.ts';
import { gitSecret } from '../harness/world.ts';
import { configMap, type SharedWorld } from './shared-world.ts';

/** Sends what a client sends that reads and writes objects through Go's types. */
type Send = (method: string, path: string, object?: Json) => Promise<Answer>;

/**
 * An object as Go's types write it: structures that are no pointers are there with the values that mean nothing, whether anybody has set
 * them or not.
 */
function asGoWrites(object: Json): Json {
  const written = structuredClone(object);
  written.metadata.creationTimestamp ??= null;
  written.status ??= {};
  const { kind, spec, status } = written;
  if (kind === 'Repository') spec.git.secretRef ??= { name: '' };
  if (kind === 'PackageRevision') {
    status.publishTimestamp ??= null;
    for (const { clone } of spec.tasks ?? [])
      if (clone?.upstreamRef?.git) clone.upstreamRef.git.secretRef ??= { name: '' };
  }
  if (kind === 'PackageRevisionResources') {
    status.renderStatus = { error: '', result: { metadata: { creationTimestamp: null }, exitCode: 0 } };
  }
  return written;
}

const porchVersion = 'porch.kpt.dev/v1alpha1';

/** What porchctl sends, request by request. */
export function porchctlChecks(shared: SharedWorld): void {
  const send: Send = (method, path, object) =>
    shared.get().porch.http(method, path, object === undefined ? undefined : asGoWrites(object), {
      accept: 'application/json, */*',
      'user-agent': 'porchctl/porchctl',
    });
  const create = async (packageName: string, workspaceName: string, task: Json): Promise<Answer> =>
    send('POST', revisionsPath, {
      apiVersion: porchVersion,
      kind: 'PackageRevision',
      metadata: { namespace: 'default' },
      spec: { packageName, workspaceName, repository: 'ctl', tasks: [task] },
    });
  const move = async (name: string, lifecycle: string, endpoint = ''): Promise<void> => {
    const object = expectStatus(await send('GET', `${revisionsPath}/${name}`), 200);
    object.spec.lifecycle = lifecycle;
    const answer = await send('PUT', `${revisionsPath}/${name}${endpoint}`, object);
    expect(expectStatus(answer, 200).spec.lifecycle).toBe(lifecycle);
    expect(answer.headers.warning).toBeUndefined();
  };

  describe('porchctl', () => {
    it('registers, synchronises and leaves alone what it does not know', async () => {
      const world = shared.get();
      await world.git.createRepository('ctl');
      const git = {
        repo: world.git.url('ctl'),
        branch: 'main',
        createBranch: true,
        directory: '/',
        secretRef: { name: gitSecret },
      };
      const answer = await send('POST', repositoriesPath, {
        apiVersion: 'config.porch.kpt.dev/v1alpha1',
        kind: 'Repository',
        metadata: { name: 'ctl', namespace: 'default' },
        spec: { type: 'git', content: 'Package', git },
      });
      expectStatus(answer, 201);
      expect(answer.headers.warning).toBeUndefined();
      const object = await world.ready('ctl');
      object.spec.sync = { runOnceAt: '2026-01-01T00:00:00Z' };
      const { status } = expectStatus(await send('PUT', `${repositoriesPath}/ctl`, object), 200);
      expect(status.packageCount).toBe(0);
    });

    it('pulls files and pushes them with the version they had, which must still be the current one', async () => {
      const description = 'sample description';
      expectStatus(await create('base', 'v1', { type: 'init', init: { description } }), 201);
      const name = 'ctl.base.v1';
      const pulled = expectStatus(await send('GET', `${resourcesPath}/${name}`), 200);
      const push = (resourceVersion: string, resources: Json): Promise<Answer> =>
        send('PUT', `${resourcesPath}/${name}`, {
          apiVersion: porchVersion,
          kind: 'PackageRevisionResources',
          metadata: { name, namespace: 'default', ...(resourceVersion && { resourceVersion }) },
          spec: { resources },
        });
      const resources = { ...pulled.spec.resources, 'a.yaml': configMap('a') };
      const pushed = await push(pulled.metadata.resourceVersion, resources);
      expect(expectStatus(pushed, 200).status.renderStatus).toMatchObject({ error: '', result: { exitCode: 0 } });
      expect(pushed.headers.warning).toBeUndefined();
      const stale = await push(pulled.metadata.resourceVersion, { ...resources, 'b.yaml': configMap('b') });
      expect(expectStatus(stale, 409)).toMatchObject({ reason: 'Conflict', message: expect.stringContaining(name) });
      expectStatus(await push('', resources), 400);
    });

    it('proposes, rejects, approves, proposes the deletion and rejects that', async () => {
      const name = 'ctl.base.v1';
      await move(name, 'Proposed');
      await move(name, 'Draft', '/approval');
      await move(name, 'Proposed');
      await move(name, 'Published', '/approval');
      await move(name, 'DeletionProposed');
      await move(name, 'Published');
    });

    it.each([
      ['a package revision', 'by-name', () => ({ upstreamRef: { name: 'ctl.base.v1' } }), 201],
      ['a repository with a secret', 'by-url', () => ({ secretRef: { name: gitSecret } }), 201],
      ['a repository without one', 'no-secret', () => ({}), 400],
    ])('clones from %s', async (_, packageName, source, status) => {
      const { upstreamRef, ...more }: Json = source();
      const git = { repo: shared.get().git.url('ctl'), ref: 'main', directory: 'base', ...more };
      const upstream = upstreamRef === undefined ? { type: 'git', git } : { upstreamRef };
      const answer = await create(packageName, 'v1', { type: 'clone', clone: { upstreamRef: upstream } });
      const body = expectStatus(answer, status);
      if (status === 201) {
        await move(body.metadata.name, 'Proposed');
        await move(body.metadata.name, 'Published', '/approval');
      } else expect(body.message).toContain('Name a Secret with credentials for the repository in spec.tasks[0]');
    });

    it('copies, upgrades and deletes', async () => {
      expectStatus(await create('base', 'v2', { type: 'edit', edit: { sourceRef: { name: 'ctl.base.v1' } } }), 201);
      await move('ctl.base.v2', 'Proposed');
      await move('ctl.base.v2', 'Published', '/approval');
      const names = {
        oldUpstreamRef: 'ctl.base.v1',
        newUpstreamRef: 'ctl.base.v2',
        localPackageRevisionRef: 'ctl.by-name.v1',
      };
      const upgrade = Object.fromEntries(Object.entries(names).map(([field, name]) => [field, { name }]));
      expectStatus(
        await create('by-name', 'v2', { type: 'upgrade', upgrade: { ...upgrade, strategy: 'resource-merge' } }),
        201,
      );
      await move('ctl.by-name.v2', 'Proposed');
      expectStatus(await send('DELETE', `${revisionsPath}/ctl.by-name.v2`), 200);
    });
  });
}
