import type { Store } from '@porch/apiserver';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { DiscoveryMemories } from '../../git/discovery-memories.ts';
import { packageRevisions } from '../../resources/group.ts';
import { commitElsewhere } from './commit-elsewhere.test-support.ts';
import { type SyncMemory, syncRepository } from './sync-repository.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
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
