import { describe, expect, it } from 'vitest';
import { parseResources, printFile } from './resource-file.ts';

const [mark, directive] = ['\ufeff', '%YAML 1.1\n---\n'];

describe('documents at another place than they had', () => {
  it.each([
    ['a byte order mark', mark, '---\n'],
    ['a directive', directive, '...\n%YAML 1.1\n---\n'],
    ['both', mark + directive, '...\n%YAML 1.1\n---\n'],
  ])('can be read behind others with %s', (_, beginning, between) => {
    const text = printFile('a.yaml', parseResources('a.yaml', `${beginning}a: 1\n---\nb: 1\n`).reverse());
    expect(text).toBe(`b: 1\n${between}a: 1\n`);
    expect(parseResources('a.yaml', text).map(({ document }) => document.toJS())).toEqual([{ b: 1 }, { a: 1 }]);
    expect(printFile('a.yaml', parseResources('a.yaml', text))).toBe(text);
  });

  it('are JSON in a JSON file that they were not in', () => {
    const moved = (text: string) => printFile('b.json', parseResources('a.yaml', text), { before: [] });
    expect(moved('# note\na: [1, x]\n')).toBe('{\n  "a": [\n    1,\n    "x"\n  ]\n}\n');
    expect(moved('{"a": [1]}')).toBe('{"a": [1]}');
  });

  it('keep their bytes in a JSON file of their own, although it is YAML', () => {
    const before = parseResources('b.json', 'a: 1 # one\n');
    expect(printFile('b.json', before, { before })).toBe('a: 1 # one\n');
  });
});
