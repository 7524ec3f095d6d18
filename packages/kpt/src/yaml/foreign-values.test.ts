import { expect, it } from 'vitest';
import { isMap } from 'yaml';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile } from './resource-file.ts';

it.each([
  ['a date of YAML 1.1', '%YAML 1.1\n---\n', '2001-01-01'],
  ['a time of YAML 1.1', '%YAML 1.1\n---\n', '2001-01-01T00:00:00Z'],
  ['a time', '', '!!timestamp 2001-01-01'],
  ['bytes', '', '!!binary QUJD'],
  ['bytes in quotes', '', '!!binary "QUJD"'],
  ['bytes with much space between them', '', `!!binary "QUJD${' '.repeat(1_000_000)}QUJD"`],
  ['bytes in a block', '', '!!binary |-\n    QUJD'],
])('%s stays as it is written when it is printed anew beside others', (_, start, written) => {
  const text = `${start}a: 1\nl:\n  v: ${written}\n`;
  const [document] = parseResources('a.yaml', text);
  if (document === undefined) throw new Error('no document');
  const object = new KrmObject(document, 'a.yaml', 0);
  const list = object.node(['l']);
  object.set(['b', 'x'], 'z');
  const added = object.node(['b']);
  if (!isMap(list) || !isMap(added)) throw new Error('no mapping');
  added.items.push(...list.items);
  const printed = printFile('a.yaml', [object.source]);
  expect(printed).toBe(`${text}b:\n  x: z\n  v: ${written}\n`);
  expect(parseResources('a.yaml', printed)).toHaveLength(1);
});
