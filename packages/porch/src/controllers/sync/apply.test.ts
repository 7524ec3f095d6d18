import { setImmediate } from 'node:timers/promises';
import type { Store } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../../e2e/harness/git-command.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import type { Mirror } from '../../git/types.ts';
import { resolveDraftAnnotation } from '../../resources/group.ts';
import { applyDifferences } from './apply.ts';
import type { Difference } from './differences.ts';
import { KptfileSummaries } from './kptfile-summaries.ts';

let trial: Trial;
/** Runs once, between the moment a synchronisation has read the references and the moment it goes on. */
let meanwhile: (() => Promise<unknown>) | undefined;
/** What pushes wait for. */
let gate: Promise<void> | undefined;

/** Real Git; a synchronisation can be made to wait for something else right after it has read the references, and pushes for a gate. */
function pausing(mirror: Mirror): Mirror {
  return new Proxy(mirror, {
    get(target, property, receiver) {
      if (property === 'lsRemote') {
        return async (...args: Parameters<Mirror['lsRemote']>) => {
          const references = await target.lsRemote(...args);
          const work = meanwhile;
          meanwhile = undefined;
          await work?.();
          return references;
        };
      }
      if (property === 'push') {
        return async (...args: Parameters<Mirror['push']>) => {
          await gate;
          return target.push(...args);
        };
      }
      const value: unknown = Reflect.get(target, property, receiver);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeAll(async () => {
  trial = await startTrial('async', {}, pausing);
});

afterAll(() => trial?.close());

/** The draft as Git has it, as a synchronisation would find it. */
async function foundDraft(r: string): Promise<Difference> {
  const commit = await trial.git(r, 'rev-parse', 'drafts/p/w');
  const tree = await trial.git(r, 'rev-parse', 'drafts/p/w:p');
  const found = {
    packageName: 'p',
    path: 'p',
    workspaceName: 'w',
    revision: 0,
    lifecycle: 'Draft' as const,
    ref: 'refs/heads/drafts/p/w',
    refs: { 'refs/heads/drafts/p/w': commit },
    commit,
    tree,
    kptfile: await trial.git(r, 'rev-parse', 'drafts/p/w:p/Kptfile'),
    tasks: [],
  };
  return { type: 'change', name: `${r}.p.w`, packageName: 'p', found };
}

function apply(r: string, differences: readonly Difference[], asOf: number): Promise<number> {
  return trial.parts.repositories.open('default', r).then((git) =>
    applyDifferences(trial.parts, git, differences, {
      asOf,
      summaries: new KptfileSummaries(trial.parts, git.mirror),
      signal: trial.context.signal,
    }),
  );
}

describe('what is written while a synchronisation is under way', () => {
  test('stays: what was found in Git may be older', async () => {
    await trial.addRepository('a');
    await trial.create('a', 'p', 'w');
    await trial.mirrored('a.p.w');
    const asOf = trial.parts.cache.revision;
    const difference = await foundDraft('a');
    await trial.setFiles('a.p.w', (files) => {
      files['new.txt'] = 'written meanwhile';
    });
    await trial.mirrored('a.p.w');
    expect(await apply('a', [difference], asOf)).toBe(1);
    expect((await trial.resources('a.p.w')).spec.resources).toMatchObject({ 'new.txt': 'written meanwhile' });
  });

  test('so does what a push of it has made of its branches', async () => {
    const r = await trial.newRepository();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    await trial.create(r, 'p', 'w');
    const asOf = trial.parts.cache.revision;
    resolve();
    await trial.mirrored(`${r}.p.w`);
    expect(await apply(r, [{ type: 'forget-references', name: `${r}.p.w`, packageName: 'p' }], asOf)).toBe(1);
    const { refs } = trial.parts.cache.state('default', `${r}.p.w`)?.value ?? {};
    expect(refs).toEqual({ 'refs/heads/drafts/p/w': await trial.git(r, 'rev-parse', 'drafts/p/w') });
  });

  test('a revision that was deleted meanwhile does not come back', async () => {
    await trial.addRepository('b');
    await trial.create('b', 'p', 'w');
    await trial.publish('b.p.w');
    await trial.setLifecycle('b.p.w', 'DeletionProposed');
    await trial.mirrored('b.p.w');
    await trial.git('b', 'update-ref', 'refs/heads/other', 'main');
    meanwhile = () => trial.remove('b.p.w');
    await trial.sync('b');
    expect(trial.get('b.p.w')).toBeUndefined();
  });

  test('a draft that was deleted before, and whose branch goes meanwhile, does not come back', async () => {
    await trial.addRepository('d');
    await trial.create('d', 'p', 'w');
    await trial.mirrored('d.p.w');
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    await trial.remove('d.p.w');
    expect(trial.parts.cache.state('default', 'd.p.w')?.value).toMatchObject({ deleted: true });
    meanwhile = async () => {
      resolve();
      await trial.mirrored('d.p.w');
      expect(trial.parts.cache.state('default', 'd.p.w')).toBeUndefined();
    };
    expect(await trial.sync('d')).toMatchObject({ left: 1 });
    expect(meanwhile).toBeUndefined();
    expect(trial.get('d.p.w')).toBeUndefined();
    expect(await trial.git('d', 'for-each-ref', 'refs/heads/drafts')).toBe('');
    expect(await trial.sync('d')).toMatchObject({ changed: 0, left: 0 });
  });
});

test('a branch that goes between two looks at the references, and comes back, is listed', async () => {
  await trial.addRepository('e');
  const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
  const commit = await plainGit(trial.gitServer.directory('e'), ['fast-import', '--quiet'], {
    input: [
      'commit refs/heads/drafts/p/w',
      'mark :1',
      'committer Ann <ann@example.com> 1700000000 +0000',
      'data 0',
      'M 100644 inline p/Kptfile',
      `data ${kptfile.length}`,
      kptfile,
      'get-mark :1\n',
    ].join('\n'),
  });
  meanwhile = () => trial.git('e', 'update-ref', '-d', 'refs/heads/drafts/p/w');
  expect(await trial.sync('e')).toMatchObject({ revisions: 0 });
  await trial.git('e', 'update-ref', 'refs/heads/drafts/p/w', commit);
  expect(await trial.sync('e')).toMatchObject({ revisions: 1 });
});

test('drafts that get to Git after the references were read have not vanished from there, however many they are', async () => {
  const r = await trial.newRepository();
  const packages = ['a', 'b', 'c', 'd', 'e'];
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  for (const packageName of packages) await trial.create(r, packageName, 'w');
  meanwhile = async () => {
    resolve();
    for (const packageName of packages) await trial.mirrored(`${r}.${packageName}.w`);
  };
  expect(await trial.sync(r)).toMatchObject({ changed: 0, left: 5 });
  expect(await trial.sync(r)).toMatchObject({ revisions: 5, changed: 0, left: 0 });
});

test.each(['where it was', 'removed by others'])(
  'what was decided of a draft whose push has not ended is kept for the next round, with its branch %s',
  async (branch) => {
    const r = await trial.newRepository();
    const name = `${r}.p.w`;
    await trial.create(r, 'p', 'w');
    await trial.mirrored(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    try {
      await trial.setFiles(name, (files) => {
        files['ours.txt'] = 'ours';
      });
      const isPushing = () => trial.parts.cache.state('default', name)?.value.pushing !== undefined;
      await expect.poll(isPushing).toBe(true);
      await trial.update(name, ({ metadata }) => {
        metadata.annotations = { [resolveDraftAnnotation]: 'ours' };
      });
      if (branch === 'removed by others') await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
      expect(await trial.sync(r)).toMatchObject({ changed: 0, left: 1 });
      expect(trial.get(name)?.metadata.annotations).toEqual({ [resolveDraftAnnotation]: 'ours' });
    } finally {
      resolve();
    }
  },
);

describe('a draft with changes that Git never had', () => {
  test('is not removed with its branch, even when both sides had changed it before', async () => {
    await trial.addRepository('c');
    await trial.create('c', 'p', 'w');
    await trial.mirrored('c.p.w');
    await trial.parts.queue.hold('default', 'c', 'c.p.w', async () => {
      await trial.setFiles('c.p.w', (files) => {
        files['ours.txt'] = 'ours';
      });
      const theirs = await trial.git('c', 'commit-tree', 'drafts/p/w^{tree}', '-p', 'drafts/p/w', '-m', 'Elsewhere');
      await trial.git('c', 'update-ref', 'refs/heads/drafts/p/w', theirs);
      expect((await trial.sync('c')).conflicts).toMatchObject([{ name: 'c.p.w' }]);
      await trial.git('c', 'update-ref', '-d', 'refs/heads/drafts/p/w');
      expect((await trial.sync('c')).conflicts).toEqual([]);
    });
    await trial.mirrored('c.p.w');
    expect(await trial.git('c', 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
  });

  test('stays where drafts are not pushed, whatever becomes of its branch', async () => {
    const off = await startTrial('off');
    try {
      await off.addRepository('d');
      await off.create('d', 'p', 'w');
      await off.publish('d.p.w');
      await off.git('d', 'update-ref', 'refs/heads/drafts/p/next', 'main');
      await off.sync('d');
      await off.setFiles('d.p.next', (files) => {
        files['ours.txt'] = 'ours';
      });
      const theirs = await off.git('d', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Elsewhere');
      await off.git('d', 'update-ref', 'refs/heads/drafts/p/next', theirs);
      expect((await off.sync('d')).conflicts).toMatchObject([{ name: 'd.p.next' }]);
      expect((await off.resources('d.p.next')).spec.resources).toMatchObject({ 'ours.txt': 'ours' });
      await off.git('d', 'update-ref', '-d', 'refs/heads/drafts/p/next');
      await off.sync('d');
      expect((await off.resources('d.p.next')).spec.resources).toMatchObject({ 'ours.txt': 'ours' });
      await off.git('d', 'update-ref', 'refs/heads/other', 'main');
      expect(await off.sync('d')).toMatchObject({ changed: 0, left: 0 });
    } finally {
      await off.close();
    }
  });
});

test('when one write fails, no other is under way or begun once that is told', async () => {
  await trial.addRepository('w');
  for (const packageName of ['failing', 'slow']) {
    await trial.create('w', packageName, 'w');
    await trial.mirrored(`w.${packageName}.w`);
  }
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const store: Store = new Proxy(trial.parts.store, {
    get(target, property) {
      if (property !== 'commit') return Reflect.get(target, property);
      return async (...args: Parameters<Store['commit']>) => {
        if (JSON.stringify(args[0]).includes('w.failing.w')) {
          await begun;
          throw new Error('the store has no room');
        }
        begin();
        await held;
        return target.commit(...args);
      };
    },
  });
  const differences = ['failing', 'slow'].map(
    (packageName): Difference => ({ type: 'deployment', name: `w.${packageName}.w`, packageName, deployment: true }),
  );
  const git = await trial.parts.repositories.open('default', 'w');
  let told = false;
  const applied = applyDifferences({ ...trial.parts, store }, git, differences, {
    asOf: trial.parts.cache.revision,
    summaries: new KptfileSummaries(trial.parts, git.mirror),
    signal: trial.context.signal,
  }).finally(() => {
    told = true;
  });
  applied.catch(() => undefined);
  await begun;
  for (let turn = 0; turn < 10; turn++) await setImmediate();
  expect(told).toBe(false);
  letGo();
  await expect(applied).rejects.toThrow('the store has no room');
  expect(trial.get('w.slow.w')?.status.deployment).toBe(true);
});
