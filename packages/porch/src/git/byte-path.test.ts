import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfPath, pathOfBytes, withOctalBytes } from './byte-path.ts';

const pathOf = (bytes: Buffer) => pathOfBytes(bytes, 0, bytes.length);

test('every name comes back as it was, and has one text whatever stands beside it', () => {
  const name = fc
    .array(fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 })
    .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(bytesOfPath(pathOf(one))).toEqual(one);
      const joined = Buffer.concat([one, Buffer.from('/'), other]);
      expect(pathOf(joined)).toBe(`${pathOf(one)}/${pathOf(other)}`);
      expect(pathOfBytes(joined, one.length + 1, joined.length)).toBe(pathOf(other));
    }),
  );
});

test('names in UTF-8 are what they say', () => {
  for (const name of ['café/日本.yaml', '😀', 'replaced \ufffd']) {
    expect(pathOf(Buffer.from(name))).toBe(name);
    expect(withOctalBytes(name)).toBe(name);
  }
  const latin = pathOf(Buffer.from('é/caf\xe9', 'latin1'));
  expect(latin.isWellFormed()).toBe(false);
  expect(withOctalBytes(latin)).toBe('\\351/caf\\351');
});
