import type { Store } from '@porch/apiserver';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { DiscoveryMemories } from '../../git/discovery-memories.ts';
import type { Mirror } from '../../git/types.ts';
import { packageRevisions } from '../../resources/group.ts';
import { commitElsewhere } from './commit-elsewhere.test-support.ts';
import { type SyncMemory, syncRepository } from './sync-repository.ts';

let trial: Trial;
/** Runs once, when the remote has carried out a push and nobody has heard of it yet. */
let beforeAnswer: (() => Promise<unknown>) | undefined;

function answeringLater(mirror: Mirror): Mirror {
  return new Proxy(mirror, {
    get(target, property) {
      if (property === 'push') {
        return async (...args: Parameters<Mirror['push']>) => {
          const outcome = await target.push(...args);
          const work = beforeAnswer;
          beforeAnswer = undefined;
          await work?.();
          return outcome;
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeAll(async () => {
  trial = await startTrial('async', {}, answeringLater);
});

afterAll(() => trial?.close());

/** A store in which another server labels one package revision just before it is written, and that of another is written after that. */
function labelledMeanwhile(store: Store, first: string, second: string): Store {
  const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
  return new Proxy(store, {
    get(target, property) {
      if (property !== 'commit') return Reflect.get(target, property);
      return async (...args: Parameters<Store['commit']>) => {
        const names = args[0].operations.map(({ key }) => key.name);
        if (names.includes(second)) await refused;
        if (!names.includes(first)) return target.commit(...args);
        const key = { resource: packageRevisions, namespace: 'default', name: first };
        await target.commit({
          operations: [{ type: 'merge', key, patch: { metadata: { labels: { written: 'meanwhile' } } } }],
        });
        return target.commit(...args).finally(refuse);
      };
    },
  });
}

test('what is written while others are applied is found by the next round, although these are applied later', async () => {
  const r = await trial.newRepository();
  for (const packageName of ['first', 'second']) {
    await trial.create(r, packageName, 'w');
    await trial.mirrored(`${r}.${packageName}.w`);
    const branch = `refs/heads/drafts/${packageName}/w`;
    const theirs = await commitElsewhere(trial, r, branch, `${packageName}/theirs.txt`, 'theirs');
    await trial.git(r, 'update-ref', branch, theirs);
  }
  const parts = { ...trial.parts, store: labelledMeanwhile(trial.parts.store, `${r}.first.w`, `${r}.second.w`) };
  const git = await trial.parts.repositories.open('default', r);
  const learned = new DiscoveryMemories(pino({ level: 'silent' }));
  const memory: SyncMemory = { learned, known: undefined, skipped: undefined };
  const options = { signal: trial.context.signal, acceptVanished: false };
  expect(await syncRepository(parts, git, memory, options)).toMatchObject({ left: 1 });
  expect((await trial.resources(`${r}.second.w`)).spec.resources).toMatchObject({ 'theirs.txt': 'theirs' });
  await trial.sync(r);
  expect((await trial.resources(`${r}.first.w`)).spec.resources).toMatchObject({ 'theirs.txt': 'theirs' });
  expect(trial.get(`${r}.first.w`)?.metadata.labels).toEqual({ written: 'meanwhile' });
});

test('a publication that is found in Git before its push is answered is left to whoever publishes', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  await trial.create(r, 'p', 'w');
  await trial.setLifecycle(name, 'Proposed');
  await trial.mirrored(name);
  const found = Promise.withResolvers<unknown>();
  beforeAnswer = () => trial.sync(r).then(found.resolve);
  const published = await trial.setLifecycle(name, 'Published');
  expect(published.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
  expect(await found.promise).toMatchObject({ left: 1 });
  expect(await trial.sync(r)).toMatchObject({ revisions: 2, changed: 0, left: 0 });
});
