import { describe, expect, it } from 'vitest';
import { parsePushReport, rejectionKind } from './push-report.ts';

describe('what git push says of references', () => {
  it.each([
    ['=\ta:refs/heads/a\t[up to date]', 'accepted', ''],
    ['!\ta:refs/heads/a\t[rejected] (stale info)', 'rejected', 'stale info'],
    ['!\ta:refs/heads/a\t[remote rejected] (hook (pre-receive) declined)', 'rejected', 'hook (pre-receive) declined'],
    ['!\ta:refs/heads/a\t[remote rejected] no brackets', 'rejected', '[remote rejected] no brackets'],
    ['!\ta:refs/heads/a\t[remote failure] (remote failed)', 'lost', '[remote failure] (remote failed)'],
  ])('%j', (line, state, reason) => {
    expect(parsePushReport(`To x\n${line}\nDone\n`)).toEqual(new Map([['refs/heads/a', { state, reason }]]));
  });

  it('is read at once, whatever a remote gives as its reason', () => {
    const reason = `[remote rejected] ${'('.repeat(300_000)}`;
    expect(parsePushReport(`!\ta:refs/heads/a\t${reason}`).get('refs/heads/a')).toEqual({ state: 'rejected', reason });
  });
});

describe('why a reference was rejected', () => {
  it.each([
    ['failed to update ref', 'moved'],
    ["failed to update ref: error: cannot lock ref 'refs/heads/main'", 'moved'],
    ['atomic push failure', 'others'],
    ['pre-receive hook declined: the hook says: failed to lock', 'declined'],
    // JGit: a reference that was locked or had moved, and the others of the same push.
    ['failed to lock', 'moved'],
    ['transaction aborted', 'others'],
    ['transaction aborted: words of a hook about another reference', 'others'],
    ['prohibited by Gerrit: not permitted: update', 'declined'],
  ])('%j', (reason, kind) => {
    expect(rejectionKind(reason)).toBe(kind);
  });
});
