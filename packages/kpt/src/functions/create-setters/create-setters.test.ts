import { describe, expect, it } from 'vitest';
import { configMap, objectsOf, runFunction } from '../../testing/run-function.ts';
import { createSetters } from './create-setters.ts';

const head = 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\n';

function create(fields: string, setters: Record<string, string>) {
  const run = runFunction(createSetters, head + fields, configMap(setters));
  return { ...run, fields: run.text.slice(head.length) };
}

describe('create-setters', () => {
  it.each([
    ['a whole value', 'x: 4\n', { n: '4' }, 'x: 4 # kpt-set: ${n}\n'],
    ['part of a value', 'x: "nginx:1.2"\n', { tag: '1.2' }, 'x: "nginx:1.2" # kpt-set: nginx:${tag}\n'],
    ['several parts', 'x: nginx:1.2\n', { tag: '1.2', img: 'nginx' }, 'x: nginx:1.2 # kpt-set: ${img}:${tag}\n'],
    ['the longest first', 'x: nginx-abc-1\n', { a: 'nginx', b: 'nginx-abc' }, 'x: nginx-abc-1 # kpt-set: ${b}-1\n'],
    ['instead of another comment', 'x: 4 # old\n', { n: '4' }, 'x: 4 # kpt-set: ${n}\n'],
    ['a list in any order', 'x:\n  - b\n  - c\n', { l: '[c, b]' }, 'x: # kpt-set: ${l}\n  - b\n  - c\n'],
    ['a list in brackets', 'x: [b, c]\n', { l: '[c, b]' }, 'x: # kpt-set: ${l}\n- b\n- c\n'],
    ['a null', 'x: null\n', { n: 'null' }, 'x: null # kpt-set: ${n}\n'],
    ['an empty list', 'x: []\n', { l: '[]' }, 'x: [] # kpt-set: ${l}\n'],
    [
      'a list of mappings',
      'x:\n- a: b\n- {e: f, c: 1}\n',
      { l: '[{c: 1, e: f}, {a: b}]' },
      'x: # kpt-set: ${l}\n- a: b\n- {e: f, c: 1}\n',
    ],
    [
      'a list with an alias',
      'x: &b bb\ny:\n- *b\n- c\n',
      { l: '[bb, c]' },
      'x: &b bb\ny: # kpt-set: ${l}\n- *b\n- c\n',
    ],
    [
      'a list within brackets',
      'x: {y: [b, c], z: d}\n',
      { l: '[b, c]' },
      'x:\n  {\n    y: [b, c], # kpt-set: ${l}\n    z: d\n  }\n',
    ],
    ['an item in brackets', 'x: [bb, cc]\n', { s: 'bb' }, 'x:\n- bb # kpt-set: ${s}\n- cc\n'],
    [
      'a list and its items',
      'x:\n- bb\n- cc\n',
      { l: '[bb, cc]', s: 'bb' },
      'x: # kpt-set: ${l}\n- bb # kpt-set: ${s}\n- cc\n',
    ],
  ])('marks %s', (_, before, setters, after) => {
    const run = create(before, setters);
    expect(run.failed).toBeUndefined();
    expect(run.fields).toBe(after);
  });

  it('reports comment, value, field and file', () => {
    expect(create('x:\n  y: 4\nz: [c, b]\n', { n: '4', l: '[b, c]' }).results).toEqual([
      {
        message: 'Added line comment "kpt-set: ${l}" for field with value "[b c]"',
        field: { path: 'z' },
        file: { path: 'resources.yaml' },
      },
      {
        message: 'Added line comment "kpt-set: ${n}" for field with value "4"',
        field: { path: 'x.y' },
        file: { path: 'resources.yaml' },
      },
    ]);
  });

  it.each([
    ['several lines', 'x: |\n  12345\n  b\n', '12345'],
    ["kpt's own annotations", 'metadata2: {}\n', 'true'],
    ['part of a list', 'x: [b, c]\n', '[b]'],
    ['a list of other mappings', 'x:\n- a: b\n', '[{a: c}]'],
    ['a list of mappings', 'x:\n- a: b\n', '[""]'],
    ['an empty value', 'x: ""\n', ''],
  ])('leaves %s alone and fails', (_, fields, value) => {
    const text = `${head}  annotations:\n    config.kubernetes.io/local-config: "true"\n${fields}`;
    const run = runFunction(createSetters, text, configMap({ s: value }));
    expect(run.text).toBe(text);
    expect(run.failed).toBe('no matches for the input list of setters');
    expect(run.results).toEqual([
      { message: 'failed to create setters: no matches for the input list of setters', severity: 'error' },
    ]);
  });

  it('leaves JSON files alone, which have no comments', () => {
    const text = '{"apiVersion": "v1", "kind": "Foo", "metadata": {"name": "a"}, "x": ["four"], "y": "four"}\n';
    const run = runFunction(createSetters, text, configMap({ n: 'four', l: '[four]' }), 'a.json');
    expect(run.text).toBe(text);
    expect(run.failed).toBe('no matches for the input list of setters');
  });

  it('does not mark its own configuration', () => {
    const [config] = objectsOf('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: s\ndata:\n  n: four\n');
    if (config === undefined) throw new Error('no config');
    const run = createSetters.run({ items: [config], config });
    expect(run.failed).toBeDefined();
    expect(config.document.toString()).not.toContain('kpt-set');
  });

  it('refuses an empty configuration', () => {
    expect(create('x: 4\n', {}).messages).toEqual(['failed to create setters: config map cannot be empty']);
  });
});
