import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Members, openMembers } from '../../outbox/sharing/members.test-support.ts';
import { requireNoMembers } from './running-members.ts';

let members: Members;
beforeEach(async () => {
  members = await openMembers(500);
});
afterEach(() => members.close());

it('names a process that gives signs of life', async () => {
  await members.join();
  const check = requireNoMembers(members.store, await members.store.snapshot());
  await expect(check).rejects.toThrow(
    new RegExp(`a server works on the database \\(process ${process.pid} on .+\\); stop all of them first`),
  );
});

it('believes that one which has gone without signing off is gone, after a while', async () => {
  const joined = await members.join();
  joined.cut = true;
  await requireNoMembers(members.store, await members.store.snapshot(), 1000);
});

it('does not wait where nobody was', async () => {
  const begun = performance.now();
  await requireNoMembers(members.store, await members.store.snapshot());
  expect(performance.now() - begun).toBeLessThan(10_000);
});
