import type { ServedEvent, WatchSink } from '@porch/apiserver';
import { afterEach, expect, test, vi } from 'vitest';
import { planPackageWrites } from '../cache/package-writes.ts';
import { unregisterRepository } from '../controllers/unregister.ts';
import { repositories } from '../resources/group.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

const patience = { timeout: 60_000, interval: 20 };
/** More than a watch lets wait while it is slow. */
const many = 1200;

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

class Recorder implements WatchSink {
  readonly names: string[] = [];
  readonly types: string[] = [];
  readonly revisions: number[] = [];
  done: number | undefined;
  seen = 0;
  error: Error | undefined;

  event(event: ServedEvent): void {
    this.names.push(event.object.key.name);
    this.types.push(event.type);
    this.revisions.push(event.revision);
  }

  initialDone(revision: number): void {
    this.done = revision;
  }

  progress(revision: number): void {
    this.seen = revision;
  }

  fail(error: Error): void {
    this.error = error;
  }
}

test('a watch begins with however many there are, and goes on after however many changes', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  const { cache, store } = t.parts;
  const first = cache.packageRevision('default', 'r.p.w');
  const state = cache.state('default', 'r.p.w')?.value;
  if (first === undefined || state === undefined) throw new Error('nothing was made');
  const start = cache.revision;
  const place = { namespace: 'default', repository: 'r', packageName: 'p' };
  const changes = Array.from({ length: many }, (_, index) => {
    const name = `r.p.w${index}`;
    const { resourceVersion: _version, ...metadata } = { ...first.value.metadata, name, uid: name };
    const object = { ...first.value, metadata, spec: { ...first.value.spec, workspaceName: `w${index}` } };
    return { namespace: 'default', name, object, expected: 0, content: first.content, state };
  });
  await store.commit({ operations: planPackageWrites(cache, place, changes, '2026-01-02T03:04:05Z') });
  const { watch } = t.engine.objectCache().packageRevisionResources;
  const fromNow = new Recorder();
  await watch(t.context, { namespace: 'default', start: { initial: true } }, fromNow);
  await vi.waitFor(() => expect(fromNow.done ?? fromNow.error).toBeDefined(), patience);
  expect([fromNow.error, fromNow.names.length]).toEqual([undefined, many + 1]);
  const resumed = new Recorder();
  await watch(t.context, { namespace: 'default', start: { after: start } }, resumed);
  await vi.waitFor(() => expect(resumed.error ?? resumed.names.length).toBe(many), patience);
});

test('a watch has seen what it has handed on, although nothing else happens', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  const { watch } = t.engine.objectCache().packageRevisionResources;
  const recorder = new Recorder();
  await watch(t.context, { namespace: 'default', start: { after: t.parts.cache.revision } }, recorder);
  await t.create('r', 'p', 'w');
  await vi.waitFor(() => expect(recorder.names).toEqual(['r.p.w']), patience);
  await vi.waitFor(() => expect(recorder.seen).toBe(t.parts.cache.revision), patience);
  expect(recorder.seen).toBeGreaterThanOrEqual(recorder.revisions[0] ?? 0);
});

test('the next object is put together when the client has taken the one before', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  for (const name of ['p', 'q', 's']) await t.create('r', name, 'w');
  class Slow extends Recorder {
    behind: PromiseWithResolvers<void> | undefined;
    override event(event: ServedEvent): void {
      super.event(event);
      this.behind = Promise.withResolvers();
    }
    taken(): Promise<void> | undefined {
      return this.behind?.promise;
    }
  }
  const slow = new Slow();
  const quick = new Recorder();
  const { watch } = t.engine.objectCache().packageRevisionResources;
  for (const sink of [slow, quick]) await watch(t.context, { namespace: 'default', start: { initial: true } }, sink);
  await vi.waitFor(() => expect(quick.done).toBeDefined(), patience);
  for (const names of [['r.p.w'], ['r.p.w', 'r.q.w'], ['r.p.w', 'r.q.w', 'r.s.w']]) {
    await vi.waitFor(() => expect(slow.names).toEqual(names), patience);
    slow.behind?.resolve();
  }
  await vi.waitFor(() => expect(slow.done).toBe(quick.done), patience);
});

test('a watch goes on when a repository goes, also one that begins before that', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.addRepository('s');
  const start = t.parts.cache.revision;
  await t.create('r', 'p', 'w');
  await t.publish('r.p.w');
  await t.git('r', 'update-ref', 'refs/heads/drafts/p/next', 'main');
  await t.sync('r');
  const before = t.parts.cache.revision;
  await unregisterRepository(t.parts, 'default', 'r', { discardDrafts: false });
  const key = { resource: repositories, namespace: 'default', name: 'r' };
  await t.parts.store.commit({ operations: [{ type: 'delete', key }] });
  await t.create('s', 'p', 'w');
  const { watch } = t.engine.objectCache().packageRevisionResources;
  const of = ({ names, types }: Recorder, type: string) => names.filter((_, index) => types[index] === type).sort();
  const [ignorant, knowing] = [new Recorder(), new Recorder()];
  await watch(t.context, { namespace: 'default', start: { after: start } }, ignorant);
  await watch(t.context, { namespace: 'default', start: { after: before } }, knowing);
  for (const recorder of [ignorant, knowing]) {
    await vi.waitFor(() => expect(recorder.error ?? recorder.names.at(-1)).toBe('s.p.w'), patience);
  }
  expect(of(knowing, 'DELETED')).toEqual(['r.p.main', 'r.p.next', 'r.p.w']);
  expect(of(ignorant, 'DELETED')).toEqual(of(ignorant, 'ADDED').filter((name) => name !== 's.p.w'));
});
