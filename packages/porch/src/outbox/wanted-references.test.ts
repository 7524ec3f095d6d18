import { describe, expect, test } from 'vitest';
import type { RevisionState } from '../cache/records.ts';
import { lifecycleUpdates, needsMirroring, wantedReferences } from './wanted-references.ts';

const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
const draftRef = 'refs/heads/drafts/p/w';
const proposedRef = 'refs/heads/proposed/p/w';

function state(fields: Partial<RevisionState> = {}): RevisionState {
  return { repository: 'r', path: 'p', refs: {}, tip: a, base: null, pending: [], ...fields };
}

const of = (lifecycle: string, revision = 0) => ({ workspaceName: 'w', revision, lifecycle });

describe('the branches of a revision', () => {
  test.each([
    ['Draft', 0, [draftRef]],
    ['Proposed', 0, [proposedRef]],
    ['Published', 1, []],
    ['DeletionProposed', 2, ['refs/heads/deletionProposed/p/v2']],
    ['DeletionProposed', -1, ['refs/heads/deletionProposed/p/w']],
  ])('%s %i', (lifecycle, revision, expected) => {
    expect([...wantedReferences(state(), of(lifecycle, revision), a).keys()]).toEqual(expected);
  });

  test('are none for what is deleted, gone, or has no commit', () => {
    expect(wantedReferences(state({ deleted: true }), of('Draft'), a).size).toBe(0);
    expect(wantedReferences(state(), undefined, a).size).toBe(0);
    expect(wantedReferences(state(), of('Draft'), null).size).toBe(0);
  });

  test('a proposal is a move: one branch made, the other removed, both with a lease', () => {
    const known = state({ refs: { [draftRef]: a } });
    expect(lifecycleUpdates(known, wantedReferences(known, of('Proposed'), b))).toEqual([
      { ref: proposedRef, old: null, new: b },
      { ref: draftRef, old: a, new: null },
    ]);
  });

  test('tags are left alone', () => {
    const known = state({ refs: { 'refs/tags/p/v1': a } });
    expect(lifecycleUpdates(known, wantedReferences(known, of('Published', 1), a))).toEqual([]);
  });
});

describe('what is left to do', () => {
  const pending = [{ content: 'sha256:x', task: { type: 'render' }, author: { name: '', email: '' }, time: '' }];

  test.each([
    ['a draft in step', state({ refs: { [draftRef]: a } }), of('Draft'), 'async', false],
    ['a draft without a branch', state(), of('Draft'), 'async', true],
    ['a draft with changes', state({ refs: { [draftRef]: a }, pending }), of('Draft'), 'async', true],
    ['drafts that are not to be pushed', state({ pending }), of('Draft'), 'off', false],
    ['proposed deletions, always', state({ refs: { 'refs/tags/p/v1': a } }), of('DeletionProposed', 1), 'off', true],
    ['a deleted draft', state({ refs: { [draftRef]: a }, deleted: true }), undefined, 'off', true],
    [
      'nothing while a push has an unknown outcome',
      state({ pending, intent: { type: 'delete', updates: [], decisive: '', commit: null } }),
      of('Draft'),
      'async',
      false,
    ],
    [
      'what became of a push that was not recorded',
      state({ pushing: { 'refs/heads/drafts/x': a } }),
      of('Draft'),
      'off',
      true,
    ],
    [
      'the same while both sides have changed',
      state({ pending, conflict: b, pushing: { 'refs/heads/drafts/x': a } }),
      of('Draft'),
      'async',
      true,
    ],
    ['nothing while both sides have changed', state({ pending, conflict: b }), of('Draft'), 'async', false],
  ] as const)('%s', (_, given, revision, mode, expected) => {
    expect(needsMirroring(given, revision, mode)).toBe(expected);
  });
});
