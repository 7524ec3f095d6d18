import { expect, it } from 'vitest';
import { labelSelector } from './label-selector.ts';

it.each([
  ['a', true],
  ['!a', false],
  ['a=b, c!=d', true],
  ['a in (b, c)', true],
  ['a notin (b)', false],
  ['a in (b), c', false],
  ['a in (b), !c', true],
  ['x.io/y', false],
  ['constructor', false],
  ['!constructor', true],
  ['toString in (x)', false],
])('%s: %j', (selector, matches) => {
  expect(labelSelector(selector)({ a: 'b' })).toBe(matches);
});

it('names what it cannot read', () => {
  expect(() => labelSelector('a=b,c==(d)')).toThrow('c==(d)');
});
