import { expect, test } from 'vitest';
import { GitError, type GitErrorClass } from '../git/types.ts';
import { packageRevisions } from '../resources/group.ts';
import { answering } from './errors.ts';

test.each<[GitErrorClass, number]>([
  ['NotFound', 400],
  ['HostKey', 400],
  ['Certificate', 400],
  ['Timeout', 504],
  ['Unreachable', 503],
])('the log learns why Git did not answer: %s', async (errorClass, code) => {
  const cause = new GitError(errorClass, 'what it said', 'Look there.');
  const failing = answering(packageRevisions, 'r.p.w', 'it could not be made', () => Promise.reject(cause));
  await expect(failing).rejects.toMatchObject({ code, cause });
});
