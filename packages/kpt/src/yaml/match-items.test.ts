import { describe, expect, it } from 'vitest';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { countReads } from '../testing/count-reads.ts';
import { matchItems } from './match-items.ts';

function itemsOf(text: string): unknown[] {
  const { contents } = parseDocument(text);
  return isSeq(contents) ? contents.items : [];
}

/** For each wanted item where the one is that it is made of; undefined for a new one. */
function places(before: string, wanted: string): (number | undefined)[] {
  const [old, items] = [itemsOf(before), itemsOf(wanted)];
  const chosen = matchItems(old, items);
  return items.map((item) => (chosen.has(item) ? old.indexOf(chosen.get(item)) : undefined));
}

describe('an item is made of', () => {
  it.each([
    ['the same at its place', '[a, a, b]', '[a, a, c, b]', [0, 1, undefined, 2]],
    ['the first of those that are the same', '[a, b, a, b]', '[b, a, b, a, b]', [1, 0, 3, 2, undefined]],
    ['the same, in whatever order of keys and notation', '[1, {a: 1, b: x}]', '[{b: "x", a: 0x1}, 1.0]', [1, 0]],
    ['the one of its name', '[{name: a, v: 1}, {name: b}]', '[{name: c}, {name: a, v: 2}]', [undefined, 0]],
    ['the one of its name, beside one without', '[{name: a}, {v: 2}]', '[{v: 3}, {name: a, v: 4}]', [undefined, 0]],
    ['the one at its place', '[{v: 1}, {v: 2}]', '[{v: 3}, {v: 2}]', [0, 1]],
    ['no other kind of scalar', '["1", null]', '[0, 1, "", "1"]', [undefined, 1, undefined, 0]],
  ])('%s', (_, before, wanted, expected) => {
    expect(places(before, wanted)).toEqual(expected);
  });

  it('one with the comment that is wanted', () => {
    expect(places('- x # a\n- x # b\n', '- x # b\n- x # a\n')).toEqual([1, 0]);
  });
});

describe('a thousand items are looked at a few times each', () => {
  const many = (line: (index: number) => string, from: number) =>
    itemsOf(Array.from({ length: 1000 }, (_, index) => line(index + from)).join(''));

  it.each([
    ['of a name, after a new one', (i: number) => `- {name: n${i}, v: 1}\n`, 1],
    ['without a name, after a new one', (i: number) => `- {k: n${i}}\n`, 1],
    ['that are all new', (i: number) => `- {k: n${i}}\n`, 5000],
  ])('%s', (_, line, from) => {
    const before = many(line, 0);
    const reads = countReads(before.filter(isMap), 'items');
    expect(matchItems(before, many(line, from)).size).toBeGreaterThan(900);
    expect(reads()).toBeGreaterThan(1000);
    expect(reads()).toBeLessThan(30_000);
  });

  it.each([
    ['all different', (i: number) => `- n${i}\n`],
    ['of two kinds', (i: number) => `- n${i % 2}\n`],
  ])('that are texts, %s', (_, line) => {
    const before = many(line, 0);
    const reads = countReads(before.filter(isScalar), 'value');
    expect(matchItems(before, many(line, 1)).size).toBeGreaterThan(900);
    expect(reads()).toBeGreaterThan(1000);
    expect(reads()).toBeLessThan(30_000);
  });

  it.each([
    ['are those of others', 1],
    ['are new', 5000],
  ])('that differ in their comments alone, which %s', (_, from) => {
    const line = (i: number) => `- n # ${i}\n`;
    const before = many(line, 0);
    const reads = countReads(before.filter(isScalar), 'comment');
    expect(matchItems(before, many(line, from)).size).toBeGreaterThan(900);
    expect(reads()).toBeGreaterThan(1000);
    expect(reads()).toBeLessThan(300_000);
  });
});
