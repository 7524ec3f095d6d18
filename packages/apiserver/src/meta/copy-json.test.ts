import { expect, test } from 'vitest';
import { copyJson } from './copy-json.ts';

test('a copy is equal to the value, and shares nothing that can be changed', () => {
  const value = JSON.parse('{"a":[1,{"b":null}],"c":{"d":"text","__proto__":{"e":true}},"f":[]}') as {
    a: [number, { b: null }];
    c: Record<string, unknown>;
  };
  const copied = copyJson(value);
  expect(JSON.stringify(copied)).toBe(JSON.stringify(value));
  expect(Object.getPrototypeOf(copied.c)).toBe(Object.prototype);
  expect(copied).not.toBe(value);
  expect(copied.a).not.toBe(value.a);
  expect(copied.a[1]).not.toBe(value.a[1]);
  expect(copied.c).not.toBe(value.c);
});

test('what is no object is itself', () => {
  expect([1, 'a', true, null, undefined].map(copyJson)).toEqual([1, 'a', true, null, undefined]);
});
