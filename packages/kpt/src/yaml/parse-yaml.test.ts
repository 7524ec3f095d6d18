import { describe, expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { parseYaml } from './parse-yaml.ts';
import { parseResources, printFile } from './resource-file.ts';

/** The objects of a file, and the file as it is printed after a change of them. */
function edit(text: string, change: (object: KrmObject) => void): string {
  const documents = parseResources('a.yaml', text);
  for (const document of documents) change(new KrmObject(document));
  return printFile('a.yaml', documents);
}

describe('lines within brackets', () => {
  it.each([
    ['a closing bracket at the start of a line', 'spec:\n  a: {x: 1, # c\n}\n', { spec: { a: { x: 1 } } }],
    ['one behind it', 'spec:\n  l: {a: [{v: 1, # c\n}]}\n', { spec: { l: { a: [{ v: 1 }] } } }],
    ['elements below the key', 'a:\n  b: [\n  x\n  ]\nc: d\n', { a: { b: ['x'] }, c: 'd' }],
    [
      'elements left of the key',
      'a:\n  b: {\nx: y,\nz: [1,\n2]}\n  c: d\n',
      { a: { b: { x: 'y', z: [1, 2] }, c: 'd' } },
    ],
    ['two kinds of brackets', 'args: [{\n  x: 1\n}]\nc: |\n  {\n', { args: [{ x: 1 }], c: '{\n' }],
    ['a text over two lines', 'a: {x: "b\nc", y: d\ne}\n', { a: { x: 'b c', y: 'd e' } }],
    ['brackets in texts', 'a: {x: "}", y: \'{\', # }\n}\nb: "["\n', { a: { x: '}', y: '{' }, b: '[' }],
    ['entries of a list', '- a: {\n  }\n- b: [\n1]\n', [{ a: {} }, { b: [1] }]],
  ])('may begin anywhere: %s', (_, text, value) => {
    const document = parseYaml(text);
    expect(document.errors).toEqual([]);
    expect(document.toJS()).toEqual(value);
  });

  it.each([
    ['no end', 'a:\n  b: {x: 1,\nc: d\n'],
    ['an end of another kind', 'a:\n  b: {x: 1,\n]\n'],
    ['a new document', 'a: {x: 1,\n---\n}\n'],
    ['a block that is indented less', 'a:\n    b: c\n  d: e\n'],
  ])('do not hide %s', (_, text) => {
    expect(parseYaml(text).errors).not.toEqual([]);
  });

  it('stay as they are when something else changes, and when something in them does', () => {
    const text =
      'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\nspec:\n  env:\n  - {name: E, value: "1", # kpt-set: ${v}\n}\n  - {name: F, list: [\n  1,\n  2\n  ]} # f\n  z: 1\n';
    expect(edit(text, () => undefined)).toBe(text);
    expect(edit(text, (object) => object.set(['spec', 'z'], 2))).toBe(text.replace('z: 1', 'z: 2'));
    expect(edit(text, (object) => object.set(['spec', 'env', 0, 'value'], '5'))).toBe(text.replace('"1"', '"5"'));
    expect(edit(text, (object) => object.set(['spec', 'env', 1, 'list', 1], 5))).toBe(text.replace('  2\n', '  5\n'));
  });
});
