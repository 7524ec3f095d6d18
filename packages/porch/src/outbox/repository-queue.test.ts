import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { noMetrics, noTracing } from '@porch/apiserver';
import { afterEach, expect, test, vi } from 'vitest';
import { LocalLocks } from '../cache/locks.ts';
import { putRecord, type RevisionState } from '../cache/records.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { GitError, type Mirror } from '../git/types.ts';
import { resolveDraftAnnotation } from '../resources/group.ts';
import { RepositoryQueue, type RepositoryQueueOptions } from './repository-queue.ts';
import { soleOwnership } from './sharing/ownership.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

test('a draft that cannot be committed holds up no other, and says why', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  const { cache, queue, store } = t.parts;
  const hold = (name: string, work: () => Promise<void>) => queue.hold('default', 'r', name, work);
  await hold('r.p.w', () =>
    hold('r.q.w', async () => {
      await t.create('r', 'p', 'w');
      await t.create('r', 'q', 'w');
      const state = cache.state('default', 'r.p.w');
      if (state === undefined) throw new Error('no state');
      const pending = state.value.pending.map((one) => ({ ...one, content: 'sha256:lost' }));
      await store.commit({ operations: [putRecord(state.key, { ...state.value, pending }, state.revision)] });
    }),
  );
  await t.mirrored('r.q.w');
  expect(await t.git('r', 'for-each-ref', '--format=%(refname)', 'refs/heads/drafts')).toBe('refs/heads/drafts/q/w');
  expect(queue.backlog('default', 'r').waiting).toBe(1);
});

test.each([
  ['by a proxy before it', 413],
  ['by Git', undefined],
])('drafts that are together too large for the remote are pushed one by one: refused %s', async (_, status) => {
  const mostBytes = 40_000;
  const t = await startTrial('async', {
    onRequest: ({ method, service, headers }) => {
      const isLarge = Number(headers['content-length'] ?? 0) > mostBytes;
      return status !== undefined && method === 'POST' && service === 'git-receive-pack' && isLarge
        ? { status }
        : undefined;
    },
  });
  trial = t;
  await t.addRepository('r');
  if (status === undefined) await t.git('r', 'config', 'receive.maxInputSize', String(mostBytes));
  const names = ['r.p.w', 'r.q.w', 'r.s.w'];
  const fill = async (): Promise<void> => {
    for (const [index, packageName] of ['p', 'q', 's'].entries()) {
      await t.create('r', packageName, 'w');
      await t.setFiles(names[index] ?? '', (files) => {
        files['notes.txt'] = randomBytes(packageName === 's' ? 60_000 : 15_000).toString('base64');
      });
    }
  };
  const { queue } = t.parts;
  const hold = (name: string, work: () => Promise<void>) => queue.hold('default', 'r', name, work);
  await hold('r.p.w', () => hold('r.q.w', () => hold('r.s.w', fill)));
  await Promise.all([t.mirrored('r.p.w'), t.mirrored('r.q.w')]);
  expect(await t.git('r', 'for-each-ref', '--format=%(refname)', 'refs/heads/drafts')).toBe(
    'refs/heads/drafts/p/w\nrefs/heads/drafts/q/w',
  );
  expect(queue.backlog('default', 'r').waiting).toBe(1);
});

