import { describe, expect, it } from 'vitest';
import type { Json } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { findFixtureRepository } from '../harness/fixtures.ts';
import { expectStatus, repositoriesPath, revisionsPath } from '../harness/packages.ts';
import { Remote } from '../harness/remote.ts';
import { createSecret, gitPassword, gitSecret } from '../harness/world.ts';
import { cloneOf, configMap, editOf, initTask, kptfile, type SharedWorld, unregister } from './shared-world.ts';

/** What is expected of repositories and of packages in their folders. */
export function repositoryChecks(shared: SharedWorld): void {
  describe('repositories', () => {
    const archive = findFixtureRepository('test-blueprints');
    it.skipIf(archive === undefined)('a blueprint can be cloned out of one, with its pipeline run', async () => {
      const { packages } = shared.get();
      await shared.get().importRepository('blueprints', archive ?? '');
      await shared.get().addRepository('buckets');
      const wanted = { repository: 'buckets', packageName: 'bucket2', workspaceName: 'v1' };
      expectStatus(await packages.create({ ...wanted, task: cloneOf('blueprints.bucket.v1') }), 201);
      const files = expectStatus(await packages.resources('buckets.bucket2.v1'), 200).spec.resources;
      expect(files['bucket.yaml']).toContain('\n  name: blueprints-project-bucket2 # kpt-set:');
      expect(files.Kptfile).toContain('name: bucket2');
    });

    it('with a directory names packages without it, also after it was registered anew', async () => {
      const world = shared.get();
      const git = { directory: 'some/folder', createBranch: true };
      await world.git.createRepository('foldered');
      await world.register('foldered', { git });
      await world.ready('foldered');
      await world.packages.publish({ repository: 'foldered', packageName: 'p', workspaceName: 'v1', task: initTask });
      const before = await world.packages.table('foldered');
      expect(before).toEqual(['foldered.p.main p main -1 Published -', 'foldered.p.v1 p v1 1 Published init']);
      await unregister(world, 'foldered');
      expect(await world.packages.table('foldered')).toEqual([]);
      await world.register('foldered', { git });
      await world.ready('foldered');
      expect(await world.packages.table('foldered')).toEqual(before);
    });

    it('tell what happens to them as events, which are counted and not repeated', async () => {
      const world = shared.get();
      const eventsOf = async (name: string): Promise<Json[]> => {
        const path = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${name}`;
        return expectStatus(await world.porch.http('GET', path), 200).items;
      };
      await world.git.createRepository('told');
      const remote = new Remote(world.git.directory('told'));
      await remote.push('main', { 'README.md': 'x\n' });
      await world.register('told', { git: { secretRef: { name: 'told-auth' } } });
      const { metadata, status } = await world.ready('told', 'False');
      expect(Date.parse(status.nextFullSyncTime)).toBeGreaterThan(Date.now());
      const failure = await eventually('the failure', async () =>
        (await eventsOf('told')).find(({ reason }) => reason === 'SyncFailed'),
      );
      expect(failure).toMatchObject({
        type: 'Warning',
        involvedObject: { kind: 'Repository', name: 'told', uid: metadata.uid },
        message: expect.stringContaining('told-auth'),
        source: { component: 'porch-repository-controller' },
      });
      await createSecret(world.porch, 'told-auth', gitPassword);
      await world.ready('told');
      await remote.push('main', { 'p/Kptfile': kptfile('p') });
      await world.sync('told');
      const synced = await eventually('two synchronisations', async () =>
        (await eventsOf('told')).find(({ reason, count }) => reason === 'Synced' && count >= 2),
      );
      expect(synced).toMatchObject({ type: 'Normal', lastTimestamp: expect.any(String) });
      expect((await eventsOf('told')).filter(({ reason }) => reason === 'Synced')).toHaveLength(1);
    });

    it.each([
      ['whole', undefined],
      ['below a folder', 'random/repo/folder'],
    ])('count revisions of a package deep in folders, %s', async (_what, directory) => {
      const world = shared.get();
      const repository = directory === undefined ? 'deep-root' : 'deep-folder';
      await world.git.createRepository(repository);
      await world.register(repository, {
        git: { createBranch: true, branch: 'trunk', ...(directory === undefined ? {} : { directory }) },
      });
      await world.ready(repository);
      const wanted = { repository, packageName: 'one/two/three' };
      const first = await world.packages.publish({ ...wanted, workspaceName: 'v1', task: initTask });
      const second = await world.packages.publish({
        ...wanted,
        workspaceName: 'w2',
        task: editOf(first.metadata.name),
      });
      expect([first.spec.revision, second.spec.revision]).toEqual([1, 2]);
      const refs = Object.keys(await new Remote(world.git.directory(repository)).refs());
      const path = directory === undefined ? 'one/two/three' : `${directory}/one/two/three`;
      expect(refs.sort()).toEqual(['heads/trunk', `tags/${path}/v1`, `tags/${path}/v2`]);
    });

    it('that share a remote keep to their folders and branches, and come and go alone', async () => {
      const world = shared.get();
      const { packages, porch } = world;
      await world.git.createRepository('divided');
      const remote = new Remote(world.git.directory('divided'));
      await remote.push('main', { 'east/a/Kptfile': kptfile('a'), 'west/a/Kptfile': kptfile('a') });
      await remote.push('next', { 'east/b/Kptfile': kptfile('b') }, { tags: ['east/b/v1'] });
      const parts = { east: 'main', west: 'main', upcoming: 'next' };
      for (const [name, branch] of Object.entries(parts)) {
        const directory = name === 'upcoming' ? 'east' : name;
        const git = { repo: world.git.url('divided'), secretRef: { name: gitSecret }, directory, branch };
        const repository = {
          apiVersion: 'config.porch.kpt.dev/v1alpha1',
          kind: 'Repository',
          metadata: { name },
          spec: { type: 'git', git },
        };
        expectStatus(await porch.http('POST', repositoriesPath, repository), 201);
        await world.ready(name);
      }
      expect(await packages.table('west')).toEqual(['west.a.main a main -1 Published -']);

      const wanted = { packageName: 'c', workspaceName: 'w' };
      const published = await Promise.all(
        ['east', 'west'].map((repository) => packages.publish({ ...wanted, repository, task: initTask })),
      );
      expect(published.map(({ spec }) => spec.revision)).toEqual([1, 1]);
      const files = Object.keys(await remote.files('refs/heads/main'));
      expect(files).toEqual(expect.arrayContaining(['east/a/Kptfile', 'east/c/Kptfile', 'west/c/Kptfile']));

      const before = await remote.refs();
      await unregister(world, 'east');
      for (const name of ['west', 'upcoming']) await world.sync(name);
      expect(await packages.table('east')).toEqual([]);
      expect(await packages.table('west')).toEqual([
        'west.a.main a main -1 Published -',
        'west.c.main c main -1 Published -',
        'west.c.w c w 1 Published init',
      ]);
      // Tags belong to no branch: whoever has the folder has them.
      expect(await packages.table('upcoming')).toEqual([
        'upcoming.b.next b next -1 Published -',
        'upcoming.b.v1 b v1 1 Published -',
        'upcoming.c.w c w 1 Published init',
      ]);
      expect(await remote.refs()).toEqual(before);
    });

    it('show the same packages in every namespace that registers the remote, each under names and UIDs of its own', async () => {
      const world = shared.get();
      const { porch } = world;
      const remote = await world.addRepository('shared');
      await remote.push('main', { 'a/Kptfile': kptfile('a'), 'a/x.yaml': configMap('x') }, { tags: ['a/v1'] });
      await remote.push('drafts/a/next', { 'a/x.yaml': configMap('y') }, { from: 'main' });
      const secret = expectStatus(await porch.http('GET', `/api/v1/namespaces/default/secrets/${gitSecret}`), 200);
      const { spec } = expectStatus(await porch.http('GET', `${repositoriesPath}/shared`), 200);
      for (const namespace of ['team-a', 'team-b']) {
        const metadata = { name: namespace };
        expectStatus(
          await porch.http('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata }),
          201,
        );
        const copy = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: gitSecret },
          type: secret.type,
          data: secret.data,
        };
        expectStatus(await porch.http('POST', `/api/v1/namespaces/${namespace}/secrets`, copy), 201);
        const repository = {
          apiVersion: 'config.porch.kpt.dev/v1alpha1',
          kind: 'Repository',
          metadata: { name: 'shared' },
          spec,
        };
        expectStatus(await porch.http('POST', repositoriesPath.replace('default', namespace), repository), 201);
      }
      await world.sync('shared');
      const uids = new Set<string>();
      for (const namespace of ['default', 'team-a', 'team-b']) {
        const path = `${revisionsPath.replace('default', namespace)}?fieldSelector=spec.repository%3Dshared`;
        const items = await eventually(`three revisions in ${namespace}`, async () => {
          const found = expectStatus(await porch.http('GET', path), 200).items;
          return found.length === 3 ? (found as Json[]) : undefined;
        });
        expect(items.map(({ metadata }) => `${metadata.namespace} ${metadata.name}`).sort()).toEqual(
          ['shared.a.main', 'shared.a.next', 'shared.a.v1'].map((name) => `${namespace} ${name}`),
        );
        for (const { metadata } of items) uids.add(metadata.uid);
      }
      expect(uids.size).toBe(9);
    });
  });
}
