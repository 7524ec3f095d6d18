import { expect, test } from 'vitest';
import { createSealing } from '../sealing.ts';
import { type Change, StoreUnavailableError } from '../store.ts';
import { thingKey } from '../store-suite.test-support.ts';
import { Session } from './session.ts';
import { createStatements } from './statements.ts';
import { Tail } from './tail.ts';

function tailOf(session: Pick<Session, 'untilDone'>, delivered: number) {
  const heard: number[] = [];
  const failures: string[] = [];
  const tail = new Tail(
    {
      session,
      statements: createStatements('unused'),
      sealing: createSealing(undefined),
      deliver: (changes) => heard.push(...changes.map(({ revision }) => revision)),
      failed: (error) => failures.push(error.message),
    },
    delivered,
  );
  return { tail, heard, failures };
}

/** A tail that has only what this process commits itself: nothing here may need the log. */
function tailFrom(delivered: number, patienceMs = 60_000) {
  const session = new Session(() => Promise.reject(new Error('the log was asked for')), patienceMs);
  const { tail, heard, failures } = tailOf(session, delivered);
  const end = async () => {
    tail.end(new Error('over'));
    await session.close();
    expect(failures).toEqual([]);
  };
  return { tail, heard, end };
}

function change(revision: number): readonly Change[] {
  const object = { key: thingKey('a'), uid: 'a', revision, value: '{}', content: null, contentRevision: 0 };
  return [{ type: 'put', revision, previousRevision: 0, object }];
}

test('own groups are delivered one after the other', async () => {
  const { tail, heard, end } = tailFrom(1);
  tail.publish(1, [change(2), change(3)]);
  expect(heard).toEqual([2, 3]);
  tail.publish(3, [change(4), change(5)]);
  expect(heard).toEqual([2, 3, 4, 5]);
  await tail.reached(5);
  await end();
});

test('of an own group that the log has brought in part, the rest is delivered from memory', async () => {
  const { tail, heard, end } = tailFrom(3);
  tail.publish(1, [change(2), change(3), change(4)]);
  expect(heard).toEqual([4]);
  tail.publish(2, [change(3), change(4)]);
  expect(heard).toEqual([4]);
  await end();
});

test('who waits for what others wrote is told that the database is away, as often as it waits', async () => {
  const { tail, heard, end } = tailFrom(1, 1);
  tail.publish(2, [change(3)]);
  await expect(tail.reached(3)).rejects.toThrow(StoreUnavailableError);
  await expect(tail.reached(3)).rejects.toThrow('the log was asked for');
  expect(heard).toEqual([]);
  await end();
});

test('who waits when it ends is given the reason', async () => {
  const { tail, end } = tailFrom(1);
  const waiting = expect(tail.reached(9)).rejects.toThrow('over');
  await end();
  await waiting;
});

test.each([
  ['goes on where that was delivered from memory', 3, []],
  ['ends where that is missing', 4, [expect.stringContaining('the change log begins at 4')]],
])('what is forgotten while the log is being read: it %s', async (_, oldest, expected) => {
  const page = Promise.withResolvers<unknown>();
  const untilDone = <T>() => page.promise as Promise<T>;
  const { tail, heard, failures } = tailOf({ untilDone }, 1);
  tail.wake(3);
  tail.publish(1, [change(2), change(3)]);
  expect(heard).toEqual([2, 3]);
  page.resolve([{ counter: 4, oldest, revision: null }]);
  await page.promise;
  await new Promise(setImmediate);
  expect(failures).toEqual(expected);
  tail.end(new Error('over'));
});
