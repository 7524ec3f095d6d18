import { expect, it } from 'vitest';
import { AnswerCache } from './answer-cache.ts';

it('keeps no more answers than it may, drops the oldest first, and keeps no failures', async () => {
  let asked = 0;
  const cache = new AnswerCache<string>({ limit: 2, ttlMs: (answer) => (answer === 'short' ? 0 : 1000), now: () => 0 });
  const ask = (question: string, answer = question) =>
    cache.answer(question, async () => {
      asked++;
      if (answer === 'fail') throw new Error('failed');
      return answer;
    });
  for (const question of ['a', 'b', 'a', 'b']) await ask(question);
  expect(asked).toBe(2);
  await ask('c');
  await ask('b');
  expect(asked).toBe(3);
  await ask('a');
  expect(asked).toBe(4);
  await expect(ask('x', 'fail')).rejects.toThrow('failed');
  expect(await ask('x', 'short')).toBe('short');
  expect(await ask('x')).toBe('x');
  expect(asked).toBe(7);
});
