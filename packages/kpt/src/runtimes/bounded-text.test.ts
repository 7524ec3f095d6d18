import { expect, it } from 'vitest';
import { BoundedText, boundedText } from './bounded-text.ts';

function joined(mostBytes: number, ...pieces: readonly (string | Uint8Array)[]): string {
  const text = new BoundedText(mostBytes);
  for (const piece of pieces) text.append(Buffer.from(piece));
  return text.toString();
}

it('keeps what is short as it is, also where a character arrives in parts', () => {
  const text = `${'é'.repeat(100)}!`;
  const bytes = Buffer.from(text);
  expect(joined(201, ...Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)))).toBe(text);
  expect(joined(10)).toBe('');
});

it.each([1, 7, 1000, 100_000])('keeps the beginning and the end of what is long, in pieces of %i', (size) => {
  const text = `begins ${'x'.repeat(50_000)} the reason`;
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
  const kept = joined(1064, ...pieces);
  expect(kept).toMatch(/^begins x+\n\[49018 bytes left out\]\nx+ the reason$/);
  expect(kept.length).toBeLessThanOrEqual(1064);
});

it('cuts no character in two', () => {
  for (const odd of ['', 'x', 'xx', 'xxx']) {
    const kept = boundedText(`${odd}${'🙂'.repeat(1000)}${odd}`, 264);
    expect(kept).toMatch(/^x*(🙂)+\n\[\d+ bytes left out\]\n(🙂)+x*$/u);
    const [, leftOut] = /\[(\d+) bytes/.exec(kept) ?? [];
    expect(Buffer.byteLength(kept.replace(/\n.*\n/, '')) + Number(leftOut)).toBe(2 * odd.length + 4000);
  }
});
