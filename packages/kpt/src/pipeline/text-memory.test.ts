import { expect, test } from 'vitest';
import { TextMemory } from './text-memory.ts';

test('works things out once for each question and text', () => {
  const memory = new TextMemory(1000);
  const asked: string[] = [];
  const ask = (question: string, text: string) =>
    memory.recall(question, text, () => {
      asked.push(`${question} ${text}`);
      return text === '' ? undefined : text.length;
    });
  expect([ask('length', 'abc'), ask('length', 'abc'), ask('size', 'abc'), ask('length', '')]).toEqual([
    3,
    3,
    3,
    undefined,
  ]);
  expect(ask('length', '')).toBeUndefined();
  expect(asked).toEqual(['length abc', 'size abc', 'length ']);
});

test('forgets what was not needed for longest when there is too much', () => {
  const memory = new TextMemory(3 * 'q\nx'.length);
  let computed = 0;
  const ask = (text: string) => memory.recall('q', text, () => ++computed);
  for (const text of ['a', 'b', 'c', 'a', 'd']) ask(text);
  expect(computed).toBe(4);
  expect([ask('a'), ask('c'), ask('d')]).toEqual([1, 3, 4]);
  expect(ask('b')).toBe(5);
});

test('does not remember a failure', () => {
  const memory = new TextMemory(1000);
  const fail = () => {
    throw new Error('no');
  };
  expect(() => memory.recall('q', 'a', fail)).toThrow('no');
  expect(memory.recall('q', 'a', () => 'yes')).toBe('yes');
});
