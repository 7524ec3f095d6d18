import type { UserInfo } from '@porch/apiserver';
import { beforeEach, describe, expect, it } from 'vitest';
import { repositoryFinalizer } from '../../resources/group.ts';
import type { Repository, RepositorySpec } from '../../resources/repository.ts';
import { type RepositoryAdmissionRequest, repositoryAdmission } from './admission.ts';

type Git = NonNullable<RepositorySpec['git']>;

const user: UserInfo = { name: 'jane', groups: [] };

function repository(name: string, git: Partial<Git> = {}, spec: Partial<RepositorySpec> = {}): Repository {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name, namespace: 'default' },
    spec: { type: 'git', git: { repo: 'https://git.example/a.git', ...git }, ...spec },
  };
}

describe('the admission of Repositories', () => {
  let now = 0;
  let registered: Repository[] = [];
  const listeners = new Set<(object: Repository) => void>();
  const asked: string[] = [];
  let admit: ReturnType<typeof repositoryAdmission>;
  beforeEach(() => {
    now = 0;
    registered = [];
    asked.length = 0;
    listeners.clear();
    admit = repositoryAdmission({
      allowLocal: false,
      registered: () => registered,
      watchRegistered(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      now: () => now,
      async mayGetSecret({ name: who }, namespace, name) {
        asked.push(`${who} ${namespace}/${name}`);
        return name === 'mine';
      },
    });
  });
  const create = (object: Repository, more: Partial<RepositoryAdmissionRequest> = {}) =>
    admit({ operation: 'CREATE', dryRun: false, user, object, ...more });
  const update = (object: Repository, oldObject: Repository) =>
    admit({ operation: 'UPDATE', dryRun: false, user, object, oldObject });

  it('lets pass what is right', async () => {
    expect(await create(repository('one'))).toEqual({ warnings: [] });
    expect(await create(repository('two', { branch: 'other' }))).toEqual({ warnings: [] });
  });

  it.each<[string, Repository, string]>([
    ['a schedule that is none', repository('a', {}, { sync: { schedule: 'often' } }), 'spec.sync.schedule'],
    ['a local address', repository('a', { repo: '/etc' }), 'spec.git.repo'],
    ['a long name', repository('x'.repeat(64)), 'metadata.name'],
  ])('refuses %s', async (_, object, field) => {
    expect((await create(object)).refusal).toMatchObject({
      code: 400,
      reason: 'Invalid',
      message: expect.stringContaining(field),
    });
  });

  it('refuses a registration that conflicts with another, known or just let pass, for as long as that takes to be seen', async () => {
    const conflict = { code: 403, reason: 'RepositoryConflict' };
    registered = [repository('known')];
    expect((await create(repository('again'))).refusal).toMatchObject(conflict);
    registered = [];
    expect((await create(repository('first'))).refusal).toBeUndefined();
    expect((await create(repository('second', { directory: 'a' }))).refusal).toMatchObject(conflict);
    now = 5_000;
    expect((await create(repository('second', { directory: 'a' }))).refusal).toBeUndefined();
  });

  const changed = (object: Repository, now: readonly Repository[]) => {
    registered = [...now];
    for (const listener of [...listeners]) listener(object);
  };

  it('lets pass what was registered under another name a moment ago, and deleted', async () => {
    const first = repository('first');
    expect((await create(first)).refusal).toBeUndefined();
    changed(first, [first]);
    changed(first, []);
    expect((await create(repository('second'))).refusal).toBeUndefined();
  });

  it('waits for what is being unregistered', async () => {
    const metadata = { namespace: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' };
    const leaving = {
      ...repository('first'),
      metadata: { ...metadata, name: 'first', finalizers: [repositoryFinalizer] },
    };
    registered = [leaving];
    const before = listeners.size;
    const answer = create(repository('second'));
    await expect.poll(() => listeners.size).toBeGreaterThan(before);
    changed(leaving, []);
    expect((await answer).refusal).toBeUndefined();
    expect(listeners.size).toBe(before);
  });

  it('remembers nothing of a dry run', async () => {
    expect((await create(repository('first'), { dryRun: true })).refusal).toBeUndefined();
    expect((await create(repository('second'))).refusal).toBeUndefined();
  });

  it('asks for the right to a Secret when one is named for the first time', async () => {
    const theirs = repository('a', { secretRef: { name: 'theirs' } });
    expect((await create(theirs)).refusal).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect((await create(repository('a', { secretRef: { name: 'mine' } }))).refusal).toBeUndefined();
    expect(asked).toEqual(['jane default/theirs', 'jane default/mine']);
    expect((await update({ ...theirs, spec: { ...theirs.spec, description: 'x' } }, theirs)).refusal).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect((await update(theirs, repository('a'))).refusal).toMatchObject({ code: 403 });
  });

  it('lets an object be changed that would not be accepted any more, but not made worse', async () => {
    const old = repository('a', { repo: '/srv/git' });
    expect((await update({ ...old, spec: { ...old.spec, description: 'x' } }, old)).refusal).toBeUndefined();
    const worse = { ...old, spec: { ...old.spec, sync: { schedule: 'often' } } };
    expect((await update(worse, old)).refusal).toMatchObject({ code: 400 });
    expect((await update(repository('a', { branch: 'b' }), repository('a'))).refusal?.message).toContain('immutable');
  });

  it('lets a registration be changed that waits for another one with the same packages', async () => {
    const waiting = repository('second');
    registered = [repository('first'), waiting];
    const described = { ...waiting, spec: { ...waiting.spec, description: 'x' } };
    expect((await update(described, waiting)).refusal).toBeUndefined();
  });

  it('is no obstacle to deletion', async () => {
    const leaving = repository('a', { repo: '/srv/git' });
    const gone = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(await update(gone, repository('a'))).toEqual({ warnings: [] });
  });
});
