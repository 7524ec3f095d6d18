import { expect, test } from 'vitest';
import { type CatFileAnswer, CatFileParser } from './cat-file-parser.ts';

const ID = 'a'.repeat(40);
const OUTPUT = Buffer.from(
  `${ID} blob 5\nab\nc\n\n${ID}:a b missing\n${ID} tree 0\n\n${ID} blob 9\n123456789\n${ID} commit 7\n`,
);
/** How large contents the requests want. */
const CONTENTS = [8, 8, 8, 8, undefined];

function parse(pieces: readonly Buffer[]): CatFileAnswer[] {
  const answers: CatFileAnswer[] = [];
  const parser = new CatFileParser(
    () => CONTENTS[answers.length],
    (answer) => answers.push(answer),
  );
  for (const piece of pieces) parser.push(piece);
  return answers;
}

test.each(Array.from({ length: OUTPUT.length }, (_, index) => index + 1))('pieces of %i bytes', (length) => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < OUTPUT.length; at += length) pieces.push(OUTPUT.subarray(at, at + length));
  expect(parse(pieces)).toEqual([
    { type: 'object', id: ID, objectType: 'blob', size: 5, bytes: Buffer.from('ab\nc\n') },
    { type: 'missing' },
    { type: 'object', id: ID, objectType: 'tree', size: 0, bytes: Buffer.alloc(0) },
    { type: 'too-large', id: ID, objectType: 'blob', size: 9 },
    { type: 'object', id: ID, objectType: 'commit', size: 7, bytes: Buffer.alloc(0) },
  ]);
});

test('something else is an error', () => {
  expect(() => parse([Buffer.from('warning: what\n')])).toThrow('unexpected line');
});
