import { noMetrics, noTracing } from '@porch/apiserver';
import { afterEach, expect, test, vi } from 'vitest';
import { keptLog } from '../../../../e2e/harness/kept-log.ts';
import { Remote } from '../../../../e2e/harness/remote.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { packageRevisions } from '../resources/group.ts';
import { MirrorQueue, type MirrorQueueOptions } from './mirror-queue.ts';
import { soleOwnership } from './sharing/ownership.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

/** The queue of a server that is started on the same store. */
function nextQueue({ parts }: Trial, options: Partial<MirrorQueueOptions> = {}): MirrorQueue {
  return new MirrorQueue({
    ...parts,
    mode: 'async',
    metrics: noMetrics,
    tracing: noTracing,
    gatherMs: 1,
    retryMs: { first: 10, most: 10 },
    locks: parts.revisionLocks,
    ownership: soleOwnership(parts.store),
    ...options,
  });
}

test.each([
  ['all their commits', false],
  ['them also where the branch has moved', true],
])('nothing is pushed while drafts are kept to the server, and publishing brings %s', async (_, moves) => {
  trial = await startTrial('off');
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  await trial.setLifecycle('r.p.w', 'Proposed');
  await trial.mirrored('r.p.w');
  expect(await trial.git('r', 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  const other = await trial.git('r', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Other work');
  if (moves) await trial.git('r', 'update-ref', 'refs/heads/main', other);
  await trial.setLifecycle('r.p.w', 'Published');
  expect((await trial.git('r', 'log', '--format=%s', 'main^2')).split('\n')).toEqual([
    'Rendering package',
    'Creating new empty revision',
    'Start',
  ]);
});

test('a history that was rewritten does not come back with a draft that was kept to the server', async () => {
  trial = await startTrial('off');
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  const head = await trial.git('r', 'commit-tree', 'main^{tree}', '-m', 'Without its history');
  await trial.git('r', 'update-ref', 'refs/heads/main', head);
  await trial.sync('r');
  await trial.publish('r.p.w');
  expect((await trial.git('r', 'log', '--format=%s', '--topo-order', 'main')).split('\n')).toEqual([
    'Approving package revision p/1',
    'Creating new empty revision',
    'Without its history',
  ]);
});

test('a draft whose branch stands in the way of another holds up no other, and goes through when that is gone', async () => {
  trial = await startTrial();
  await trial.addRepository('r');
  const t = trial;
  const { queue } = t.parts;
  await t.git('r', 'update-ref', 'refs/heads/drafts/p', 'main');
  // Both are in one push.
  await queue.hold('default', 'r', 'r.p.w', () =>
    queue.hold('default', 'r', 'r.q.w', async () => {
      await t.create('r', 'p', 'w');
      await t.create('r', 'q', 'w');
      queue.retry('default', 'r');
    }),
  );
  await trial.mirrored('r.q.w');
  await expect(trial.mirrored('r.p.w')).rejects.toThrow('refs/heads/drafts/p/w');
  expect(trial.parts.queue.backlog('default', 'r')).toMatchObject({
    waiting: 1,
    error: expect.stringContaining('drafts/p/w'),
  });
  await trial.git('r', 'update-ref', '-d', 'refs/heads/drafts/p');
  trial.parts.queue.retry('default', 'r');
  await trial.mirrored('r.p.w');
  expect(trial.parts.queue.backlog('default', 'r').waiting).toBe(0);
});

test('a draft that the remote refuses gets there later, also where the mirror is new by then', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.git('r', 'update-ref', 'refs/heads/drafts/p', 'main');
  await t.create('r', 'p', 'w');
  await expect(t.mirrored('r.p.w')).rejects.toThrow('refs/heads/drafts/p/w');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    const { removed } = await t.mirrors.removeUnused({ needed: [], unusedMs: -1, most: 1 });
    expect(removed).toHaveLength(1);
    await t.git('r', 'update-ref', '-d', 'refs/heads/drafts/p');
  });
  await t.mirrored('r.p.w');
  expect(await t.git('r', 'show', 'drafts/p/w:p/Kptfile')).toContain('name: p');
});

test('what has failed waits its time, however often it changes, and is tried at once when that is asked for', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.git('r', 'update-ref', 'refs/heads/drafts/p', 'main');
  await t.create('r', 'p', 'w');
  const next = nextQueue(t, { retryMs: { first: 3_600_000, most: 3_600_000 } });
  const timers = vi.spyOn(globalThis, 'setTimeout');
  try {
    next.start();
    await expect.poll(() => timers.mock.calls.some(([, delay = 0]) => delay > 3_000_000)).toBe(true);
  } finally {
    timers.mockRestore();
  }
  expect(next.backlog('default', 'r').error).toContain('drafts/p/w');
  const { oldest } = next.backlog('default', 'r');
  await t.git('r', 'update-ref', '-d', 'refs/heads/drafts/p');
  await t.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  expect(next.backlog('default', 'r')).toMatchObject({ oldest, error: expect.stringContaining('drafts/p/w') });
  next.retry('default', 'r');
  await expect.poll(() => t.references('r')).toContain('refs/heads/drafts/p/w');
  await next.close();
});