test('a remote that refuses all drafts is not asked for each of them, and none waits for those that it dislikes', async () => {
  const go = Promise.withResolvers<void>();
  const sizes: number[] = [];
  const t = await startTrial('async', {}, (mirror) =>
    withPush(mirror, async (...args) => {
      await go.promise;
      sizes.push(args[1].length);
      return mirror.push(...args);
    }),
  );
  trial = t;
  await t.addRepository('r');
  const hooks = join(t.gitServer.directory('r'), 'hooks');
  await mkdir(hooks, { recursive: true });
  const hook = async (pattern: string): Promise<void> => {
    const script = `#!/bin/sh\nwhile read old new ref; do case $ref in ${pattern}) exit 1;; esac; done\n`;
    await writeFile(join(hooks, 'pre-receive.new'), script, { mode: 0o755 });
    await rename(join(hooks, 'pre-receive.new'), join(hooks, 'pre-receive'));
  };
  await hook('refs/heads/drafts/*');
  await t.create('r', 'first', 'w');
  for (let bad = 0; bad < 6; bad++) await t.create('r', `bad-${bad}`, 'w');
  for (const good of ['good', 'better']) await t.create('r', good, 'w');
  go.resolve();
  await expect.poll(() => sizes.filter((size) => size > 1).length).toBeGreaterThan(3);
  const together = sizes.filter((size) => size > 1).length;
  expect(sizes.length - together).toBeLessThan(6 * together);

  await hook('refs/heads/drafts/bad*');
  const inGit = () => t.git('r', 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/heads/drafts');
  await expect.poll(inGit).toBe('better/w\nfirst/w\ngood/w');
});

test('whoever waits for a draft that was changed in Git hears of it', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  const { queue } = t.parts;
  await queue.hold('default', 'r', 'r.p.w', async () => {
    const theirs = await t.git('r', 'commit-tree', 'drafts/p/w^{tree}', '-p', 'drafts/p/w', '-m', 'Elsewhere');
    await t.git('r', 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await t.setFiles('r.p.w', (files) => {
      files['ours.txt'] = 'ours';
    });
  });
  await expect(t.mirrored('r.p.w')).rejects.toThrow('changed in Git');
  await expect(t.mirrored('r.p.w')).rejects.toThrow('changed in Git');
  await expect(
    t.create('r', 'c', 'w', { type: 'clone', clone: { upstreamRef: { upstreamRef: { name: 'r.p.w' } } } }),
  ).rejects.toMatchObject({ code: 400, message: expect.stringContaining('changed in Git') });
});

test('deleting a draft that was changed in Git makes room for the one that is there', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  const theirs = await t.git('r', 'commit-tree', 'drafts/p/w^{tree}', '-p', 'drafts/p/w', '-m', 'Elsewhere');
  await t.git('r', 'update-ref', 'refs/heads/drafts/p/w', theirs);
  await t.setFiles('r.p.w', (files) => {
    files['ours.txt'] = 'ours';
  });
  await expect(t.mirrored('r.p.w')).rejects.toThrow('changed in Git');
  await t.remove('r.p.w');
  await t.mirrored('r.p.w');
  await t.sync('r');
  expect(await t.git('r', 'rev-parse', 'drafts/p/w')).toBe(theirs);
  expect(t.get('r.p.w')?.spec.lifecycle).toBe('Draft');
  expect((await t.resources('r.p.w')).spec.resources).not.toHaveProperty('ours.txt');
});

test('changes that follow one another share a push, which comes after a rest; whoever waits is not kept waiting', async () => {
  const pushes: { readonly begun: number; readonly ended: number }[] = [];
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const t = await startTrial('async', {}, (mirror) =>
    withPush(mirror, async (...args) => {
      const start = Date.now();
      begun.resolve();
      await go.promise;
      const outcome = await mirror.push(...args);
      pushes.push({ begun: start, ended: Date.now() });
      return outcome;
    }),
  );
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await begun.promise;
  for (const name of ['one', 'two', 'three']) {
    await t.setFiles('r.p.w', (files) => {
      files[name] = name;
    });
  }
  await pause(100);
  go.resolve();
  await vi.waitFor(() => expect(t.parts.queue.backlog('default', 'r').waiting).toBe(0), {
    timeout: 60_000,
    interval: 5,
  });
  const [first, second, ...others] = pushes;
  if (first === undefined || second === undefined) throw new Error('two pushes were expected');
  expect(others).toEqual([]);
  expect(second.begun - first.ended).toBeGreaterThanOrEqual(Math.min(1000, 3 * (first.ended - first.begun)));
  await t.setFiles('r.p.w', (files) => {
    files['four'] = 'four';
  });
  await t.mirrored('r.p.w');
  expect(await t.git('r', 'ls-tree', '--name-only', 'drafts/p/w:p')).toContain('four');
});

test('whoever waits for what has changed during a push does not wait for the rest after it', async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const t = await startTrial('async', {}, (mirror) =>
    withPush(mirror, async (...args) => {
      begun.resolve();
      await go.promise;
      return mirror.push(...args);
    }),
  );
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await begun.promise;
  await t.setFiles('r.p.w', (files) => {
    files['late.txt'] = 'late';
  });
  // The push seems to have taken so long that the rest is the longest there is.
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
  try {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const waiting = t.mirrored('r.p.w');
    go.resolve();
    await waiting;
    expect(timers.mock.calls.map(([, delay]) => delay)).not.toContain(1000);
    expect(await t.git('r', 'show', 'drafts/p/w:p/late.txt')).toBe('late');
  } finally {
    vi.restoreAllMocks();
  }
});

