import { describe, expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { printYaml } from './print-node.ts';
import { parseResources, printFile } from './resource-file.ts';

const text = 'base: &b {k: v}\nmerged:\n  !!merge <<: *b\n  l: m\nother: x\n';

function only(source = text): KrmObject {
  const [document] = parseResources('a.yaml', source);
  if (document === undefined) throw new Error('no document');
  return new KrmObject(document, 'a.yaml', 0);
}

describe('a merge key with its tag', () => {
  it('merges', () => {
    expect(only().get(['merged'])).toEqual({ k: 'v', l: 'm' });
    expect(only().getStringMap(['merged'])).toEqual({ k: 'v', l: 'm' });
  });

  it('stays as it is when something else changes', () => {
    const object = only();
    expect(printFile('a.yaml', [object.source])).toBe(text);
    object.set(['other'], 'y z');
    object.set(['merged', 'l'], 'o');
    expect(printFile('a.yaml', [object.source])).toBe(text.replace('other: x', 'other: y z').replace('l: m', 'l: o'));
  });

  it('merges, and keeps its bytes, in a document that says that it is YAML 1.1', () => {
    const old = '%YAML 1.1\n---\nbase: &b {k: v}\nmerged:\n  <<: *b\n  l:   m\nother: x\n';
    const object = only(old);
    expect(object.get(['merged'])).toEqual({ k: 'v', l: 'm' });
    expect(object.getStringMap(['merged'])).toEqual({ k: 'v', l: 'm' });
    object.set(['other'], 'z');
    expect(printFile('a.yaml', [object.source])).toBe(old.replace('other: x', 'other: z'));
  });

  it.each(['a: !!merge x', 'a: &m !<tag:yaml.org,2002:merge> x', '!!merge x: {k: v}', 'a: [!!merge <<, !!int 0o9]'])(
    'is none where it has another text or is no key, and keeps its bytes: %s',
    (odd) => {
      const object = only(`${odd}\nother: x\n`);
      object.set(['other'], 'z');
      expect(printFile('a.yaml', [object.source])).toBe(`${odd}\nother: z\n`);
    },
  );

  it('can be printed', () => {
    expect(printYaml(only().source.document, 'compact')).toBe(text.replace('!!merge ', ''));
  });
});