test('a server pushes what it gets while it has the lease of the repository, and nothing afterwards', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  const { store } = t.parts;
  // A push takes longer than others would be waited for.
  const next = nextQueue(t, { ownership: { ...soleOwnership(store), sole: false }, elsewhereMs: 0 });
  const mirrored = (name: string) => next.mirrored('default', name, new AbortController().signal);
  next.activate('default', 'r', store);
  await t.create('r', 'p', 'w');
  await mirrored('r.p.w');
  expect(await t.references('r')).toContain('refs/heads/drafts/p/w');
  await next.deactivate('default', 'r');
  next.forget('default', 'r');
  await t.create('r', 'q', 'w');
  await expect(mirrored('r.q.w')).rejects.toThrow('has not been pushed yet by the server that looks after');
  next.forget('default', 'r');
  expect(next.backlog('default', 'r').waiting).toBe(1);
  expect(await t.references('r')).not.toContain('refs/heads/drafts/q/w');
  await next.close();
});

test('why a draft is not in Git stays known while others get there', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.git('r', 'update-ref', 'refs/heads/drafts/p', 'main');
  await t.create('r', 'p', 'w');
  await expect(t.mirrored('r.p.w')).rejects.toThrow('refs/heads/drafts/p/w');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await t.create('r', 'q', 'w');
    await t.mirrored('r.q.w');
    const pushed = () => t.parts.queue.hold('default', 'r', 'r.q.w', async () => undefined);
    await pushed();
    expect(t.parts.queue.backlog('default', 'r').error).toContain('drafts/p/w');
  });
});

test('a remote that is away for a while gets everything afterwards, one commit a change, in order', async () => {
  let away = false;
  trial = await startTrial('async', { onRequest: () => (away ? { status: 503, body: 'away' } : undefined) });
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.mirrored('r.p.w');
  away = true;
  for (const name of ['one', 'two', 'three']) {
    await trial.setFiles('r.p.w', (files) => {
      files[name] = name;
    });
  }
  await expect(trial.mirrored('r.p.w')).rejects.toThrow();
  away = false;
  trial.parts.queue.retry('default', 'r');
  await trial.mirrored('r.p.w');
  const added = await trial.git(
    'r',
    'log',
    '--reverse',
    '--diff-filter=A',
    '--name-only',
    '--format=',
    'drafts/p/w',
    '--',
    'p',
  );
  expect(added.split('\n').slice(-3)).toEqual(['p/one', 'p/two', 'p/three']);
});

test('what was left when a server stopped is found again', async () => {
  trial = await startTrial('off');
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  const next = nextQueue(trial);
  next.start();
  const { references } = trial;
  await expect.poll(() => references('r')).toContain('refs/heads/drafts/p/w');
  expect(await trial.git('r', 'log', '-1', '--format=%s', 'drafts/p/w')).toBe('Creating new empty revision');
  await next.close();
});

test('logs why a remote takes no drafts and what to do about it, and no stack', async () => {
  let denied = false;
  trial = await startTrial('off', { onRequest: () => (denied ? { status: 403, body: 'denied' } : undefined) });
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  denied = true;
  const log = keptLog('warn');
  const next = nextQueue(trial, { logger: log.logger });
  next.start();
  await expect.poll(() => log.text).toContain('\n');
  await next.close();
  const [line = ''] = log.text.split('\n');
  const { msg, err, reason, repository } = JSON.parse(line);
  expect([msg, err, repository]).toEqual(['drafts could not be pushed; will try again', undefined, 'r']);
  expect(reason).toMatch(/ 403\. If the repository is not for everybody, make a Secret/);
});

