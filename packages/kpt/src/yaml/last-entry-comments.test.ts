import { describe, expect, it } from 'vitest';
import { applySetters } from '../functions/apply-setters/apply-setters.ts';
import { configMap, runFunction } from '../testing/run-function.ts';
import { printYaml } from './print-node.ts';
import { parseResources } from './resource-file.ts';

const setters = configMap({ x: '11', list: '[q]' });

describe('a comment behind the last comma in brackets', () => {
  it.each([
    ['a: {p: 1, # kpt-set: ${x}\n}\n', 'a: {p: 11, # kpt-set: ${x}\n}\n'],
    ['a: [1, # kpt-set: ${x}\n  ] # all\n', 'a: [11, # kpt-set: ${x}\n  ] # all\n'],
    [
      'a:\n- {p: "1", # kpt-set: ${x}\n}\n- {p: 1} # kpt-set: ${x}\n',
      'a:\n- {p: "11", # kpt-set: ${x}\n}\n- {p: 1} # kpt-set: ${x}\n',
    ],
    ['a: [\n  1,   # kpt-set: ${x}\n  # more\n]\n', 'a: [\n  11,   # kpt-set: ${x}\n  # more\n]\n'],
    ['a: {k: [1], # kpt-set: ${list}\n}\n', 'a: {k: [q], # kpt-set: ${list}\n}\n'],
  ])('is about the last entry: %s', (before, after) => {
    const head = 'apiVersion: v1\nkind: Foo\nmetadata: {name: a}\n';
    const run = runFunction(applySetters, head + before, setters);
    expect(run.failed).toBeUndefined();
    expect(parseResources('a.yaml', run.text)[0]?.document.toJS()).toEqual(
      parseResources('a.yaml', head + after)[0]?.document.toJS(),
    );
    expect(run.text.match(/#.*$/gm)).toEqual(before.match(/#.*$/gm));
  });

  it('leaves comments elsewhere where they are', () => {
    const text = 'a: [1,\n  # last\n] # all\nb: [1, # one\n  2] # both\n';
    const [resource] = parseResources('a.yaml', text);
    expect(printYaml(resource?.document, 'compact').match(/#.*$/gm)).toEqual(['# last', '# all', '# one', '# both']);
    expect(runFunction(applySetters, `kind: Foo\n${text}`, setters).text).toBe(`kind: Foo\n${text}`);
  });
});
