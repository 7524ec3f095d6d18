import { describe, expect, it } from 'vitest';
import type { Scalar } from 'yaml';
import { countReads } from '../testing/count-reads.ts';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile } from './resource-file.ts';

function object(text: string): KrmObject {
  const [document] = parseResources('a.yaml', text);
  if (document === undefined) throw new Error('the text holds no document');
  return new KrmObject(document, 'a.yaml', 0);
}

describe('the data of an object', () => {
  it('is what aliases stand for, however many there are', () => {
    const names = Array.from({ length: 500 }, () => '- *a\n').join('');
    expect(object(`a: &a {k: 1}\nlist:\n${names}`).get(['list'])).toEqual(Array(500).fill({ k: 1 }));
    expect(object(`a: &a {k: 1}\nlist:\n${names}`).toJS()).toMatchObject({ a: { k: 1 } });
  });

  it('is looked for once where many labels are aliases', () => {
    const many = object(`a: &a x\nlabels:\n${Array.from({ length: 500 }, (_, index) => `  k${index}: *a\n`).join('')}`);
    const reads = countReads([many.node(['a']) as Scalar], 'anchor');
    expect(Object.values(many.getStringMap(['labels']))).toEqual(Array(500).fill('x'));
    expect(reads()).toBeLessThan(10);
  });

  it('is refused, with the file, where it would be more than memory holds, or would hold itself', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]\n`);
    const tooMuch = object(`a0: &a0 [x]\n${lines.join('')}`);
    const message = 'file "a.yaml": the document stands for too many values, aliases included';
    expect(() => tooMuch.get(['a30'])).toThrow(message);
    expect(tooMuch.get(['a1'])).toEqual([['x'], ['x']]);
    expect(() => object('a: &a [*a]\n').get(['a'])).toThrow('file "a.yaml": an alias stands for something');
  });

  it('has what mappings merge', () => {
    expect(object('a: &a {k: 1, l: 2}\nb:\n  <<: *a\n  l: 3\n').get(['b'])).toEqual({ k: 1, l: 3 });
    expect(() => object('b:\n  <<: text\n').get(['b'])).toThrow('file "a.yaml": the value of a merge key (<<)');
  });
});

describe('a key that is an alias', () => {
  it('is found by what it stands for', () => {
    const read = object('a: &k key\nb: {x: &n 1.10}\ndata:\n  *k : 1\n  *n : 2\n');
    expect(read.get(['data', 'key'])).toBe(1);
    expect(read.get(['data', '1.10'])).toBe(2);
    expect(read.get(['data', '*k'])).toBeUndefined();
    expect(read.getStringMap(['data'])).toEqual({ key: '1', '1.10': '2' });
  });

  it('stays in the text as long as its anchor does', () => {
    const read = object('a: &k key # name\ndata:\n  *k : 1 # one\nz: 1\n');
    expect(printFile('a.yaml', [read.source])).toBe('a: &k key # name\ndata:\n  *k : 1 # one\nz: 1\n');
    read.set(['data', 'key'], 2);
    read.set(['z'], 2);
    expect(printFile('a.yaml', [read.source])).toBe('a: &k key # name\ndata:\n  *k : 2 # one\nz: 2\n');
    read.delete(['a']);
    expect(object(printFile('a.yaml', [read.source])).toJS()).toEqual({ data: { key: 2 }, z: 2 });
  });

  it('is refused where its anchor does not come before it, as every alias is', () => {
    expect(() => object('*k : 1\nlast: &k late\n')).toThrow("line 1: unknown anchor 'k' referenced");
    expect(() => object('a: &k 1\nb:\n- *l\n')).toThrow("line 3: unknown anchor 'l' referenced");
  });

  it('is refused where the mapping has that key already', () => {
    expect(() => object('a: &k key\nkey: 1\n*k : 2\n')).toThrow('line 3: key "key" stands twice in one mapping');
  });

  it('is left where it stands for no single value', () => {
    const read = object('a: &m {x: 1}\ndata:\n  *m : 1\n  b: 2\n');
    expect(read.get(['data', 'b'])).toBe(2);
    read.set(['data', 'b'], 3);
    expect(printFile('a.yaml', [read.source])).toMatch(/\*m\s+: 1\n {2}b: 3\n$/);
  });
});

describe('a JSON file with aliases', () => {
  const changed = (text: string) => {
    const [document] = parseResources('a.json', text);
    if (document === undefined) throw new Error('the text holds no document');
    new KrmObject(document, 'a.json', 0).set(['z'], 1);
    return () => printFile('a.json', [document]);
  };

  it('is written with what they stand for, unless that is too much', () => {
    expect(changed('{"a": &a {"k": 1}, "b": [*a, *a], "c": &c 5, "d": *c}')()).toBe(
      '{\n  "a": {\n    "k": 1\n  },\n  "b": [\n    {\n      "k": 1\n    },\n    {\n      "k": 1\n    }\n  ],\n  "c": 5,\n  "d": 5,\n  "z": 1\n}\n',
    );
    const lines = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]\n`);
    expect(changed(`a0: &a0 [x]\n${lines.join('')}`)).toThrow('file "a.json": aliases stand for too many values');
    expect(changed('a: &a {b: *a}\n')).toThrow('file "a.json": an alias stands for something that it is part of');
  });
});
