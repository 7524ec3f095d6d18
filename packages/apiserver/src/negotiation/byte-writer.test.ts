import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createByteWriter } from './byte-writer.ts';

it('gives back what was written, in chunks of its size', () => {
  const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 1, max: 16 }), (pieces, size) => {
      const out = createByteWriter(size);
      const chunks: Buffer[] = [];
      for (const each of pieces) {
        if (typeof each === 'string') out.text(each);
        else out.bytes(Buffer.from(each));
        chunks.push(...out.take());
      }
      expect(chunks.every((chunk) => chunk.length === size)).toBe(true);
      const wanted = Buffer.concat(
        pieces.map((each) => (typeof each === 'string' ? Buffer.from(each) : Buffer.from(each))),
      );
      expect(Buffer.concat([...chunks, ...out.finish()]).equals(wanted)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
