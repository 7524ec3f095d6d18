import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createPrometheusMetrics } from '@porch/apiserver';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { repositories } from '../../resources/group.ts';
import { createCleanupCounters } from './cleanup-counters.ts';
import { cleanUpMirrors } from './mirror-cleanup.ts';

const dayMs = 24 * 3_600_000;

let trial: Trial;
beforeEach(async () => {
  trial = await startTrial('off');
});
afterEach(async () => {
  vi.useRealTimers();
  await trial.close();
});

function setUp(most = 10) {
  const registry = new Registry();
  const log: string[] = [];
  const options = {
    mirrors: trial.mirrors,
    registrations: trial.parts.registrations,
    counters: createCleanupCounters(createPrometheusMetrics(registry)),
    logger: pino({}, { write: (line) => void log.push(line) }),
    unusedMs: dayMs,
    most,
  };
  return { cleanUp: () => cleanUpMirrors(options), log, metrics: () => registry.metrics() };
}

function daysLater(days: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * dayMs });
}

async function unregister(name: string): Promise<void> {
  await trial.parts.store.commit({
    operations: [{ type: 'delete', key: { resource: repositories, namespace: 'default', name } }],
  });
  await vi.waitFor(() => expect(trial.parts.registrations.get('default', name)).toBeUndefined(), { timeout: 60_000 });
}

test('the mirror of a remote goes a while after its last Repository, and is made again when it is needed', async () => {
  const { cleanUp, log, metrics } = setUp();
  await trial.addRepository('kept');
  const url = await trial.addRepository('left');
  const kept = (await trial.parts.repositories.open('default', 'kept')).mirror.directory;
  const { mirror } = await trial.parts.repositories.open('default', 'left');
  const left = mirror.directory;
  const head = (await mirror.commit(await trial.git('left', 'rev-parse', 'refs/heads/main'))).id;
  await unregister('left');
  await cleanUp();
  expect(existsSync(left)).toBe(true);

  daysLater(2);
  await cleanUp();
  expect(existsSync(left)).toBe(false);
  expect(existsSync(`${left}.gone`)).toBe(false);
  expect(existsSync(kept)).toBe(true);
  expect(log.join('')).toContain(`the mirror of ${url}`);
  expect(await metrics()).toContain('porch_cleanup_removed_total{kind="mirror"} 1');

  const again = await trial.mirrors.open(url);
  expect(again.directory).toBe(left);
  expect(await again.has(head)).toBe(false);
  await again.fetch({ url });
  expect(await again.has(head)).toBe(true);
});

test('a mirror that is used without a Repository stays as long as it is', async () => {
  const { cleanUp } = setUp();
  const url = await trial.gitServer.createRepository('cloned');
  const { directory } = await trial.mirrors.open(url);
  daysLater(2);
  await trial.mirrors.open(url);
  await cleanUp();
  expect(existsSync(directory)).toBe(true);
  daysLater(2);
  await cleanUp();
  expect(existsSync(directory)).toBe(false);
});

test('mirrors of earlier runs go, so many in one round; so does what a crash has left', async () => {
  const { cleanUp, metrics } = setUp(2);
  const { directory } = await trial.mirrors.open(await trial.gitServer.createRepository('used'));
  const root = dirname(directory);
  const names = ['a', 'b', 'c'].map((letter) => join(root, letter.repeat(64)));
  for (const name of names) {
    await mkdir(name);
    await utimes(name, new Date(0), new Date(0));
  }
  await mkdir(join(root, `${'d'.repeat(64)}.gone`));
  await cleanUp();
  expect(names.filter((name) => existsSync(name))).toHaveLength(1);
  await cleanUp();
  expect(names.filter((name) => existsSync(name))).toEqual([]);
  expect(existsSync(join(root, `${'d'.repeat(64)}.gone`))).toBe(false);
  expect(existsSync(directory)).toBe(true);
  expect(await metrics()).toContain('porch_cleanup_removed_total{kind="mirror"} 3');
});

test('what cannot be removed is logged, and keeps no other', async () => {
  const { cleanUp, log, metrics } = setUp();
  const { directory } = await trial.mirrors.open(await trial.gitServer.createRepository('used'));
  const root = dirname(directory);
  const names = ['a', 'b', 'c', 'd'].map((letter) => join(root, letter.repeat(64)));
  for (const name of names) {
    // One of them is no directory: it has nothing that could be read of what it was for.
    if (name.endsWith('b')) await writeFile(name, '');
    else await mkdir(name);
    await utimes(name, new Date(0), new Date(0));
  }
  await cleanUp();
  expect(names.filter((name) => existsSync(name))).toEqual([]);
  expect(log.join('')).toContain('ENOTDIR');
  const text = await metrics();
  expect(text).toContain('porch_cleanup_removed_total{kind="mirror"} 3');
  expect(text).toContain('porch_cleanup_rounds_total{outcome="failed"} 1');
});
