import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { GatheredBytes } from './gathered-bytes.ts';

/** Bytes of memory that pieces of a large buffer take once they are gathered, without what is garbage by then. */
function heldFor(pieces: number, length: number): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const source = Buffer.alloc(64 * 1024);
  const gathered = new GatheredBytes();
  const before = held();
  for (let count = 0; count < pieces; count++) gathered.add(source.subarray(0, length));
  const more = held() - before;
  expect(gathered.take()).toHaveLength(pieces * length);
  return more;
}

it('gives back what came, in its order', () => {
  const gathered = new GatheredBytes();
  const pieces = [1, 3, 16_000, 500, 20_000, 16_384, 1, 16_383, 2].map((length, index) =>
    Buffer.alloc(length, index + 1),
  );
  for (const piece of pieces) gathered.add(piece);
  expect(gathered.take().equals(Buffer.concat(pieces))).toBe(true);
});

it('is the piece itself where there is one, and nothing where there is none', () => {
  const only = Buffer.from('{}');
  const gathered = new GatheredBytes();
  expect(gathered.take()).toHaveLength(0);
  gathered.add(only);
  expect(gathered.take()).toBe(only);
});

it('takes little more than the bytes however small the pieces are', () => {
  expect(heldFor(500_000, 1)).toBeLessThan(8 * 1024 * 1024);
});
