import { describe, expect, test } from 'vitest';
import type { PackageRevision } from '../resources/package-revision.ts';
import type { RevisionState } from './records.ts';
import { isStateAtRest, stateAtRest } from './state-at-rest.ts';

const [commit, other] = ['a'.repeat(40), 'b'.repeat(40)];

function revision(spec: Partial<PackageRevision['spec']>, ref = 'd/p/v1'): PackageRevision {
  return {
    apiVersion: 'porch.kpt.dev/v1alpha1',
    kind: 'PackageRevision',
    metadata: { namespace: 'default', name: 'r.p.w' },
    spec: { repository: 'r', packageName: 'p', workspaceName: 'w', lifecycle: 'Published', revision: 1, ...spec },
    status: { selfLock: { type: 'git', git: { repo: 'https://git.example.com/r', directory: 'd/p', ref, commit } } },
  };
}

function withoutNumber(): PackageRevision {
  const { spec, ...others } = revision({});
  const { revision: _, ...kept } = spec;
  return { ...others, spec: kept };
}

const atRest: RevisionState = {
  repository: 'r',
  path: 'd/p',
  refs: { 'refs/tags/d/p/v1': commit },
  tip: commit,
  base: null,
  pending: [],
};
const pending = { content: 'x', task: { type: 'render' }, author: { name: 'a', email: 'a' }, time: '' } as const;

describe('the state that an object says', () => {
  test('has its tag; a placeholder has none', () => {
    expect(stateAtRest(revision({}))).toEqual(atRest);
    expect(stateAtRest(revision({ revision: -1 }, 'main'))).toEqual({ ...atRest, refs: {} });
    expect(stateAtRest(revision({ lifecycle: 'DeletionProposed' }))).toEqual(atRest);
  });

  test.each<[string, PackageRevision]>([
    ['a draft', revision({ lifecycle: 'Draft', revision: 0 })],
    ['a proposal', revision({ lifecycle: 'Proposed' })],
    ['what is published without a number', revision({ revision: 0 })],
    ['what has no number at all', withoutNumber()],
    ['an object without a reference', revision({}, '')],
    ['an object without a lock', { ...revision({}), status: {} }],
  ])('is none for %s', (_, object) => {
    expect(stateAtRest(object)).toBeUndefined();
    expect(isStateAtRest(atRest, object)).toBe(false);
  });

  test.each<[string, Partial<RevisionState>]>([
    ['repository', { repository: 'other' }],
    ['directory', { path: 'p' }],
    ['tip', { tip: other }],
    ['base', { base: other }],
    ['pending commit', { pending: [pending] }],
    ['tag', { refs: { 'refs/tags/d/p/v1': other } }],
    ['branch', { refs: { ...atRest.refs, 'refs/heads/deletionProposed/d/p/v1': commit } }],
    ['push under way', { pushing: {} }],
    ['deletion in Git', { vanished: true }],
  ])('is another where there is another %s', (_, different) => {
    expect(isStateAtRest({ ...atRest, ...different }, revision({}))).toBe(false);
  });

  test('is the same where what else could be known is not', () => {
    expect(isStateAtRest({ ...atRest }, revision({}))).toBe(true);
    expect(isStateAtRest({ ...atRest, vanished: undefined } as unknown as RevisionState, revision({}))).toBe(true);
  });
});
