import { expect, test } from 'vitest';
import { BoundedFacts } from './bounded-facts.ts';

test('facts are kept while there is room, and make room when they go', () => {
  const facts = new BoundedFacts<string>(20);
  expect(['a', 'b'].map((name) => facts.set(name, 'x'.repeat(5)))).toEqual([true, true]);
  expect([facts.set('c', 'xxxxx'), facts.has('c'), facts.size]).toEqual([false, false, 2]);
  expect([facts.set('a', 'short'), facts.set('a', 'x'.repeat(10)), facts.get('a')]).toEqual([true, false, undefined]);
  expect([facts.set('c', 'xxxxx'), ...facts.names()]).toEqual([true, 'b', 'c']);
  facts.delete('b');
  facts.delete('none');
  expect([facts.set('d', 'xxxxx'), facts.set('e', '')]).toEqual([true, true]);
});
