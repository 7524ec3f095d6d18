import { expect, it } from 'vitest';
import { isSeq } from 'yaml';
import { keepAliases } from './keep-aliases.ts';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile } from './resource-file.ts';

function change(text: string, action: (object: KrmObject) => void): string {
  const documents = parseResources('x.yaml', text);
  const restore = keepAliases(documents);
  for (const document of documents) action(new KrmObject(document, 'x.yaml'));
  restore();
  const printed = printFile('x.yaml', documents);
  parseResources('x.yaml', printed);
  return printed;
}

it.each<[string, string, (object: KrmObject) => void, string]>([
  ['a field', 'a: &x v\nb: *x # b\n', (object) => object.delete(['a']), 'b: v # b\n'],
  ['a mapping', 'a: &x\n  k: v # k\nb: *x # b\n', (object) => object.set(['a'], 1), 'a: 1\nb: # b\n  k: v # k\n'],
  ['what is around it', 'a:\n  c: &x {k: v}\nb: [*x, *x]\n', (object) => object.delete(['a']), 'b: [{k: v}, {k: v}]\n'],
  ['an element', 'a:\n- &x\n  k: v\n- *x\n', (object) => object.delete(['a', 0]), 'a:\n- k: v\n'],
  [
    'what is merged',
    'a: &x\n  k: v\nb:\n  <<: *x\n  z: 1\n',
    (object) => object.delete(['a']),
    'b:\n  <<:\n    k: v\n  z: 1\n',
  ],
  [
    'an anchor within what another stands for',
    'a: &x\n  c: &y 1\n  d: *y\nb: *x\n',
    (object) => object.delete(['a']),
    'b:\n  c: 1\n  d: 1\n',
  ],
  ['one of two of the same name', 'a: &x 1\nb: &x 2\nc: *x\n', (object) => object.delete(['b']), 'a: &x 1\nc: 2\n'],
  [
    'the order',
    'a:\n- &x 1\n- *x\n',
    (object) => {
      const list = object.node(['a']);
      if (isSeq(list)) list.items.reverse();
    },
    'a:\n- 1\n- &x 1\n',
  ],
])('writes out what aliases stood for when the change takes away %s', (_, before, action, after) => {
  expect(change(before, action)).toBe(after);
});

it('leaves aliases that stand for what they did, and for what their anchor says now', () => {
  const text = 'a: &x 1\nb: *x\nc: [*x]\n';
  expect(change(text, (object) => object.set(['a'], 2))).toBe(text.replace('1', '2'));
  expect(
    change(text, ({ document, root }) => {
      for (const pair of root?.items.slice(0, 1) ?? [])
        pair.value = Object.assign(document.createNode(3), { anchor: 'x' });
    }),
  ).toBe(text.replace('1', '3'));
});
