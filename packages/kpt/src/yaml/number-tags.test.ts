import { expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { parseText } from './parse-text.ts';
import { parseResources, printFile } from './resource-file.ts';

const huge = `1${'0'.repeat(400)}`;

it('reads numbers that no float holds as the texts that they are to others', () => {
  const text = `a: 7e93021\nb: -1.5E+999 # c\nc: ${huge}\nd: 1e308\ne: -.inf\nf: [7e93021, x]\n`;
  const [document] = parseResources('a.yaml', text);
  if (document === undefined) throw new Error('no document');
  expect(document.document.toJS()).toEqual({
    a: '7e93021',
    b: '-1.5E+999',
    c: huge,
    d: 1e308,
    e: Number.NEGATIVE_INFINITY,
    f: ['7e93021', 'x'],
  });
  expect(parseText('7e93021').toJS()).toBe('7e93021');
  const object = new KrmObject(document);
  object.set(['f', 2], 'y');
  object.set(['g'], '7e93021');
  expect(printFile('a.yaml', [document])).toBe(`${text.replace(', x]', ', x, "y"]')}g: "7e93021"\n`);
});

it('writes them as texts into JSON', () => {
  const documents = parseResources('a.json', '{"a": 7e93021}\n');
  for (const document of documents) new KrmObject(document).set(['b'], 'x');
  expect(printFile('a.json', documents)).toBe('{\n  "a": "7e93021",\n  "b": "x"\n}\n');
});
