import { expect, test } from 'vitest';
import { TreeBudget } from './tree-budget.ts';

const entries = (count: number, length = 1) => Array.from({ length: count }, () => ({ path: 'x'.repeat(length) }));

test('entries are counted in all places', () => {
  const budget = new TreeBudget({ most: 5, what: 'files', advice: 'remove some' });
  budget.spend('', entries(3));
  budget.spend('a', entries(2));
  expect(() => budget.spend('b', entries(1))).toThrow(
    expect.objectContaining({
      errorClass: 'TooLarge',
      message: 'the tree has more than 5 files',
      explanation: 'the tree has more than 5 files. Remove some.',
    }),
  );
});

test('so are the characters of their paths', () => {
  const most = 2 * 256;
  const tooLong = expect.objectContaining({
    errorClass: 'TooLarge',
    message: `the paths of the tree have more than ${most} characters together`,
  });
  const budget = () => new TreeBudget({ most: 2, what: 'files' });
  expect(() => budget().spend('', entries(2, 255))).not.toThrow();
  expect(() => budget().spend('', entries(2, 256))).toThrow(tooLong);
  expect(() => budget().spend('x'.repeat(256), entries(2))).toThrow(tooLong);
});
