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

it('waits for one whose long lease has it give signs of life but rarely', async () => {
  await members.join({ leaseMs: 5000 });
  const check = requireNoMembers(members.store, await members.store.snapshot(), 100);
  await expect(check).rejects.toThrow('a server works on the database');
});

it('finds it also where so much is written that its sign of life comes late', async () => {
  await members.join();
  const snapshot = await members.store.snapshot();
  const things = (of: number) =>
    Array.from({ length: 100 }, (_, n) => {
      const key = { resource: 'things', namespace: '', name: `thing-${of}-${n}` };
      return { type: 'put', key, uid: key.name, value: '{}' } as const;
    });
  await Promise.all(Array.from({ length: 15 }, (_, of) => members.store.commit({ operations: things(of) })));
  await expect(requireNoMembers(members.store, snapshot)).rejects.toThrow('a server works on the database');
});

it('does not wait where nobody was', async () => {
  const hourMs = 3_600_000;
  await requireNoMembers(members.store, await members.store.snapshot(), hourMs);
});
