import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Inflater } from './inflater.ts';

const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

/** Bytes as they are in files: repeated, in few letters, or any. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.string({ maxLength: 3000 }).map((text) => Buffer.from(text)),
  fc
    .tuple(fc.array(fc.string({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 5 }), fc.nat(400))
    .map(([words, count]) => Buffer.from(Array.from({ length: count }, (_, at) => words[at % words.length]).join(''))),
);
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE),
  memLevel: fc.integer({ min: 1, max: 9 }),
});

describe('a stream', () => {
  const inflater = new Inflater(1 << 20, 5);

  test('comes out as it went in, wherever it stands, and what is behind it is found', () => {
    fc.assert(
      fc.property(contents, options, fc.nat(20), (bytes, how, at) => {
        const packed = deflateSync(bytes, how);
        const stream = Buffer.concat([Buffer.alloc(at, 0xff), packed, Buffer.from('behind')]);
        expect(inflater.inflate(stream, at, bytes.length)).toBe(at + packed.length);
        expect(inflater.output(bytes.length).equals(bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('of a megabyte fits, and copies from as far away as there is', () => {
    const far = Buffer.concat([Buffer.from('first'), Buffer.alloc(32_763, 'x'), Buffer.from('first')]);
    const large = Buffer.concat([far, Buffer.alloc((1 << 20) - far.length, 'ab')]);
    expect(inflater.inflate(deflateSync(large), 0, large.length)).toBe(deflateSync(large).length);
    expect(inflater.output(large.length).equals(large)).toBe(true);
    const more = deflateSync(Buffer.alloc((1 << 20) + 1));
    expect(inflater.inflate(more, 0, (1 << 20) + 1)).toBe('invalid');
  });

  test('is incomplete wherever it is cut off', () => {
    fc.assert(
      fc.property(contents, options, fc.double({ min: 0, max: 1, maxExcluded: true }), (bytes, how, part) => {
        const packed = deflateSync(bytes, how);
        const cut = packed.subarray(0, Math.floor(packed.length * part));
        expect(inflater.inflate(cut, 0, bytes.length)).toBe('incomplete');
      }),
      { numRuns: 500 },
    );
  });

  test.each([1, 6, 9])('is incomplete at each byte before its end (level %i)', (level) => {
    for (let commit = 0; commit < 30; commit++) {
      const id = (digit: string) => `${commit}`.padStart(40, digit);
      const text = `tree ${id('a')}\nparent ${id('7')}\nauthor Ann <ann@example.com> ${commit} +0000\n\nkpt:{"package":"a/${commit}"}`;
      const packed = deflateSync(Buffer.from(text), { level });
      for (let end = 0; end < packed.length; end++) {
        expect(inflater.inflate(packed.subarray(0, end), 0, text.length), `${commit} up to ${end}`).toBe('incomplete');
      }
    }
  });

  test('of another size than it should have is invalid', () => {
    const packed = Buffer.concat([deflateSync(Buffer.from('some text, some text')), Buffer.alloc(100)]);
    for (const size of [0, 1, 19, 21, 1000]) expect(inflater.inflate(packed, 0, size)).toBe('invalid');
    const stored = Buffer.concat([deflateSync(Buffer.from('stored'), { level: 0 }), Buffer.alloc(100)]);
    for (const size of [0, 5, 7]) expect(inflater.inflate(stored, 0, size)).toBe('invalid');
  });

  test('that is none ends, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(5000), (rest, size) => {
        // The header of a stream with codes of its own: nearly all others are refused at once.
        const begins = Buffer.concat([Buffer.from([0x78, 0x9c]), rest]);
        expect(['incomplete', 'invalid', 'number']).toContain(wordFor(inflater.inflate(begins, 0, size)));
      }),
      { numRuns: 2000 },
    );
    const changed = deflateSync(Buffer.from('the quick brown fox jumps over the lazy dog'.repeat(9)));
    for (let at = 2; at < changed.length; at++) {
      for (const bit of [1, 16, 128]) {
        const broken = Buffer.from(changed);
        broken[at] = (broken[at] ?? 0) ^ bit;
        expect(['incomplete', 'invalid', 'number']).toContain(wordFor(inflater.inflate(broken, 0, 43 * 9)));
      }
    }
  });

  test.each([
    ['another method', [0x77, 0x85]],
    ['a header with a wrong check', [0x78, 0x9d]],
    ['a dictionary', [0x78, 0xbb]],
    ['a block of no type', [0x78, 0x9c, 0x07]],
    ['a stored block whose length is not confirmed', [0x78, 0x9c, 0x01, 0x03, 0x00, 0x03, 0x00, 0x61, 0x62, 0x63]],
    ['a copy from before its beginning', [0x78, 0x9c, 0x03, 0x02, 0x00]],
  ])('is invalid with %s', (_, bytes) => {
    expect(inflater.inflate(Buffer.concat([Buffer.from(bytes), Buffer.alloc(20)]), 0, 3)).toBe('invalid');
  });
});

function wordFor(result: number | string): string {
  return typeof result === 'number' ? 'number' : result;
}