test('a clock that is put back keeps no draft waiting', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  let back = 0;
  const queue = nextQueue(t, { clock: () => new Date(Date.now() - back) });
  for (const name of ['p', 'q']) {
    await t.create('r', name, 'w');
    await expect.poll(() => queue.backlog('default', 'r').waiting).toBe(0);
    back = 3_600_000;
  }
  expect(await t.git('r', 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/heads/drafts')).toBe('p/w\nq/w');
  await queue.close();
});

test('what waits is pushed when the lease of its repository is taken', async () => {
  trial = await startTrial('off');
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  const { store } = trial.parts;
  const next = nextQueue(trial, { ownership: { ...soleOwnership(store), sole: false } });
  next.start();
  const { references } = trial;
  expect(await references('r')).toEqual(['refs/heads/main']);
  expect(next.backlog('default', 'r').waiting).toBe(1);
  next.activate('default', 'r', store);
  await expect.poll(() => references('r')).toContain('refs/heads/drafts/p/w');
  await next.close();
});

test('what was left when a server stopped is as old as it was, and never taken for a change of just now', async () => {
  let away = false;
  trial = await startTrial('async', { onRequest: () => (away ? { status: 503, body: 'away' } : undefined) });
  for (const repository of ['r', 's']) await trial.addRepository(repository);
  await trial.create('r', 'p', 'w');
  await trial.mirrored('r.p.w');
  away = true;
  await trial.remove('r.p.w');
  await trial.create('s', 'p', 'w');
  const { clock } = trial.parts;
  const anHourLater = new Date(clock().getTime() + 3_600_000);
  const next = nextQueue(trial, { clock: () => anHourLater, gatherMs: 3_600_000 });
  next.start();
  const age = (repository: string) => {
    const { waiting, oldest } = next.backlog('default', repository);
    return [waiting, Math.round((anHourLater.getTime() - (oldest?.getTime() ?? Number.NaN)) / 60_000)];
  };
  expect(age('r')).toEqual([1, 1]);
  expect(age('s')).toEqual([1, 60]);
  await next.close();
});

test.each(['async', 'off'] as const)(
  'a draft outlives what it was made on, where neither the remote nor a new mirror has that (%s)',
  async (mode) => {
    const t = await startTrial(mode);
    trial = t;
    await t.addRepository('r');
    await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
      await t.create('r', 'p', 'w');
      const rewritten = await t.git('r', 'commit-tree', 'main^{tree}', '-m', 'Begin anew');
      await t.git('r', 'update-ref', 'refs/heads/main', rewritten);
      const { removed } = await t.mirrors.removeUnused({ needed: [], unusedMs: -1, most: 1 });
      expect(removed).toHaveLength(1);
    });
    await t.mirrored('r.p.w');
    await t.publish('r.p.w');
    expect(await t.git('r', 'show', 'main:p/Kptfile')).toContain('name: p');
    expect((await t.git('r', 'log', '--first-parent', '--format=%s', 'main')).split('\n')).toEqual([
      'Approving package revision p/1',
      'Begin anew',
    ]);
  },
);

test('what goes in one namespace does not settle what waits under the same name in another', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await t.setLifecycle('r.p.w', 'Proposed');
    const key = { resource: packageRevisions, namespace: 'other', name: 'r.p.w' };
    const value = JSON.stringify({ metadata: { namespace: 'other', name: 'r.p.w' }, spec: { lifecycle: 'Published' } });
    await t.parts.store.commit({ operations: [{ type: 'put', key, uid: 'other', value }] });
    await t.parts.store.commit({ operations: [{ type: 'delete', key }] });
    expect(t.parts.queue.backlog('default', 'r').waiting).toBe(1);
  });
  await t.mirrored('r.p.w');
  expect(await t.references('r')).toContain('refs/heads/proposed/p/w');
});

test('what is gone waits nowhere, also where its state was not stored, and another server pushes', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
  await new Remote(t.gitServer.directory('r')).push('main', { 'p/Kptfile': kptfile }, { tags: ['p/v1'] });
  await t.sync('r');
  const next = nextQueue(t, { ownership: { ...soleOwnership(t.parts.store), sole: false } });
  const waiting = () => next.backlog('default', 'r').waiting;
  await t.parts.queue.hold('default', 'r', 'r.p.v1', async () => {
    await t.setLifecycle('r.p.v1', 'DeletionProposed');
    expect([waiting(), t.parts.cache.isStateStored('default', 'r.p.v1')]).toEqual([1, false]);
    await t.git('r', 'tag', '-d', 'p/v1');
    await t.sync('r');
  });
  expect([waiting(), t.get('r.p.v1')]).toEqual([0, undefined]);
  await next.close();
});

test('where answers wait for Git, it has every change that was answered; what it did not take is a warning', async () => {
  const t = await startTrial('sync');
  trial = t;
  const subject = (branch: string) => t.git('r', 'log', '-1', '--format=%s', branch);
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  expect(await subject('drafts/p/w')).toBe('Creating new empty revision');
  await t.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  expect(await subject('drafts/p/w')).toBe('Rendering package');
  await t.setLifecycle('r.p.w', 'Proposed');
  expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
  await t.git('r', 'update-ref', 'refs/heads/drafts/q', 'main');
  await t.create('r', 'q', 'w');
  expect(t.context.warnings).toEqual([expect.stringMatching(/is stored but not in Git yet: .*drafts\/q\/w/)]);
});
