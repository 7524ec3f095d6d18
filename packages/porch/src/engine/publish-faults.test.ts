import { afterEach, describe, expect, test } from 'vitest';
import { keptLog } from '../../../../e2e/harness/kept-log.ts';
import { GitError, type Mirror, type PushOutcome } from '../git/types.ts';
import { packageRevisions } from '../resources/group.ts';
import { settleIntents } from './settle.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

interface Fault {
  /** What becomes of the next pushes that publish or delete; the others go through. */
  push: 'works' | 'fails-before' | 'fails-after' | 'refused';
  lsRemote: 'works' | 'fails';
  /** Runs once, before the next push of branches of drafts. */
  late?: (() => Promise<unknown>) | undefined;
  /** Runs before each push that publishes or deletes. */
  meanwhile?: () => Promise<unknown>;
  /** Runs once, when the next push that publishes or deletes has been carried out, before its answer. */
  after?: (() => Promise<unknown>) | undefined;
  /** Runs before commits are made. */
  making?: () => Promise<unknown>;
}

const lost = () => new GitError('Interrupted', 'the connection was cut', 'try again');

/** Real Git, with an answer that gets lost on the way, or a connection that breaks before anything is sent. */
function interferingWith(fault: Fault): (mirror: Mirror) => Mirror {
  return (mirror) =>
    new Proxy(mirror, {
      get(target, property, receiver) {
        if (property === 'push') {
          return async (...args: Parameters<Mirror['push']>): Promise<PushOutcome> => {
            if (args[2].atomic) await fault.meanwhile?.();
            if (args[2].atomic && fault.push === 'fails-before') fault.late = () => target.push(...args);
            if (!args[2].atomic) {
              const { late } = fault;
              fault.late = undefined;
              await late?.();
            }
            if (!args[2].atomic || fault.push === 'works') {
              const outcome = await target.push(...args);
              if (!args[2].atomic) return outcome;
              const { after } = fault;
              fault.after = undefined;
              await after?.();
              return outcome;
            }
            if (fault.push === 'fails-after') await target.push(...args);
            if (fault.push === 'refused') throw new GitError('Authentication', 'no entry', 'check the secret');
            throw lost();
          };
        }
        if (property === 'writeCommits') {
          return async (...args: Parameters<Mirror['writeCommits']>) => {
            await fault.making?.();
            return target.writeCommits(...args);
          };
        }
        if (property === 'lsRemote' && fault.lsRemote === 'fails') return () => Promise.reject(lost());
        const value: unknown = Reflect.get(target, property, receiver);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
}

async function proposal(fault: Fault): Promise<Trial> {
  trial = await startTrial('async', {}, interferingWith(fault));
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.setLifecycle('r.p.w', 'Proposed');
  await trial.mirrored('r.p.w');
  return trial;
}

/** A publication that is found not done while the branch of its draft, not yet of its proposal, is in Git; before any push, `then`. */
async function foundNotDone(then: (of: Trial, late: () => Promise<unknown>) => Promise<unknown>): Promise<Trial> {
  const fault: Fault = { push: 'works', lsRemote: 'works' };
  const t = await startTrial('async', {}, interferingWith(fault));
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await t.setLifecycle('r.p.w', 'Proposed');
    fault.push = 'fails-before';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
    await then(t, async () => {
      const { late } = fault;
      fault.late = undefined;
      await late?.();
    });
  });
  return t;
}

const intent = (of: Trial, name = 'r.p.w') => of.parts.cache.state('default', name)?.value.intent;

describe('a publication', () => {
  test('whose push never arrives is refused, leaves nothing, and can be tried again', async () => {
    const fault: Fault = { push: 'fails-before', lsRemote: 'works' };
    const t = await proposal(fault);
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
    expect(t.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
    expect(intent(t)).toBeUndefined();
    fault.push = 'works';
    expect((await t.setLifecycle('r.p.w', 'Published')).spec.revision).toBe(1);
  });

  test('that comes after it was found not done, right before the branch of the proposal, leaves no branch', async () => {
    const t = await foundNotDone(async () => undefined);
    // The queue cannot tell whose publication it is. The synchronisation can, which follows at once.
    await expect(t.mirrored('r.p.w')).rejects.toThrow('the branch of r.p.w was changed in Git');
    const references = async () => (await t.git('r', 'for-each-ref', '--format=%(refname)')).split('\n');
    expect(await references()).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    expect(await t.sync('r')).toMatchObject({ conflicts: [], skipped: [], left: 0 });
    expect(t.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    await t.mirrored('r.p.w');
    expect(await references()).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    expect(await t.sync('r')).toMatchObject({ changed: 0, skipped: [], left: 0 });
  });

  test('that comes after it was found not done is no change of somebody else', async () => {
    const t = await foundNotDone(async (of, late) => {
      await late();
      expect(await of.sync('r')).toMatchObject({ conflicts: [], skipped: [], left: 0 });
    });
    expect(t.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    await t.mirrored('r.p.w');
    expect(await t.git('r', 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/tags/p/v1');
  });

  describe.each(['async', 'off'] as const)('that comes after it was found not done, with --push-drafts=%s,', (mode) => {
    /** A proposal whose approval failed, and was then carried out by the remote; before any push of drafts, `then`. */
    async function late(
      between: (of: Trial) => Promise<unknown>,
      then: (of: Trial) => Promise<unknown>,
    ): Promise<Trial> {
      const fault: Fault = { push: 'works', lsRemote: 'works' };
      const t = await startTrial(mode, {}, interferingWith(fault));
      trial = t;
      await t.addRepository('r');
      await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
        await t.create('r', 'p', 'w');
        await t.setFiles('r.p.w', (files) => {
          files['a.txt'] = 'a';
        });
        await t.setLifecycle('r.p.w', 'Proposed');
        fault.push = 'fails-before';
        await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
        const push = fault.late;
        Object.assign(fault, { push: 'works', late: undefined });
        await between(t);
        await push?.();
        await then(t);
      });
      return t;
    }

    const nothing = async () => undefined;

    test('is what the next approval asks for', async () => {
      const t = await late(nothing, (of) => of.setLifecycle('r.p.w', 'Published'));
      expect(t.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
      expect(intent(t)).toBeUndefined();
      await t.mirrored('r.p.w');
      expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
      expect(await t.sync('r')).toMatchObject({ conflicts: [], skipped: [], left: 0 });
      expect(t.get('r.p.w')?.spec.revision).toBe(1);
      expect(t.get('r.p.main')?.spec).toMatchObject({ revision: -1, lifecycle: 'Published' });
    });

    test('is found by a synchronisation', async () => {
      const t = await late(nothing, async (of) => {
        expect(await of.sync('r')).toMatchObject({ conflicts: [], skipped: [], left: 0 });
      });
      expect(t.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
      await t.mirrored('r.p.w');
      expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    });

    test('is not taken for one of what was changed since', async () => {
      const change = async (of: Trial) => {
        await of.setLifecycle('r.p.w', 'Draft');
        await of.setFiles('r.p.w', (files) => {
          files['a.txt'] = 'b';
        });
        await of.setLifecycle('r.p.w', 'Proposed');
      };
      await late(change, async (of) => {
        await expect(of.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
          code: 409,
          message: expect.stringContaining('has published what it was then as revision 1'),
        });
        expect(of.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
        expect(await of.sync('r')).toMatchObject({ conflicts: [{ name: 'r.p.w' }] });
      });
    });
  });

  test('that others have followed with the next one before it is recorded sets nothing back', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    let next = '';
    fault.after = async () => {
      next = await t.git('r', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'The next one');
      await t.git('r', 'update-ref', 'refs/heads/main', next);
      await t.git('r', 'tag', 'p/v2', next);
      await t.sync('r');
      expect(t.parts.cache.repositoryState('default', 'r')?.value.head).toBe(next);
    };
    expect((await t.setLifecycle('r.p.w', 'Published')).spec.revision).toBe(1);
    expect(t.parts.cache.repositoryState('default', 'r')?.value.head).toBe(next);
    expect(t.get('r.p.w')?.metadata.labels).toBeUndefined();
    expect(t.get('r.p.v2')?.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
    await t.sync('r');
    expect(t.parts.cache.state('default', 'r.p.main')?.value.tip).toBe(next);
  });

  test('that is under way is left to its request', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    let settled: Promise<number> | undefined;
    fault.meanwhile = async () => {
      settled = t.settle();
    };
    expect((await t.setLifecycle('r.p.w', 'Published')).spec.revision).toBe(1);
    expect(await settled).toBe(0);
    expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });

  test('of what changes while its commit is made is refused, and nothing is begun', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    const key = { resource: packageRevisions, namespace: 'default', name: 'r.p.w' };
    const patch = { metadata: { labels: { changed: 'meanwhile' } } };
    fault.making = () => t.parts.store.commit({ operations: [{ type: 'merge', key, patch }] });
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 409 });
    expect(intent(t)).toBeUndefined();
    expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
  });

  test('whose answer is lost is found done', async () => {
    const t = await proposal({ push: 'fails-after', lsRemote: 'works' });
    expect((await t.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(intent(t)).toBeUndefined();
    expect((await t.sync('r')).changed).toBe(0);
  });

  test('of unknown outcome keeps others away until the remote answers, and is then finished', async () => {
    const fault: Fault = { push: 'fails-after', lsRemote: 'works' };
    const t = await proposal(fault);
    fault.lsRemote = 'fails';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
      code: 503,
      message: expect.stringContaining('not known'),
    });
    expect(intent(t)).toBeDefined();
    await expect(t.setLifecycle('r.p.w', 'Draft')).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('another request is already in progress'),
    });
    const log = keptLog('warn');
    Object.assign(t.parts, { logger: log.logger });
    expect(await t.settle()).toBe(1);
    const { msg, err, reason } = JSON.parse(log.text);
    expect([msg, err, typeof reason]).toEqual(['the outcome of a push cannot be found out yet', undefined, 'string']);
    const stop = new AbortController();
    const settling = settleIntents(t.parts, t.parts.intents.keys(), stop.signal);
    stop.abort(new Error('the server stops'));
    await expect(settling).rejects.toThrow('the server stops');
    fault.lsRemote = 'works';
    expect(await t.settle()).toBe(0);
    expect(t.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(t.get('r.p.w')?.status.publishedBy).toBe('alice');
    expect(intent(t)).toBeUndefined();
    expect((await t.sync('r')).changed).toBe(0);
  });

  test('of unknown outcome that is found not done, and then comes, is the one of the next approval', async () => {
    const fault: Fault = { push: 'fails-before', lsRemote: 'works' };
    const t = await proposal(fault);
    fault.lsRemote = 'fails';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
    fault.lsRemote = 'works';
    expect(await t.settle()).toBe(0);
    expect(intent(t)).toBeUndefined();
    await fault.late?.();
    fault.push = 'works';
    // Within one second the next approval would make the same commit.
    Object.assign(t.parts, { clock: () => new Date(Date.now() + 60_000) });
    expect((await t.setLifecycle('r.p.w', 'Published')).spec.revision).toBe(1);
    expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });

  test('of unknown outcome is finished by a synchronisation, which then has nothing left to do', async () => {
    const fault: Fault = { push: 'fails-after', lsRemote: 'works' };
    const t = await proposal(fault);
    fault.lsRemote = 'fails';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
    await expect(t.sync('r')).rejects.toThrow('the connection was cut');
    expect(intent(t)).toBeDefined();
    fault.lsRemote = 'works';
    expect(await t.sync('r')).toMatchObject({ left: 0 });
    expect(t.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(intent(t)).toBeUndefined();
  });

  test('that is settled when the branch has moved on does not set the known head back', async () => {
    const fault: Fault = { push: 'fails-after', lsRemote: 'works' };
    const t = await proposal(fault);
    fault.lsRemote = 'fails';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
    const next = await t.git('r', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Meanwhile');
    await t.git('r', 'update-ref', 'refs/heads/main', next);
    Object.assign(fault, { push: 'works', lsRemote: 'works' });
    expect(await t.settle()).toBe(0);
    expect(t.get('r.p.w')?.spec.lifecycle).toBe('Published');
    expect(t.parts.cache.repositoryState('default', 'r')?.value.head).toBe(next);
    await t.create('r', 'q', 'w');
    await t.publish('r.q.w');
    expect(await t.git('r', 'rev-parse', 'main^1')).toBe(next);
    await t.sync('r');
    expect(t.get('r.p.main')?.spec).toMatchObject({ revision: -1, lifecycle: 'Published' });
  });

  test('that is refused before anything can have changed leaves no intent, even when the remote cannot be asked', async () => {
    const fault: Fault = { push: 'refused', lsRemote: 'works' };
    const t = await proposal(fault);
    fault.lsRemote = 'fails';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('no entry'),
    });
    expect(intent(t)).toBeUndefined();
  });

  test('that was only intended when the server stopped is forgotten', async () => {
    const fault: Fault = { push: 'fails-before', lsRemote: 'works' };
    const t = await proposal(fault);
    fault.lsRemote = 'fails';
    await expect(t.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
    expect(intent(t)).toBeDefined();
    fault.lsRemote = 'works';
    expect(await t.settle()).toBe(0);
    expect(intent(t)).toBeUndefined();
    expect(t.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
    fault.push = 'works';
    expect((await t.setLifecycle('r.p.w', 'Published')).spec.revision).toBe(1);
    expect(await t.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });
});

describe('the deletion of a published revision', () => {
  test('of unknown outcome is finished when the remote turns out to have done it', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    await t.setLifecycle('r.p.w', 'Published');
    await t.setLifecycle('r.p.w', 'DeletionProposed');
    await t.mirrored('r.p.w');
    Object.assign(fault, { push: 'fails-after', lsRemote: 'fails' });
    await expect(t.remove('r.p.w')).rejects.toMatchObject({ code: 503 });
    expect(t.get('r.p.w')).toBeDefined();
    fault.lsRemote = 'works';
    expect(await t.settle()).toBe(0);
    expect(t.get('r.p.w')).toBeUndefined();
    expect(await t.git('r', 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  });

  test('that was only intended when the server stopped is forgotten', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    await t.setLifecycle('r.p.w', 'Published');
    await t.setLifecycle('r.p.w', 'DeletionProposed');
    await t.mirrored('r.p.w');
    Object.assign(fault, { push: 'fails-before', lsRemote: 'fails' });
    await expect(t.remove('r.p.w')).rejects.toMatchObject({ code: 503 });
    fault.lsRemote = 'works';
    expect(await t.settle()).toBe(0);
    expect(intent(t)).toBeUndefined();
    expect(t.get('r.p.w')?.spec.lifecycle).toBe('DeletionProposed');
    expect(await t.references('r')).toContain('refs/tags/p/v1');
  });

  test('is no upstream for anybody while it is removed from Git', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    await t.setLifecycle('r.p.w', 'Published');
    await t.setLifecycle('r.p.w', 'DeletionProposed');
    const clone = { upstreamRef: { upstreamRef: { name: 'r.p.w' } } };
    let cloned: Promise<unknown> = Promise.resolve();
    fault.meanwhile = async () => {
      cloned = t.create('r', 'down', 'w', { type: 'clone', clone });
      await cloned.catch(() => undefined);
    };
    await t.remove('r.p.w');
    await expect(cloned).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('another request is already in progress on package revision "default/r.p.w"'),
    });
    expect(t.get('r.down.w')).toBeUndefined();
  });

  test('is recorded although another revision has become the latest meanwhile', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    await t.setLifecycle('r.p.w', 'Published');
    await t.setLifecycle('r.p.w', 'DeletionProposed');
    await t.mirrored('r.p.w');
    fault.meanwhile = async () => {
      await t.git('r', 'tag', 'p/v2', 'main');
      await t.sync('r');
      expect(t.get('r.p.w')?.metadata.labels).toBeUndefined();
    };
    await t.remove('r.p.w');
    expect(t.get('r.p.w')).toBeUndefined();
    expect(t.get('r.p.v2')?.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
  });

  test('that did not happen leaves the revision as it was', async () => {
    const fault: Fault = { push: 'works', lsRemote: 'works' };
    const t = await proposal(fault);
    await t.setLifecycle('r.p.w', 'Published');
    await t.setLifecycle('r.p.w', 'DeletionProposed');
    fault.push = 'fails-before';
    await expect(t.remove('r.p.w')).rejects.toMatchObject({ code: 503 });
    expect(t.get('r.p.w')?.spec.lifecycle).toBe('DeletionProposed');
    expect(intent(t)).toBeUndefined();
    fault.push = 'works';
    await t.remove('r.p.w');
    expect(t.get('r.p.w')).toBeUndefined();
  });
});
