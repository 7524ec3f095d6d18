import { afterEach, expect, test } from 'vitest';
import type { GitRepository } from '../cache/git-repositories.ts';
import { replaceState } from '../cache/replace-state.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import type { RemoteReferences } from '../git/types.ts';
import { settlePush } from './settle-push.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

const id = (digit: string) => digit.repeat(40);

/** Branches of drafts as a remote has them. */
function remote(branches: Readonly<Record<string, string>>): RemoteReferences {
  return { refs: new Map(Object.entries(branches)), peeled: new Map(), digest: '' };
}

/** Does something with a draft that the queue leaves alone meanwhile. */
async function withDraft(work: (t: Trial, git: GitRepository) => Promise<void>): Promise<void> {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  const git = await t.parts.repositories.open('default', 'r');
  await t.parts.queue.hold('default', 'r', 'r.p.w', () => work(t, git));
}

test('what a push without an answer has done is taken over, and what it has not done may come yet', async () => {
  await withDraft(async ({ parts }, git) => {
    const read = parts.cache.state('default', 'r.p.w');
    if (read === undefined) throw new Error('no state');
    const refs = { changed: id('1'), removed: id('1'), stays: id('1'), taken: id('1'), lost: id('1') };
    const pushing = {
      changed: id('2'),
      made: id('3'),
      removed: null,
      stays: id('4'),
      taken: id('5'),
      lost: id('6'),
      kept: null,
    };
    await replaceState(parts.store, read, { ...read.value, refs, pushing, unanswered: [id('7')] });
    const there = { changed: id('2'), made: id('3'), stays: id('1'), taken: id('9'), kept: id('9') };
    const settled = await settlePush(parts, git, 'r.p.w', remote(there));
    expect(settled?.value.refs).toEqual({ changed: id('2'), made: id('3'), stays: id('1'), taken: id('1') });
    expect(settled?.value.unanswered).toEqual([id('4'), id('5'), id('6'), id('7')]);
    expect(settled?.value).not.toHaveProperty('pushing');
    expect(parts.cache.state('default', 'r.p.w')).toEqual(settled);
  });
});

test('commits of pushes without an answer are remembered, the newest first, and not without end', async () => {
  await withDraft(async ({ parts }, git) => {
    for (let push = 0; push < 20; push++) {
      const read = parts.cache.state('default', 'r.p.w');
      if (read === undefined) throw new Error('no state');
      const pushing = { draft: String(push).padStart(40, '0') };
      await replaceState(parts.store, read, { ...read.value, pushing });
      await settlePush(parts, git, 'r.p.w', remote({}));
    }
    const newest = Array.from({ length: 16 }, (_, back) => String(19 - back).padStart(40, '0'));
    expect(parts.cache.state('default', 'r.p.w')?.value.unanswered).toEqual(newest);
  });
});
