import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceState } from '../cache/replace-state.ts';
import { commitElsewhere } from '../controllers/sync/commit-elsewhere.test-support.ts';
import { unregisterRepository } from '../controllers/unregister.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { GitError, type Mirror } from '../git/types.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';
import { settlePush } from './settle-push.ts';

let trial: Trial;
/** While true, no push is carried out, and none answers. */
let hanging: boolean;
/** Carries out the first push that hung. */
let arrive: (() => Promise<unknown>) | undefined;
/** Runs once, right before the next push that is carried out. */
let before: (() => Promise<unknown>) | undefined;

function withLatePushes(mirror: Mirror): Mirror {
  return new Proxy(mirror, {
    get(target, property) {
      if (property === 'push') {
        return async (...args: Parameters<Mirror['push']>) => {
          if (hanging) {
            arrive ??= () => target.push(...args);
            throw new GitError('Timeout', 'the remote does not answer', 'Try again.');
          }
          const work = before;
          before = undefined;
          await work?.();
          return target.push(...args);
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeEach(async () => {
  [hanging, arrive, before] = [false, undefined, undefined];
  trial = await startTrial('async', {}, withLatePushes);
  await trial.addRepository('r');
});

afterEach(() => trial.close());

const branches = () => trial.git('r', 'for-each-ref', '--format=%(refname)', 'refs/heads/drafts');

/** Twice: the second attempt has found out that the first was not done. */
async function noneAnswers(): Promise<void> {
  await expect(trial.mirrored('r.p.w')).rejects.toThrow('does not answer');
  await expect(trial.mirrored('r.p.w')).rejects.toThrow('does not answer');
}

/** The first push is carried out, and a synchronisation meets it; from then on the remote answers. */
async function arrivesAndIsSeen(): Promise<void> {
  await trial.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await settlePush(trial.parts, await trial.parts.repositories.open('default', 'r'), 'r.p.w');
    await arrive?.();
    expect(await trial.sync('r')).toMatchObject({ conflicts: [], left: 0 });
    hanging = false;
  });
}

/** The first push is carried out after all, and its branch goes again: the draft has been deleted. */
async function arrivesAndIsRemoved(): Promise<void> {
  await arrive?.();
  expect(await branches()).toBe('refs/heads/drafts/p/w');
  await trial.sync('r');
  expect(trial.get('r.p.w')).toBeUndefined();
  await trial.mirrored('r.p.w');
  expect(await branches()).toBe('');
}

async function change(): Promise<void> {
  await trial.setFiles('r.p.w', (files) => {
    files['new.txt'] = 'new';
  });
}

describe('a push that is carried out after it was found not done', () => {
  test('is known when the draft has been deleted and its branch is about to go', async () => {
    await trial.create('r', 'p', 'w');
    await trial.mirrored('r.p.w');
    hanging = true;
    await change();
    await noneAnswers();
    await trial.remove('r.p.w');
    hanging = false;
    before = arrive;
    await trial.mirrored('r.p.w').catch(() => undefined);
    await trial.mirrored('r.p.w');
    expect(before).toBeUndefined();
    expect(await branches()).toBe('');
    await trial.sync('r');
    expect(trial.get('r.p.w')).toBeUndefined();
  });

  test('brings back no draft whose deletion was complete', async () => {
    hanging = true;
    await trial.create('r', 'p', 'w');
    await noneAnswers();
    await trial.remove('r.p.w');
    hanging = false;
    await trial.mirrored('r.p.w');
    expect(trial.parts.cache.state('default', 'r.p.w')).toBeUndefined();
    for (let time = 0; time < 2; time++) await arrivesAndIsRemoved();
    expect(await trial.sync('r')).toMatchObject({ left: 0, revisions: 0 });
  });

  test('brings back no draft that had no branch yet when it was deleted', async () => {
    hanging = true;
    await trial.create('r', 'p', 'w');
    await noneAnswers();
    await trial.parts.queue.hold('default', 'r', 'r.p.w', async () => {
      await settlePush(trial.parts, await trial.parts.repositories.open('default', 'r'), 'r.p.w');
      await trial.remove('r.p.w');
    });
    expect(trial.parts.cache.state('default', 'r.p.w')).toBeUndefined();
    hanging = false;
    await arrivesAndIsRemoved();
  });

  test('is ours also when a later one has got no answer either', async () => {
    await trial.create('r', 'p', 'w');
    await trial.mirrored('r.p.w');
    hanging = true;
    await change();
    await noneAnswers();
    await trial.setFiles('r.p.w', (files) => {
      files['newer.txt'] = 'newer';
    });
    await noneAnswers();
    await arrivesAndIsSeen();
    await trial.mirrored('r.p.w');
    expect(await trial.git('r', 'show', 'drafts/p/w:p/newer.txt')).toBe('newer');
  });

  test('is no change of somebody else to a draft that has changed since', async () => {
    await trial.create('r', 'p', 'w');
    await trial.mirrored('r.p.w');
    hanging = true;
    await change();
    await noneAnswers();
    await arrivesAndIsSeen();
    await trial.setFiles('r.p.w', (files) => {
      files['newer.txt'] = 'newer';
    });
    await trial.mirrored('r.p.w');
    expect(await trial.git('r', 'show', 'drafts/p/w:p/new.txt')).toBe('new');
    expect(await trial.git('r', 'show', 'drafts/p/w:p/newer.txt')).toBe('newer');
    expect(await trial.sync('r')).toMatchObject({ conflicts: [], left: 0 });
  });

  test('is replaced by a draft that was made anew under the same name', async () => {
    hanging = true;
    await trial.create('r', 'p', 'w');
    await noneAnswers();
    await trial.remove('r.p.w');
    hanging = false;
    await trial.mirrored('r.p.w');
    await arrive?.();
    await trial.create('r', 'p', 'w', { type: 'init', init: { description: 'made anew' } });
    await trial.mirrored('r.p.w');
    expect(await trial.git('r', 'show', 'drafts/p/w:p/Kptfile')).toContain('made anew');
    expect(await trial.sync('r')).toMatchObject({ conflicts: [], left: 0, revisions: 1 });
  });

  test('is replaced by a draft that was made anew before anybody has asked what became of it', async () => {
    const ref = 'refs/heads/drafts/p/w';
    await trial.parts.queue.hold('default', 'r', 'r.p.w', async () => {
      await trial.create('r', 'p', 'w');
      const commit = await commitElsewhere(trial, 'r', 'main', 'p/Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\n');
      const state = trial.parts.cache.state('default', 'r.p.w');
      if (state === undefined) expect.fail('it has no state');
      await replaceState(trial.parts.store, state, { ...state.value, pushing: { [ref]: commit } });
      await trial.git('r', 'update-ref', ref, commit);
      await trial.remove('r.p.w');
      await trial.create('r', 'p', 'w', { type: 'init', init: { description: 'made anew' } });
    });
    await trial.mirrored('r.p.w');
    expect(await trial.git('r', 'show', `${ref}:p/Kptfile`)).toContain('made anew');
  });

  test('is known when it is found not done while a change of the draft is being made', async () => {
    await trial.create('r', 'p', 'w');
    await trial.mirrored('r.p.w');
    hanging = true;
    await change();
    await expect(trial.mirrored('r.p.w')).rejects.toThrow('does not answer');
    await trial.parts.queue.hold('default', 'r', 'r.p.w', async () => {
      const git = await trial.parts.repositories.open('default', 'r');
      const update = async (current: unknown) => {
        await settlePush(trial.parts, git, 'r.p.w');
        const object = structuredClone(current) as PackageRevisionResources;
        return { ...object, spec: { ...object.spec, resources: { ...object.spec.resources, 'newer.txt': 'newer' } } };
      };
      await trial.engine.updatePackageResources(trial.context, 'r.p.w', update, {
        dryRun: false,
        fieldManager: 'test',
      });
      await arrive?.();
      expect(await trial.sync('r')).toMatchObject({ conflicts: [], left: 0 });
      hanging = false;
    });
    await trial.mirrored('r.p.w');
    expect(await trial.git('r', 'show', 'drafts/p/w:p/newer.txt')).toBe('newer');
    expect(await trial.sync('r')).toMatchObject({ conflicts: [], left: 0 });
  });

  test('leaves no branch of a draft that has been published meanwhile', async () => {
    hanging = true;
    await trial.create('r', 'p', 'w');
    await noneAnswers();
    hanging = false;
    await trial.publish('r.p.w');
    await arrive?.();
    expect(await branches()).toBe('refs/heads/drafts/p/w');
    expect(await trial.sync('r')).toMatchObject({ skipped: [], left: 0 });
    await trial.mirrored('r.p.w');
    expect(await branches()).toBe('');
    expect(await trial.sync('r')).toMatchObject({ skipped: [], changed: 0 });
    expect(trial.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
  });

  test('leaves a branch that somebody has made of a deleted draft with other content', async () => {
    hanging = true;
    await trial.create('r', 'p', 'w');
    await noneAnswers();
    await trial.remove('r.p.w');
    hanging = false;
    await trial.mirrored('r.p.w');
    await arrive?.();
    const theirs = await trial.git('r', 'commit-tree', 'drafts/p/w^{tree}', '-p', 'drafts/p/w', '-m', 'Elsewhere');
    await trial.git('r', 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await trial.sync('r');
    expect(trial.get('r.p.w')?.spec.lifecycle).toBe('Draft');
  });
});

describe('a draft whose push was answered at the second attempt only', () => {
  beforeEach(async () => {
    hanging = true;
    await trial.create('r', 'p', 'w');
    await noneAnswers();
    hanging = false;
    await trial.mirrored('r.p.w');
    expect(trial.parts.cache.state('default', 'r.p.w')?.value.unanswered).toHaveLength(1);
  });

  async function isListedWithItsBranch(): Promise<void> {
    await trial.sync('r');
    expect(trial.get('r.p.w')?.spec.lifecycle).toBe('Draft');
    await trial.mirrored('r.p.w');
    expect(await branches()).toBe('refs/heads/drafts/p/w');
  }

  test('is there again when its repository is unregistered and registered again', async () => {
    await unregisterRepository(trial.parts, 'default', 'r', { discardDrafts: false });
    expect(trial.get('r.p.w')).toBeUndefined();
    trial.restartSync('r');
    await isListedWithItsBranch();
  });

  test('is there again when somebody removes its branch and restores it', async () => {
    const commit = await trial.git('r', 'rev-parse', 'drafts/p/w');
    await trial.git('r', 'update-ref', '-d', 'refs/heads/drafts/p/w');
    await trial.sync('r');
    expect(trial.get('r.p.w')).toBeUndefined();
    await trial.git('r', 'update-ref', 'refs/heads/drafts/p/w', commit);
    await isListedWithItsBranch();
  });
});
