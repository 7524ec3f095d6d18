import { describe, expect, it } from 'vitest';
import type { Node, Scalar } from 'yaml';
import { setScalarTextKeepingType } from '../functions/scalar-text.ts';
import { readResourceList, writeResourceList } from '../runtimes/resource-list.ts';
import { adoptNode } from './adopt-node.ts';
import { KrmObject } from './krm-object.ts';
import { printYaml } from './print-node.ts';
import { parseResources, printFile } from './resource-file.ts';

function only(text: string): KrmObject {
  const [document] = parseResources('a.yaml', text);
  if (document === undefined) throw new Error('no document');
  return new KrmObject(document, 'a.yaml', 0);
}

describe('a text with a tag', () => {
  it.each([
    ['!!null nginx', 'nginx', 'nginx'],
    ['!!int three', 'three', 'three'],
    ['!!bool maybe', 'maybe', 'maybe'],
    ["!!float 'a: b'", 'a: b', "'a: b'"],
    ['!!int 5', 5, '!!int 5'],
    ['!!float 3', '3', '!!float "3"'],
    ['!!null null', null, '!!null null'],
    ['!!str 5', '5', '!!str 5'],
  ])('is what it says where the tag is of another type: %s', (written, value, printed) => {
    const text = `kind: Foo\na: ${written} # n\nb: x\n`;
    const object = only(text);
    expect(object.get(['a'])).toBe(value);
    expect(printFile('a.yaml', [object.source])).toBe(text);
    expect(printYaml(object.source.document, 'compact')).toBe(`kind: Foo\na: ${printed} # n\nb: x\n`);
    object.set(['b'], 'z');
    expect(printFile('a.yaml', [object.source])).toBe(text.replace('b: x', 'b: z'));
  });

  it.each(['!!float 1', '!!int 5x', '!!bool yes', '!!float 1.5'])(
    'goes with the tag when another text takes its place: %s',
    (written) => {
      const text = `kind: Foo\na: ${written} # n\n`;
      const [set, typed, adopted] = [only(text), only(text), only(text)];
      set.set(['a'], 'x');
      setScalarTextKeepingType(typed.node(['a']) as Scalar, 'x');
      const wanted = only('kind: Foo\na: x\n').document;
      adoptNode(adopted.document, wanted.contents as Node, wanted);
      for (const { source } of [set, typed, adopted])
        expect(printFile('a.yaml', [source])).toBe('kind: Foo\na: x # n\n');
      set.set(['a'], '12');
      expect(printFile('a.yaml', [set.source])).toBe('kind: Foo\na: "12" # n\n');
    },
  );

  it('comes back from a function that has put it in place of a number, a truth or nothing', () => {
    const object = only('kind: Foo\nmetadata: {name: f}\na: 5 # n\nb: true\nc: # c\nd: null\n');
    const list = writeResourceList({ items: [object], config: undefined })
      .replace('a: 5', 'a: !!int x')
      .replace('b: true', 'b: !!bool x')
      .replace('c: # c', 'c: !!null x # c')
      .replace('d: null', 'd: !!null x');
    const { items } = readResourceList(list, [object]);
    const sources = items.map(({ source }) => source);
    expect(printFile('a.yaml', sources)).toBe('kind: Foo\nmetadata: {name: f}\na: x # n\nb: x\nc: x # c\nd: x\n');
  });
});
