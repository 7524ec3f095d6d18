import { afterAll, beforeAll, expect, test } from 'vitest';
import { putRecord } from '../cache/records.ts';
import { commitElsewhere } from '../controllers/sync/commit-elsewhere.test-support.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { GitError, type Mirror } from '../git/types.ts';

/** What becomes of a push; one that is lost is carried out, and its answer does not come. */
type Fate = 'answered' | 'lost' | 'refused';

let trial: Trial;
/** What becomes of the next pushes; later ones are answered. */
let fates: Fate[] = [];

function fateful(mirror: Mirror): Mirror {
  return new Proxy(mirror, {
    get(target, property) {
      if (property === 'push') {
        return async (...args: Parameters<Mirror['push']>) => {
          const fate = fates.shift() ?? 'answered';
          const outcome = fate === 'refused' ? undefined : await target.push(...args);
          if (fate === 'answered' && outcome !== undefined) return outcome;
          throw new GitError('Timeout', 'the remote does not answer', 'Try again.');
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeAll(async () => {
  trial = await startTrial('async', {}, fateful);
});

afterAll(() => trial?.close());

/** A draft that is changed and proposed here, and whose branch somebody else has moved; `before` is done before that is pushed. */
async function proposedWhileTheirs(before: (repository: string) => Promise<unknown>) {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const theirs = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await trial.setFiles(`${r}.p.w`, (files) => {
      files['ours.txt'] = 'ours';
    });
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await before(r);
  });
  await expect.poll(() => trial.parts.queue.backlog('default', r).waiting).toBe(0);
  return { r, theirs };
}

const knownReferences = (name: string) =>
  Object.keys(trial.parts.cache.state('default', name)?.value.refs ?? {}).sort();

test.each<[string, Fate[]]>([
  ['is answered', []],
  ['is not answered', ['lost']],
  ['cannot be taken back at once', ['answered', 'refused']],
  ['is taken back without an answer', ['answered', 'lost']],
])('a draft that somebody else has changed is in one place only when the push of its proposal %s', async (_, fate) => {
  const { r, theirs } = await proposedWhileTheirs(async () => {
    fates = [...fate];
  });
  expect(fates).toEqual([]);
  expect(await trial.references(r)).toEqual(['refs/heads/drafts/p/w', 'refs/heads/main']);
  expect(knownReferences(`${r}.p.w`)).toEqual(['refs/heads/drafts/p/w']);
  expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w`, theirs }]);
});

test('a proposal that the remote does not let be taken back stays known', async () => {
  const { r } = await proposedWhileTheirs((repository) =>
    trial.git(repository, 'config', 'receive.denyDeletes', 'true'),
  );
  expect(await trial.references(r)).toEqual(['refs/heads/drafts/p/w', 'refs/heads/main', 'refs/heads/proposed/p/w']);
  expect(knownReferences(`${r}.p.w`)).toEqual(['refs/heads/drafts/p/w', 'refs/heads/proposed/p/w']);
  expect(trial.parts.queue.backlog('default', r).disputed).toBe(1);
});

test('a draft whose branch has vanished gets it back, beside revisions of its package that are published', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'v1');
  await trial.publish(`${r}.p.v1`);
  await trial.create(r, 'p', 'w', { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
  await trial.mirrored(`${r}.p.w`);
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await trial.setFiles(`${r}.p.w`, (files) => {
      files['ours.txt'] = 'ours';
    });
    await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
    await trial.git(r, 'tag', 'other/v1', 'main');
  });
  await expect.poll(() => trial.parts.queue.backlog('default', r).waiting).toBe(0);
  expect(trial.parts.queue.backlog('default', r).disputed).toBe(0);
  expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});

test('a proposal of a deletion that is withdrawn here and in Git is no conflict, whatever others have published', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.v1`;
  await trial.create(r, 'p', 'v1');
  await trial.publish(name);
  await trial.setLifecycle(name, 'DeletionProposed');
  await trial.mirrored(name);
  const proposals = await trial.git(r, 'for-each-ref', '--format=%(refname)', 'refs/heads/deletionProposed');
  const { queue } = trial.parts;
  await queue.hold('default', r, name, async () => {
    await trial.git(r, 'update-ref', '-d', proposals);
    await trial.git(r, 'tag', 'p/v2', 'main');
    await trial.setLifecycle(name, 'Published');
  });
  await expect.poll(() => queue.backlog('default', r).waiting).toBe(0);
  expect(queue.backlog('default', r).disputed).toBe(0);
  expect(trial.parts.cache.state('default', name)?.value.refs).not.toHaveProperty(proposals);
});

test('a branch that is further than its draft was when a backup was made is ours as far as it has what the draft has', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  const { cache, queue, store } = trial.parts;
  const before = await queue.hold('default', r, name, async () => {
    await trial.create(r, 'p', 'w');
    return cache.state('default', name);
  });
  await trial.mirrored(name);
  const first = await trial.git(r, 'rev-parse', 'drafts/p/w');
  await queue.hold('default', r, name, async () => {
    const revision = cache.state('default', name)?.revision;
    if (before !== undefined) await store.commit({ operations: [putRecord(before.key, before.value, revision)] });
    await trial.setFiles(name, (files) => {
      files['ours.txt'] = 'ours';
    });
  });
  await expect.poll(() => queue.backlog('default', r).waiting).toBe(0);
  expect(queue.backlog('default', r).disputed).toBe(0);
  expect(await trial.git(r, 'rev-parse', 'drafts/p/w^')).toBe(first);
  expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});

test('a draft that two keep from being pushed is pushed when both have let go', async () => {
  const r = await trial.newRepository();
  for (const packageName of ['p', 'q']) {
    await trial.create(r, packageName, 'w');
    await trial.mirrored(`${r}.${packageName}.w`);
  }
  const { queue } = trial.parts;
  const change = (name: string) =>
    trial.setFiles(name, (files) => {
      files['ours.txt'] = 'ours';
    });
  await queue.hold('default', r, `${r}.p.w`, async () => {
    await queue.hold('default', r, `${r}.p.w`, () => change(`${r}.p.w`));
    await change(`${r}.q.w`);
    queue.retry('default', r);
    await trial.mirrored(`${r}.q.w`);
    expect(await trial.git(r, 'ls-tree', '--name-only', 'drafts/p/w:p')).not.toContain('ours.txt');
  });
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});
