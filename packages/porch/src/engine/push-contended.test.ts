import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
/** A lock in the remote, as a push of somebody else, or a repack, holds one. */
let lock: string;
/** Requests to push that the lock outlasts. */
let outlasted: number;
/** Requests to push before which somebody else is quicker. */
let overtaken: number;

beforeEach(async () => {
  trial = await startTrial('async', {
    async onRequest({ method, service }) {
      if (method !== 'POST' || service !== 'git-receive-pack') return;
      if (lock !== '' && outlasted-- <= 0) await rm(lock, { force: true });
      if (overtaken-- > 0) await commitByHand();
    },
  });
  outlasted = 0;
  overtaken = 0;
  lock = '';
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.setLifecycle('r.p.w', 'Proposed');
  await trial.mirrored('r.p.w');
});
afterEach(() => trial.close());

async function commitByHand(): Promise<void> {
  const commit = await trial.git('r', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'By hand');
  await trial.git('r', 'update-ref', 'refs/heads/main', commit.trim());
}

async function hold(file: string, requests: number): Promise<void> {
  lock = join(trial.gitServer.directory('r'), file);
  outlasted = requests;
  await writeFile(lock, '');
}

test.each(['refs/heads/main.lock', 'packed-refs.lock'])('a publication and a deletion wait for %s', async (file) => {
  await hold(file, 1);
  expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 1 });
  for (const name of ['r.p.w', 'r.p.main']) {
    await trial.setLifecycle(name, 'DeletionProposed');
    await trial.mirrored(name);
    await hold(file, 1);
    await trial.remove(name);
  }
  expect(await trial.references('r')).toEqual(['refs/heads/main']);
  expect(await trial.git('r', 'ls-tree', 'main')).toBe('');
});

test('a branch that moves again and again is followed', async () => {
  overtaken = 7;
  expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 1 });
  expect(await trial.git('r', 'log', '--first-parent', '--format=%s', 'main')).toMatch(/^[^\n]*(\nBy hand){7}\n/);
  await trial.setLifecycle('r.p.main', 'DeletionProposed');
  overtaken = 7;
  await trial.remove('r.p.main');
  expect(await trial.git('r', 'ls-tree', 'main')).toBe('');
});

test('a branch that never stands still', async () => {
  overtaken = Number.POSITIVE_INFINITY;
  await expect(trial.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('branch main kept moving'),
  });
  expect(trial.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
});

test('a deletion that is rejected with its last finalizer waits for a lock of its branch', async () => {
  await trial.setLifecycle('r.p.w', 'Published');
  await trial.update('r.p.w', (object) => {
    object.metadata.finalizers = ['example.com/hold'];
    object.spec.lifecycle = 'DeletionProposed';
  });
  await trial.mirrored('r.p.w');
  await trial.remove('r.p.w');
  await hold('refs/heads/deletionProposed/p/v1.lock', 2);
  await trial.update('r.p.w', (object) => {
    object.metadata.finalizers = [];
    object.spec.lifecycle = 'Published';
  });
  expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
});

test('a lock that stays is no fault of the client', async () => {
  await hold('refs/heads/main.lock', Number.POSITIVE_INFINITY);
  await expect(trial.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
    code: 503,
    message: expect.stringMatching(/cannot lock ref 'refs\/heads\/main'.*Try again.*lock file/s),
  });
  expect(trial.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
});
