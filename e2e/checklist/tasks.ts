import { describe, expect, it } from 'vitest';
import { expectStatus } from '../harness/packages.ts';
import { cloneOf, configMap, editOf, type SharedWorld, upgradeOf } from './shared-world.ts';

/** What is expected of the tasks that make package revisions. */
export function taskChecks(shared: SharedWorld): void {
  describe('tasks', () => {
    it('init writes name, description, keywords and site into the Kptfile, and nothing else of the kind', async () => {
      const { packages } = shared.get();
      await shared.get().addRepository('inits');
      const init = { description: 'What it is for', keywords: ['one', 'two'], site: 'https://example.com/p' };
      const wanted = { repository: 'inits', packageName: 'p', workspaceName: 'v1', task: { type: 'init', init } };
      expectStatus(await packages.create(wanted), 201);
      const { Kptfile } = expectStatus(await packages.resources('inits.p.v1'), 200).spec.resources;
      expect(Kptfile.split('status:')[0]).toBe(
        [
          'apiVersion: kpt.dev/v1',
          'kind: Kptfile',
          'metadata:',
          '  name: p',
          '  annotations:',
          '    config.kubernetes.io/local-config: "true"',
          'info:',
          '  site: https://example.com/p',
          '  description: What it is for',
          '  keywords:',
          '    - one',
          '    - two',
          '',
        ].join('\n'),
      );
    });

    it('no task at all means init; a copy has exactly its one task', async () => {
      const { packages } = shared.get();
      await shared.get().addRepository('copies');
      const wanted = { repository: 'copies', packageName: 'p' };
      const first = await packages.publish({ ...wanted, workspaceName: 'v1', spec: { tasks: [] } });
      expect(first.spec.tasks).toEqual([{ type: 'init', init: { description: 'p description' } }]);
      const task = editOf('copies.p.v1');
      const copy = expectStatus(await packages.create({ ...wanted, workspaceName: 'v2', task }), 201);
      expect(copy.spec.tasks).toEqual([task]);
    });

    it('upgrade brings what upstream has added, by the default strategy; placeholders cannot be upgraded, or upgraded to', async () => {
      const { packages } = shared.get();
      await shared.get().addRepository('upstreams');
      await shared.get().addRepository('downstreams');
      const upstream = { repository: 'upstreams', packageName: 'base' };
      const downstream = { repository: 'downstreams', packageName: 'mine' };
      await packages.publish({ ...upstream, workspaceName: 'v1' });
      expectStatus(await packages.create({ ...upstream, workspaceName: 'v2', task: editOf('upstreams.base.v1') }), 201);
      expectStatus(
        await packages.replaceResources('upstreams.base.v2', (files) => {
          files['quota.yaml'] = configMap('quota');
        }),
        200,
      );
      expectStatus(await packages.propose('upstreams.base.v2'), 200);
      expectStatus(await packages.approve('upstreams.base.v2'), 200);
      expectStatus(
        await packages.create({ ...downstream, workspaceName: 'v1', task: cloneOf('upstreams.base.v1') }),
        201,
      );
      expectStatus(
        await packages.replaceResources('downstreams.mine.v1', (files) => {
          files['mine.yaml'] = configMap('mine');
        }),
        200,
      );
      expectStatus(await packages.propose('downstreams.mine.v1'), 200);
      expectStatus(await packages.approve('downstreams.mine.v1'), 200);

      const upgrade = (old: string, updated: string, local: string, workspaceName: string) =>
        packages.create({ ...downstream, workspaceName, task: upgradeOf(old, updated, local) });
      const made = expectStatus(
        await upgrade('upstreams.base.v1', 'upstreams.base.v2', 'downstreams.mine.v1', 'v2'),
        201,
      );
      const files = expectStatus(await packages.resources(made.metadata.name), 200).spec.resources;
      expect(Object.keys(files).sort()).toEqual([
        'Kptfile',
        'README.md',
        'mine.yaml',
        'package-context.yaml',
        'quota.yaml',
      ]);
      expect(made.status.upstreamLock.git.ref).toBe('base/v2');
      expect(made.spec.tasks[0].upgrade.strategy).toBe('resource-merge');
      const refused = [
        await upgrade('upstreams.base.v1', 'upstreams.base.main', 'downstreams.mine.v1', 'v3'),
        await upgrade('upstreams.base.v1', 'upstreams.base.v2', 'downstreams.mine.main', 'v3'),
      ];
      for (const answer of refused) expect(expectStatus(answer, 400).message).toContain('placeholder package revision');
      expectStatus(await packages.get('downstreams.mine.v3'), 404);
    });

    it('a file of five megabytes goes in and comes out as it was', async () => {
      const { packages } = shared.get();
      await shared.get().addRepository('large');
      const wanted = { repository: 'large', packageName: 'p', workspaceName: 'v1' };
      expectStatus(await packages.create(wanted), 201);
      const text = 'A line of sixteen'.repeat(Math.ceil((5 * 1024 * 1024) / 17)).slice(0, 5 * 1024 * 1024);
      expectStatus(
        await packages.replaceResources('large.p.v1', (files) => {
          files['large.txt'] = text;
        }),
        200,
      );
      const read = expectStatus(await packages.resources('large.p.v1'), 200).spec.resources['large.txt'];
      expect(read.length).toBe(text.length);
      expect(read === text).toBe(true);
    });
  });
}
