import { expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile } from './resource-file.ts';

it.each(['\u2028', '\u2029', '\u2028--- b'])('a text with %j is no line of its own', (end) => {
  const text = `apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\nx: "y${end}"\n`;
  const documents = parseResources('a.yaml', text);
  expect(documents).toHaveLength(1);
  const [document] = documents;
  if (document === undefined) throw new Error('no document');
  const object = new KrmObject(document, 'a.yaml', 0);
  object.set(['metadata', 'labels'], { l: `1${end}2` });
  const [again] = parseResources('a.yaml', printFile('a.yaml', [document]));
  expect(again?.document.toJS()).toEqual(object.toJS());
  expect(object.toJS()).toMatchObject({ metadata: { labels: { l: `1${end}2` } }, x: `y${end}` });
});

it.each([
  ['\u00a0', 'w\u00a0'],
  ['\u3000', 'w\u3000'],
  ['\u2028', '"w\\u2028"'],
])('a text keeps %j at its end', (space, shown) => {
  const [document] = parseResources('a.yaml', 'x: y # c\nz: 1\n');
  if (document === undefined) throw new Error('no document');
  new KrmObject(document).set(['x'], `w${space}`);
  const printed = printFile('a.yaml', [document]);
  expect(printed).toContain(`x: ${shown} # c\n`);
  expect(parseResources('a.yaml', printed)[0]?.document.toJS()).toEqual({ x: `w${space}`, z: 1 });
});
