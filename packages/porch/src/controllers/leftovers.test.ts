import type { Store } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { repositories } from '../resources/group.ts';
import { removeLeftRevisions } from './leftovers.ts';

let trial: Trial;
beforeEach(async () => {
  // Drafts that Git never gets.
  trial = await startTrial('off');
  for (const name of ['one', 'two', 'stays']) {
    await trial.addRepository(name);
    await trial.create(name, 'p', 'w');
  }
  for (const name of ['one', 'two']) {
    const key = { resource: repositories, namespace: 'default', name };
    await trial.parts.store.commit({ operations: [{ type: 'delete', key }] });
  }
});
afterEach(() => trial.close());

const left = () => ['one', 'two', 'stays'].filter((name) => trial.get(`${name}.p.w`) !== undefined);

test('of a repository that nobody has unregistered goes what Git never got, too: there is nobody to wait for it', async () => {
  expect(await removeLeftRevisions({ parts: trial.parts, logger: trial.parts.logger })).toBe(2);
  expect(left()).toEqual(['stays']);
  expect(trial.parts.cache.repositoryState('default', 'one')).toBeUndefined();
  expect(trial.parts.cache.repositoryState('default', 'stays')).toBeDefined();
  expect(await removeLeftRevisions({ parts: trial.parts, logger: trial.parts.logger })).toBe(0);
});

test('what cannot be removed keeps no other repository, and goes the next time', async () => {
  const { parts } = trial;
  const store: Store = new Proxy(parts.store, {
    get(target, property) {
      if (property !== 'commit') return Reflect.get(target, property);
      return async (...args: Parameters<Store['commit']>) => {
        if (JSON.stringify(args[0]).includes('"one')) throw new Error('the store has no room');
        return target.commit(...args);
      };
    },
  });
  const { logger } = parts;
  expect(await removeLeftRevisions({ parts: { ...parts, store }, logger })).toBe(1);
  expect(left()).toEqual(['one', 'stays']);
  expect(await removeLeftRevisions({ parts, logger })).toBe(1);
  expect(left()).toEqual(['stays']);
});
