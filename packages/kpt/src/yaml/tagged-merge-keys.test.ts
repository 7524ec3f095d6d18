import { describe, expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { printYaml } from './print-node.ts';
import { parseResources, printFile } from './resource-file.ts';

const text = 'base: &b {k: v}\nmerged:\n  !!merge <<: *b\n  l: m\nother: x\n';

function only(): KrmObject {
  const [document] = parseResources('a.yaml', text);
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

  it('can be printed', () => {
    expect(printYaml(only().source.document, 'compact')).toBe(text.replace('!!merge ', ''));
  });
});
