import { expect, test } from 'vitest';
import type { Repository } from '../resources/repository.ts';
import { eventsBetween } from './repository-events.ts';

type Said = readonly [type: string, status: string, reason: string, message: string];

function repository(...conditions: Said[]): Repository {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name: 'r', namespace: 'default' },
    spec: { type: 'git', git: { repo: 'https://example.com/r.git' } },
    status: {
      conditions: conditions.map(([type, status, reason, message]) => ({
        type,
        status,
        reason,
        message,
        lastTransitionTime: '2026-01-02T03:04:05Z',
      })),
    },
  };
}

const ready: Said = ['Ready', 'True', 'Ready', 'Repository Ready'];
const reading: Said = ['Ready', 'False', 'Reconciling', 'Reading the repository'];
const failed: Said = ['Ready', 'False', 'Error', 'Authentication: access denied.'];
const vanished: Said = ['Ready', 'False', 'RefsVanished', 'much is gone'];
const held: Said = ['Ready', 'False', 'RepositoryConflict', 'a/b came first'];
const conflict: Said = ['DraftConflict', 'True', 'ChangedInGit', 'r.p.v1 (here a, in Git b)'];
const pending = (message: string): Said => ['DraftsMirrored', 'False', 'Pending', message];
const mirrored: Said = ['DraftsMirrored', 'True', 'Mirrored', 'All drafts are in Git'];
const skipped = (message: string): Said => ['NamesSkipped', 'True', 'InvalidName', message];
const unregistering: Said = ['Unregistered', 'False', 'DraftsNotMirrored', 'r.p.v1 is not in Git'];

test.each<[what: string, before: Said[], after: Said[], changed: boolean, events: string[]]>([
  ['the first synchronisation', [reading], [ready], false, ['Normal Synced']],
  ['one that finds nothing new', [ready], [ready], false, []],
  ['one that takes over changes', [ready], [ready], true, ['Normal Synced']],
  ['the end of a failure', [failed], [ready], false, ['Normal Synced']],
  ['reading for the first time', [], [reading], false, []],
  ['another registration that came first', [reading], [held], false, ['Warning RepositoryConflict: a/b came first']],
  ['a failure', [ready], [failed], false, ['Warning SyncFailed: Authentication: access denied.']],
  ['a failure that goes on', [failed], [failed], false, ['Warning SyncFailed: Authentication: access denied.']],
  ['a failure with a reason of its own', [ready], [vanished], false, ['Warning RefsVanished: much is gone']],
  ['a conflict', [ready], [ready, conflict], false, ['Warning DraftConflict: r.p.v1 (here a, in Git b)']],
  ['a conflict that is known', [ready, conflict], [ready, conflict], false, []],
  ['the end of a conflict', [ready, conflict], [ready], false, ['Normal DraftConflictEnded']],
  ['names that are skipped', [ready], [ready, skipped('c/X')], false, ['Warning NamesSkipped: c/X']],
  ['names that are still skipped', [ready, skipped('c/X')], [ready, skipped('c/X')], false, []],
  [
    'other names that are skipped',
    [ready, skipped('c/X')],
    [ready, skipped('c/Y')],
    false,
    ['Warning NamesSkipped: c/Y'],
  ],
  ['drafts that wait', [ready], [ready, pending('one minute')], false, ['Warning DraftsNotMirrored']],
  ['drafts that wait longer', [ready, pending('1')], [ready, pending('2')], false, []],
  ['drafts that arrive', [ready, pending('1')], [ready, mirrored], false, ['Normal DraftsMirrored']],
  ['drafts that have been there before', [ready, mirrored], [ready, mirrored], false, []],
  ['a deletion that goes on to wait for the same', [unregistering], [unregistering], false, []],
  ['a deletion that waits', [], [unregistering], false, ['Warning UnregisteringWaits: r.p.v1 is not in Git']],
])('%s', (_what, before, after, changed, events) => {
  const told = eventsBetween(repository(...before), repository(...after), changed);
  const texts = told.map(({ type, reason, message }) => `${type} ${reason}${type === 'Warning' ? `: ${message}` : ''}`);
  expect(texts).toHaveLength(events.length);
  for (const [index, event] of events.entries()) expect(texts[index]).toContain(event);
});
