import { expect, it } from 'vitest';
import type { Attributes } from '../authorizer.ts';
import { createReviewedTokens } from './reviewed-tokens.ts';
import { createReviewingAuthorizer } from './reviewing-authorizer.ts';

const limits = { atOnce: 2, waiting: 3 };

/** Somebody who answers when he is told to. */
function slowReviewer() {
  const open: (() => void)[] = [];
  let most = 0;
  let asked = 0;
  return {
    most: () => most,
    asked: () => asked,
    async review(): Promise<undefined> {
      asked++;
      await new Promise<void>((resolve) => {
        most = Math.max(most, open.push(resolve));
      });
    },
    /** Answers until nothing has been asked any more. */
    async answerAll(): Promise<void> {
      while (open.length > 0) {
        open.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

it('reviews so many tokens at a time, in order, and refuses what is beyond those that wait', async () => {
  const reviewer = slowReviewer();
  const tokens = createReviewedTokens(reviewer, () => 0, limits);
  const asked = ['a', 'b', 'c', 'd', 'e', 'f', 'a', 'g'].map((token) => tokens.userOf(token));
  const settled = Promise.allSettled(asked);
  await reviewer.answerAll();
  const refused = { status: 'rejected', reason: expect.objectContaining({ code: 429 }) };
  const known = { status: 'fulfilled', value: undefined };
  expect(await settled).toEqual([known, known, known, known, known, refused, known, refused]);
  expect([reviewer.most(), reviewer.asked()]).toEqual([2, 5]);
  // What was refused is asked anew.
  const again = tokens.userOf('f');
  await reviewer.answerAll();
  expect(await again).toBeUndefined();
  expect(reviewer.asked()).toBe(6);
});

it('goes on after reviews that fail', async () => {
  const tokens = createReviewedTokens({ review: () => Promise.reject(new Error('nobody answers')) }, () => 0, limits);
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((token) => tokens.userOf(token)));
  expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
  await expect(tokens.userOf('a')).rejects.toThrow('nobody answers');
});

it('has so many decisions made at a time, and says of those beyond that they are too many', async () => {
  const reviewer = slowReviewer();
  const authorizer = createReviewingAuthorizer(
    { review: async () => (await reviewer.review()) ?? { allowed: true } },
    () => 0,
    limits,
  );
  const signal = new AbortController().signal;
  const attributes = (path: string): Attributes => ({ type: 'path', verb: 'get', path });
  const asked = ['/a', '/b', '/c', '/d', '/e', '/f'].map((path) =>
    authorizer.authorize({ name: 'system:anonymous', groups: [] }, attributes(path), signal),
  );
  const settled = Promise.allSettled(asked);
  await reviewer.answerAll();
  expect((await settled).map(({ status }) => status)).toEqual([
    ...Array.from({ length: 5 }, () => 'fulfilled'),
    'rejected',
  ]);
  await expect(asked[5]).rejects.toMatchObject({ code: 429, reason: 'TooManyRequests' });
  expect(reviewer.most()).toBe(2);
});
