import { describe, expect, test } from 'vitest';
import { UnsupportedError } from '../cache/git-repositories.ts';
import { GitError } from '../git/types.ts';
import type { Repository, RepositoryStatus } from '../resources/repository.ts';
import {
  statusAfterFailure,
  statusAfterSync,
  statusWhileWaiting,
  withDraftsMirrored,
  withUnmirrored,
} from './repository-conditions.ts';
import { revisionsVanished } from './sync/report.ts';
import { UnmirroredError } from './unregister.ts';

const now = new Date('2026-01-02T03:04:05Z');
const later = new Date('2026-01-02T04:00:00Z');
const object: Repository = {
  apiVersion: 'config.porch.kpt.dev/v1alpha1',
  kind: 'Repository',
  metadata: { name: 'r', namespace: 'default', generation: 2 },
  spec: { type: 'git', git: { repo: 'https://example.com/r.git' } },
};
const report = { head: 'a'.repeat(40), revisions: 3, changed: 0, skipped: [], conflicts: [], unreadable: [], left: 0 };
const empty = { waiting: 0, disputed: 0, oldest: undefined, error: undefined, mirrors: true };

const ready = (repository: Repository) => repository.status?.conditions?.find(({ type }) => type === 'Ready');

describe('the Ready condition', () => {
  test('is True after a synchronisation, with what was found', () => {
    const status = statusAfterSync(object, 2, report, empty, now);
    expect(status).toMatchObject({
      packageCount: 3,
      gitCommitHash: report.head,
      observedGeneration: 2,
      lastFullSyncTime: '2026-01-02T03:04:05Z',
    });
    expect(ready({ ...object, status })).toMatchObject({
      status: 'True',
      reason: 'Ready',
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
  });

  test('keeps its transition time while the status stays', () => {
    const first = { ...object, status: statusAfterSync(object, 2, report, empty, now) };
    expect(ready({ ...first, status: statusAfterSync(first, 2, report, empty, later) })?.lastTransitionTime).toBe(
      '2026-01-02T03:04:05Z',
    );
    expect(ready({ ...first, status: statusAfterFailure(first, 2, new Error('x'), later) })?.lastTransitionTime).toBe(
      '2026-01-02T04:00:00Z',
    );
  });

  test.each([
    [
      new GitError('Authentication', 'access denied', 'check the secret'),
      'Error',
      'Authentication: access denied. Check the secret.',
    ],
    [new UnsupportedError('it is oci', 'Use git.'), 'Unsupported', 'it is oci. Use git.'],
    [revisionsVanished(6, 10), 'RefsVanished', expect.stringContaining('set spec.sync.runOnceAt')],
  ])('is False after %s', (error, reason, message) => {
    const status = statusAfterFailure(object, 2, error, now);
    expect(ready({ ...object, status })).toMatchObject({ status: 'False', reason, message });
  });

  test('says that the repository is being read only before anything else is known', () => {
    const waiting = statusWhileWaiting(object, now);
    expect(ready(waiting ?? object)).toMatchObject({ status: 'False', reason: 'Reconciling' });
    expect(statusWhileWaiting(waiting ?? object, later)).toBeUndefined();
  });
});

describe('all conditions', () => {
  const skipped = [{ ref: 'refs/tags/c/X', id: 'b'.repeat(40), kind: 'name', reason: 'bad' }] as const;
  const changed = (status: RepositoryStatus): Repository => ({
    ...object,
    metadata: { ...object.metadata, generation: 3 },
    status,
  });
  const observed = (status: RepositoryStatus) =>
    status.conditions?.map(({ type, observedGeneration }) => `${type} ${observedGeneration}`);

  test('are of the generation that was looked at last, also those that stay as they are', () => {
    const first = statusAfterSync(object, 2, { ...report, skipped }, empty, now);
    expect(observed(first)).toEqual(['DraftsMirrored 2', 'NamesSkipped 2', 'Ready 2']);
    const nothingNew = statusAfterSync(changed(first), 3, { ...report, skipped: undefined }, empty, later);
    expect(observed(nothingNew)).toEqual(['DraftsMirrored 3', 'NamesSkipped 3', 'Ready 3']);
    expect(observed(statusAfterFailure(changed(first), 3, new Error('x'), later))).toEqual(observed(nothingNew));
  });

  test('are never of an older generation than before', () => {
    const later3 = statusAfterSync(changed({}), 3, report, empty, now);
    expect(observed(statusAfterSync(changed(later3), 2, report, empty, later))).toContain('DraftsMirrored 3');
  });
});

test('drafts that both sides have changed are named for as long as they are', () => {
  const named = ({ conditions }: RepositoryStatus) =>
    conditions?.filter(({ type }) => type === 'DraftConflict').map(({ message }) => message);
  const conflicts = [
    { name: 'r.p.w', ours: 'a', theirs: 'b' },
    { name: 'r.q.w', ours: null, theirs: 'c' },
  ];
  const status = statusAfterSync(object, 2, { ...report, conflicts }, empty, now);
  expect(named(status)).toEqual([
    expect.stringMatching(
      /^2 changed .*: r\.p\.w \(here a, in Git b\), r\.q\.w \(here without a commit, in Git c\)\. .*=ours or =theirs/,
    ),
  ]);
  expect(named(statusAfterSync({ ...object, status }, 2, report, empty, later))).toEqual([]);
});

describe('names that are skipped', () => {
  const conditions = (repository: Repository) =>
    repository.status?.conditions?.filter(({ type }) => type === 'NamesSkipped').map(({ message }) => message);
  const id = 'b'.repeat(40);
  const skipped = [
    { ref: 'refs/heads/main', path: 'a/B', id, kind: 'name', reason: 'bad' },
    { ref: 'refs/tags/c/X', id, kind: 'name', reason: 'worse' },
  ] as const;

  test('are shown with where they are', () => {
    const status = statusAfterSync(object, 2, { ...report, skipped }, empty, now);
    expect(conditions({ ...object, status })).toEqual([
      expect.stringMatching(/^2 not listed.*: refs\/heads\/main:a\/B \(bad\), refs\/tags\/c\/X \(worse\)$/),
    ]);
  });

  test('stay shown when a synchronisation had no reason to look, and go when there are none', () => {
    const shown = { ...object, status: statusAfterSync(object, 2, { ...report, skipped }, empty, now) };
    const unseen = { ...shown, status: statusAfterSync(shown, 2, { ...report, skipped: undefined }, empty, later) };
    expect(conditions(unseen)).toEqual(conditions(shown));
    expect(conditions({ ...shown, status: statusAfterSync(shown, 2, report, empty, later) })).toEqual([]);
  });
});

describe('drafts on their way', () => {
  const old = {
    waiting: 2,
    oldest: new Date(now.getTime() - 120_000),
    error: 'Unreachable',
    disputed: 0,
    mirrors: true,
  };

  test('are shown when they wait, and when they have arrived', () => {
    const waiting = withDraftsMirrored(object, old, now) ?? object;
    expect(waiting.status?.conditions).toMatchObject([
      {
        type: 'DraftsMirrored',
        status: 'False',
        message: expect.stringMatching(/^2 package revisions.*about 2 min: Unreachable$/),
      },
    ]);
    expect(withDraftsMirrored(waiting, old, now)).toBeUndefined();
    expect(withDraftsMirrored(waiting, empty, later)?.status?.conditions).toMatchObject([
      { type: 'DraftsMirrored', status: 'True' },
    ]);
  });

  test('are shown at once when Git has others, with the reason while nothing else waits', () => {
    const shown = (waiting: number) =>
      withDraftsMirrored(object, { ...empty, waiting, disputed: 1, oldest: now }, now)?.status?.conditions;
    const message = expect.stringContaining('of these, 1 changed in Git too (condition DraftConflict)');
    expect(shown(0)).toMatchObject([{ type: 'DraftsMirrored', status: 'False', reason: 'Conflict', message }]);
    expect(shown(1)).toMatchObject([{ type: 'DraftsMirrored', status: 'False', reason: 'Pending', message }]);
  });

  test('that are there are not said again to be there', () => {
    const mirrored = { ...object, status: statusAfterSync(object, 2, report, empty, now) };
    expect(withDraftsMirrored(mirrored, empty, later)).toBeUndefined();
  });

  test('keep a Repository from going, which is said once', () => {
    const waits = withUnmirrored(object, new UnmirroredError(['r.p.w']), now) ?? object;
    expect(waits.status?.conditions).toMatchObject([
      {
        type: 'Unregistered',
        status: 'False',
        message: expect.stringMatching(/^Changes of 1 package revision .*: r\.p\.w\./),
      },
    ]);
    expect(withUnmirrored(waits, new UnmirroredError(['r.p.w']), later)).toBeUndefined();
    expect(withUnmirrored(waits, new UnmirroredError(['r.p.w', 'r.q.w']), later)).toBeDefined();
  });

  test('are not worth a word when they are pushed at once', () => {
    expect(withDraftsMirrored(object, { ...empty, waiting: 1, oldest: now }, now)).toBeUndefined();
    expect(withDraftsMirrored(object, empty, now)).toBeUndefined();
  });

  test('are in Git as far as a synchronisation knows, unless they never get there', () => {
    const mirrored = ({ conditions }: RepositoryStatus) => conditions?.find(({ type }) => type === 'DraftsMirrored');
    expect(mirrored(statusAfterSync(object, 2, report, empty, now))).toMatchObject({ status: 'True' });
    expect(mirrored(statusAfterSync(object, 2, report, old, now))).toMatchObject({ status: 'False' });
    expect(mirrored(statusAfterSync(object, 2, report, { ...empty, mirrors: false }, now))).toBeUndefined();
  });
});
