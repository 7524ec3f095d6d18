import { expect, test } from 'vitest';
import type { GitFile } from '../git/types.ts';
import { inOwnMemory } from './own-memory.ts';

const file = (path: string, bytes: Buffer): GitFile => ({ path, mode: '100644', bytes });

test('small texts do not hold on to the pieces of memory that they were cut from', () => {
  const pool = Buffer.alloc(65_536, 'x');
  const content = [
    file('a.yaml', pool.subarray(10, 30)),
    file('b.yaml', Buffer.from('a: 1\n')),
    file('empty', Buffer.from('')),
  ];
  const own = inOwnMemory(content);
  expect(own).toEqual(content);
  expect(own.map(({ bytes }) => bytes.buffer.byteLength)).toEqual([20, 5, 0]);
});

test('files that fill the memory they share stay where they are', () => {
  const blob = Buffer.alloc(100_000, 'x');
  const content = [file('a', blob.subarray(0, 40_000)), file('b', blob.subarray(40_000, 90_000))];
  expect(inOwnMemory(content)).toBe(content);
});

test('a file that has its memory to itself is not copied with others', () => {
  const own = Buffer.allocUnsafeSlow(100).fill('y');
  const content = [file('a', own), file('b', Buffer.alloc(65_536).subarray(0, 3))];
  const [a, b] = inOwnMemory(content);
  expect(a?.bytes).toBe(own);
  expect(b?.bytes.buffer.byteLength).toBe(3);
});