test.each(['deactivate', 'close'] as const)(
  'a queue ends after the push that is under way, and begins no other: %s',
  async (end) => {
    const sizes: number[] = [];
    const ended: string[] = [];
    let stopped: Promise<unknown> | undefined;
    const t = await startTrial('async', {}, (mirror) =>
      withPush(mirror, async (access, updates, options) => {
        sizes.push(updates.length);
        if (updates.length > 1) throw new GitError('TooLarge', 'it is too large', 'Send less.');
        stopped ??= t.parts.queue[end]('default', 'r').then(() => ended.push('queue'));
        const outcome = await mirror.push(access, updates, options);
        ended.push('push');
        return outcome;
      }),
    );
    trial = t;
    await t.addRepository('r');
    const { queue } = t.parts;
    await queue.hold('default', 'r', 'r.p.w', () =>
      queue.hold('default', 'r', 'r.q.w', async () => {
        await t.create('r', 'p', 'w');
        await t.create('r', 'q', 'w');
        queue.retry('default', 'r');
      }),
    );
    await expect.poll(() => stopped).toBeDefined();
    await stopped;
    expect(ended).toEqual(['push', 'queue']);
    expect(sizes).toEqual([2, 1]);
    expect(queue.backlog('default', 'r').waiting).toBe(1);
  },
);

/** The same mirror with another way to push. */
function withPush(mirror: Mirror, push: Mirror['push']): Mirror {
  return new Proxy(mirror, {
    get(target, property) {
      if (property === 'push') return push;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test.each(['ours', 'theirs'])('a proposal whose draft somebody else has changed meanwhile becomes %s', async (side) => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  const branches = () => t.git('r', 'for-each-ref', '--format=%(refname)', 'refs/heads/drafts', 'refs/heads/proposed');
  const theirs = await t.git('r', 'commit-tree', 'drafts/p/w^{tree}', '-p', 'drafts/p/w', '-m', 'Elsewhere');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await t.git('r', 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await t.setLifecycle('r.p.w', 'Proposed');
  });
  await expect(t.mirrored('r.p.w')).rejects.toThrow('changed in Git');
  expect(await branches()).toBe('refs/heads/drafts/p/w');
  expect((await t.sync('r')).conflicts).toMatchObject([{ name: 'r.p.w', theirs }]);
  await t.update('r.p.w', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [resolveDraftAnnotation]: side };
  });
  expect(await t.sync('r')).toMatchObject({ conflicts: [], left: 0 });
  await t.mirrored('r.p.w');
  expect(await branches()).toBe(side === 'ours' ? 'refs/heads/proposed/p/w' : 'refs/heads/drafts/p/w');
  expect(t.get('r.p.w')?.spec.lifecycle).toBe(side === 'ours' ? 'Proposed' : 'Draft');
  expect(await t.sync('r')).toMatchObject({ changed: 0, conflicts: [], skipped: [] });
});

/** Options of a queue that begins nothing by itself for an hour. */
function idleOptions({ parts }: Trial): RepositoryQueueOptions {
  return {
    ...parts,
    mode: 'async',
    metrics: noMetrics,
    tracing: noTracing,
    gatherMs: 3_600_000,
    retryMs: { first: 1, most: 1 },
    locks: new LocalLocks(),
    ownership: soleOwnership(parts.store),
    pushed: noMetrics.counter({ name: 'pushed', help: '', labels: ['outcome'] }),
    needed: () => true,
    revision: () => undefined,
  };
}

/** The same where another process looks after the repository. */
function optionsElsewhere(t: Trial, elsewhereMs: number): RepositoryQueueOptions {
  const ownership = { ...soleOwnership(t.parts.store), sole: false, isElsewhere: () => true };
  return { ...idleOptions(t), ownership, elsewhereMs };
}

