import { describe, expect, it } from 'vitest';
import { expectStatus } from '../harness/packages.ts';
import { cloneOf, kptfile, patchRevision, type SharedWorld } from './shared-world.ts';

const latest = { 'kpt.dev/latest-revision': 'true' };

/** What is expected of the metadata of package revisions, and of what their Kptfile says. */
export function metadataChecks(shared: SharedWorld): void {
  describe('metadata', () => {
    it('stays through proposal and approval, changes afterwards too, and is not handed on to clones', async () => {
      const world = shared.get();
      const { packages } = world;
      await world.addRepository('labels');
      const metadata = { labels: { team: 'one' }, annotations: { note: 'first' } };
      const wanted = { repository: 'labels', packageName: 'p', workspaceName: 'v1', metadata };
      const published = await packages.publish(wanted);
      expect(published.metadata).toMatchObject({ labels: { team: 'one', ...latest }, annotations: { note: 'first' } });
      const patch = { metadata: { labels: { team: 'two' }, annotations: { note: null, other: 'second' } } };
      const changed = await patchRevision(world, 'labels.p.v1', patch);
      expect(changed.metadata.labels).toEqual({ team: 'two', ...latest });
      expect(changed.metadata.annotations).toEqual({ other: 'second' });
      const task = cloneOf('labels.p.v1');
      const clone = await packages.create({ repository: 'labels', packageName: 'q', workspaceName: 'v1', task });
      const { labels, annotations } = expectStatus(clone, 201).metadata;
      expect([labels ?? {}, annotations ?? {}]).toEqual([{}, {}]);
    });

    it('can be given to what was found in Git, and stays when Git is looked at again', async () => {
      const world = shared.get();
      const remote = await world.addRepository('found');
      await remote.push('main', { 'p/Kptfile': kptfile('p') }, { tags: ['p/v1'] });
      await world.sync('found');
      await patchRevision(world, 'found.p.v1', { metadata: { labels: { team: 'one' }, annotations: { note: 'x' } } });
      await remote.push('main', { 'p/more.txt': 'x\n' });
      await world.sync('found');
      const { metadata } = expectStatus(await world.packages.get('found.p.v1'), 200);
      expect(metadata).toMatchObject({ labels: { team: 'one', ...latest }, annotations: { note: 'x' } });
    });

    it('finalizers hold a deleted revision until they are taken away', async () => {
      const world = shared.get();
      const { packages } = world;
      await world.addRepository('held');
      expectStatus(await packages.create({ repository: 'held', packageName: 'p', workspaceName: 'v1' }), 201);
      await patchRevision(world, 'held.p.v1', { metadata: { finalizers: ['example.com/hold'] } });
      expectStatus(await packages.delete('held.p.v1'), 200);
      const { metadata } = expectStatus(await packages.get('held.p.v1'), 200);
      expect(metadata).toMatchObject({ finalizers: ['example.com/hold'], deletionTimestamp: expect.any(String) });
      await patchRevision(world, 'held.p.v1', { metadata: { finalizers: null } });
      expectStatus(await packages.get('held.p.v1'), 404);
    });

    it('of the Kptfile is kept in step both ways', async () => {
      const world = shared.get();
      const { packages } = world;
      const remote = await world.addRepository('kptfiles');
      const text = kptfile('p', '  labels:\n    from: upstream\n  annotations:\n    from: upstream\n');
      await remote.push('main', { 'p/Kptfile': text }, { tags: ['p/v1'] });
      await world.sync('kptfiles');
      const mine = { labels: { mine: 'label' }, annotations: { mine: 'annotation' } };
      const wanted = { repository: 'kptfiles', packageName: 'q', workspaceName: 'v1', task: cloneOf('kptfiles.p.v1') };
      const created = expectStatus(await packages.create({ ...wanted, spec: { packageMetadata: mine } }), 201);
      const both = {
        labels: { from: 'upstream', mine: 'label' },
        annotations: {
          from: 'upstream',
          mine: 'annotation',
          'internal.kpt.dev/upstream-identifier': 'kpt.dev|Kptfile|default|q',
        },
      };
      expect(created.spec.packageMetadata).toEqual(both);
      const fileOf = async () => expectStatus(await packages.resources('kptfiles.q.v1'), 200).spec.resources.Kptfile;
      expect(await fileOf()).toMatch(/labels:\n {4}from: upstream\n {4}mine: label\n/);

      const answer = await packages.replaceResources('kptfiles.q.v1', (files) => {
        files.Kptfile = files.Kptfile?.replace('mine: label', 'mine: by-hand') ?? '';
      });
      expectStatus(answer, 200);
      const edited = expectStatus(await packages.get('kptfiles.q.v1'), 200);
      expect(edited.spec.packageMetadata.labels).toEqual({ from: 'upstream', mine: 'by-hand' });

      edited.spec.packageMetadata = { ...edited.spec.packageMetadata, labels: { only: 'this' } };
      const put = expectStatus(await packages.put(edited), 200);
      expect(put.spec.packageMetadata).toEqual({ ...both, labels: { only: 'this' } });
      expect(await fileOf()).toMatch(/labels:\n {4}only: this\n/);
      expect(await fileOf()).not.toContain('by-hand');

      put.spec.packageMetadata = {};
      expect(expectStatus(await packages.put(put), 200).spec.packageMetadata).toEqual({});
      expect(await fileOf()).not.toMatch(/labels:|annotations:/);
    });
  });
}
