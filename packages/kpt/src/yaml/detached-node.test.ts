import { expect, it } from 'vitest';
import { type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { detachedNode } from './detached-node.ts';
import { printYaml } from './print-node.ts';

function detach(text: string, key: string): Node {
  const document = parseDocument(text, { keepSourceTokens: true });
  return detachedNode((document.contents as YAMLMap).get(key, true) as Node, document);
}

it('keeps comments, quotes and styles', () => {
  const copy = detach('x:\n  a: "1" # one\n  # before\n  b: [c, \'d\']\n', 'x');
  expect(printYaml(copy, 'compact')).toBe('a: "1" # one\n# before\nb: [c, \'d\']\n');
});

it('puts what aliases stand for in their place', () => {
  const copy = detach('base: &base\n  a: &one 1\nx:\n  b: *base\n  c: [*one]\n', 'x');
  expect(printYaml(copy, 'compact')).toBe('b:\n  a: 1\nc: [1]\n');
});

it('can be changed without changing the original', () => {
  const document = parseDocument('x:\n  a: 1\n');
  const copy = detachedNode((document.contents as YAMLMap).get('x', true) as Node, document) as YAMLMap;
  copy.set('a', 2);
  expect(document.toString()).toBe('x:\n  a: 1\n');
});

it('refuses aliases that multiply without end', () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items = Array.from({ length: 9 }, () => (level === 0 ? 'lol' : `*l${level - 1}`));
    return `l${level}: &l${level} [${items.join(', ')}]\n`;
  });
  expect(() => detach(levels.join(''), 'l11')).toThrow('too many nodes');
});

it('refuses aliases of what they are part of', () => {
  expect(() => detach('x: &d\n  a: [*d]\n', 'x')).toThrow('the alias *d stands for something that it is part of');
  expect(printYaml(detach('x: {a: &d [1], b: [*d, *d]}\n', 'x'), 'compact')).toBe('{a: [1], b: [[1], [1]]}\n');
});

it('copies a node of any size', () => {
  const copy = detach(`x: [${'1, '.repeat(100_001)}]\n`, 'x') as YAMLSeq;
  expect(copy.items.length).toBe(100_001);
});