test('whoever waits is let go when they give up, and when the server ends', async () => {
  const t = await startTrial();
  trial = t;
  const queue = new RepositoryQueue('default', 'r', optionsElsewhere(t, 3_600_000));
  const [first, second] = [new AbortController(), new AbortController()];
  const given = queue.mirrored('r.p.w', first.signal);
  const waiting = queue.mirrored('r.p.w', second.signal);
  first.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  const ended = expect(waiting).rejects.toThrow('the server is shutting down');
  await queue.close();
  await ended;
});

test('whoever waits for another server does so for a while', async () => {
  const t = await startTrial();
  trial = t;
  const queue = new RepositoryQueue('default', 'r', optionsElsewhere(t, 20));
  await expect(queue.mirrored('r.p.w', new AbortController().signal)).rejects.toThrow(
    'r.p.w has not been pushed yet by the server that looks after its repository',
  );
  expect(queue.backlog().waiting).toBe(1);
  queue.settle('r.p.w');
  expect(queue.idle).toBe(true);
  await queue.close();
});

test('a write waits for the push of another server, for a while', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  const { cache, store } = t.parts;
  const pushes = (pushing: RevisionState['pushing']) => {
    const state = cache.state('default', 'r.p.w');
    if (state === undefined) throw new Error('no state');
    const { pushing: _, ...rest } = state.value;
    const value = pushing === undefined ? rest : { ...rest, pushing };
    return store.commit({ operations: [putRecord(state.key, value, state.revision)] });
  };
  await pushes({ 'refs/heads/drafts/p/w': 'a'.repeat(40) });
  const isPushing = () => cache.state('default', 'r.p.w')?.value.pushing !== undefined;
  const late = new RepositoryQueue('default', 'r', optionsElsewhere(t, 20));
  await expect(late.hold('r.p.w', async () => undefined)).rejects.toMatchObject({ code: 503 });
  expect(late.idle).toBe(true);
  const queue = new RepositoryQueue('default', 'r', optionsElsewhere(t, 60_000));
  const begun = queue.hold('r.p.w', async () => isPushing());
  await pushes(undefined);
  expect(await begun).toBe(false);
});

test('many drafts that are queued at once are looked through once', async () => {
  const t = await startTrial();
  trial = t;
  const drafts = 1000;
  let looks = 0;
  class CountingLocks extends LocalLocks {
    override heldElsewhere(): boolean {
      looks++;
      return false;
    }
  }
  const queue = new RepositoryQueue('default', 'r', { ...idleOptions(t), locks: new CountingLocks() });
  for (let count = 0; count < drafts; count++) queue.add(`r.p${count}.w`);
  await pause(0);
  expect(queue.backlog().waiting).toBe(drafts);
  expect(looks).toBe(drafts);
  await queue.close();
});

test('a conflict that is found while a push begins, whose outcome is not known, can be decided', async () => {
  let lost = false;
  let meanwhile: (() => Promise<unknown>) | undefined;
  const t = await startTrial('async', {}, (mirror) => {
    const push: Mirror['push'] = async (...args) => {
      if (lost) throw new GitError('Timeout', 'the remote does not answer', 'Try again.');
      return mirror.push(...args);
    };
    const writeCommits: Mirror['writeCommits'] = async (commits) => {
      const work = meanwhile;
      meanwhile = undefined;
      await work?.();
      return mirror.writeCommits(commits);
    };
    return new Proxy(mirror, {
      get: (target, property) =>
        property === 'push' ? push : property === 'writeCommits' ? writeCommits : Reflect.get(target, property),
    });
  });
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    const theirs = await t.git('r', 'commit-tree', 'drafts/p/w^{tree}', '-p', 'drafts/p/w', '-m', 'Elsewhere');
    await t.git('r', 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await t.setFiles('r.p.w', (files) => {
      files['ours.txt'] = 'ours';
    });
    lost = true;
    meanwhile = () => t.sync('r');
  });
  await expect(t.mirrored('r.p.w')).rejects.toThrow();
  expect(meanwhile).toBeUndefined();
  lost = false;
  await t.update('r.p.w', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [resolveDraftAnnotation]: 'ours' };
  });
  expect(await t.sync('r')).toMatchObject({ conflicts: [], left: 0 });
  await t.mirrored('r.p.w');
  expect(await t.git('r', 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});
