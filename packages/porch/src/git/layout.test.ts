import { describe, expect, it } from 'vitest';
import {
  branchReference,
  deletionProposedReference,
  draftReference,
  fullPath,
  isPlaceholderBranch,
  normalDirectory,
  parseReference,
  pathBelow,
  proposedReference,
  revisionOfTag,
  revisionsOfTags,
  shortReference,
  tagReference,
} from './layout.ts';

describe('references', () => {
  it('are named as every Porch names them, and read back', () => {
    const cases: [string, string, object | undefined][] = [
      [draftReference('a/b', 'w'), 'refs/heads/drafts/a/b/w', { type: 'draft', path: 'a/b', name: 'w' }],
      [proposedReference('a/b', 'w'), 'refs/heads/proposed/a/b/w', { type: 'proposed', path: 'a/b', name: 'w' }],
      [tagReference('a/b', 3), 'refs/tags/a/b/v3', { type: 'tag', path: 'a/b', name: 'v3' }],
      [
        deletionProposedReference('a', 3, 'w'),
        'refs/heads/deletionProposed/a/v3',
        { type: 'deletionProposed', path: 'a', name: 'v3' },
      ],
      [
        deletionProposedReference('a', -1, 'main'),
        'refs/heads/deletionProposed/a/main',
        { type: 'deletionProposed', path: 'a', name: 'main' },
      ],
      [branchReference('main'), 'refs/heads/main', undefined],
    ];
    for (const [actual, ref, parsed] of cases) {
      expect(actual).toBe(ref);
      expect(parseReference(ref), ref).toEqual(parsed);
    }
    for (const ref of ['refs/tags/v1', 'refs/heads/drafts/w', 'refs/heads/draft/a/w', 'refs/notes/a/v1']) {
      expect(parseReference(ref), ref).toBeUndefined();
    }
  });

  it('are shown short in locks', () => {
    expect(['refs/tags/a/v1', 'refs/heads/drafts/a/w', 'refs/notes/x'].map(shortReference)).toEqual([
      'a/v1',
      'drafts/a/w',
      'refs/notes/x',
    ]);
  });

  it('number published revisions from 1', () => {
    const names = ['v1', '12', 'v007', 'v0', 'v', 'v1.2', 'latest', 'v-3', 'v99999999999999999999'];
    expect(names.map(revisionOfTag)).toEqual([1, 12, 7, -1, -1, -1, -1, -1, -1]);
    const others = ['refs/tags/a/v1.2', 'refs/tags/a/b/v9', 'refs/tags/ab/v8', 'refs/tags/b/v7'];
    const refs = ['refs/tags/a/v1', 'refs/tags/a/3', ...others];
    expect(revisionsOfTags(refs, 'a')).toEqual([1, 3]);
  });
});

describe('paths', () => {
  it('join the directory of a Repository and the path of a package, and part again', () => {
    expect(['', undefined, '/', './x//y/'].map(normalDirectory)).toEqual(['', '', '', 'x/y']);
    expect([fullPath('', 'a/b'), fullPath(undefined, 'a'), fullPath('/x/', 'a/b')]).toEqual(['a/b', 'a', 'x/a/b']);
    expect([pathBelow('x', 'x/a/b'), pathBelow('x', 'x'), pathBelow('x', 'xy/a'), pathBelow('', 'a')]).toEqual([
      'a/b',
      '',
      undefined,
      'a',
    ]);
  });

  it('know which branches can be a workspace', () => {
    expect(['main', 'release-1', 'release/1', 'Main', 'v1.2', 'x1.2'].map(isPlaceholderBranch)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});
