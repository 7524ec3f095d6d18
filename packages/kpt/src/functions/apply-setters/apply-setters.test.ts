import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, runFunction } from '../../testing/run-function.ts';
import { applySetters } from './apply-setters.ts';

const head = 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\n';

function apply(fields: string, setters: Record<string, string>) {
  const run = runFunction(applySetters, head + fields, configMap(setters));
  return { ...run, fields: run.text.slice(head.length) };
}

it('writes a value of several lines as a block', () => {
  const text = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\na: b # kpt-set: ${v}\n';
  expect(runFunction(applySetters, text, configMap({ v: 'l1\nl2' })).text).toBe(
    text.replace('a: b # kpt-set: ${v}\n', 'a: |- # kpt-set: ${v}\n  l1\n  l2\n'),
  );
});

describe('apply-setters on scalars', () => {
  it.each([
    ['a number', 'a: 3 # kpt-set: ${n}\n', { n: '4' }, 'a: 4 # kpt-set: ${n}\n'],
    ['a number by a text', 'a: 3 # kpt-set: ${n}\n', { n: 'four' }, 'a: four # kpt-set: ${n}\n'],
    ['a text by a number', 'a: four # kpt-set: ${n}\n', { n: '4' }, 'a: 4 # kpt-set: ${n}\n'],
    ['digits as they are given', 'a: 1 # kpt-set: ${n}\n', { n: '1.10' }, 'a: 1.10 # kpt-set: ${n}\n'],
    ['digits of an equal number', 'a: 1.1 # kpt-set: ${n}\n', { n: '1.10' }, 'a: 1.10 # kpt-set: ${n}\n'],
    [
      'digits of a number too large for a float',
      'a: 1 # kpt-set: ${n}\n',
      { n: '12345678901234567890' },
      'a: 12345678901234567890 # kpt-set: ${n}\n',
    ],
    ['double quotes kept', 'a: "3" # kpt-set: ${n}\n', { n: '4' }, 'a: "4" # kpt-set: ${n}\n'],
    ['single quotes kept', "a: '3' # kpt-set: ${n}\n", { n: '4' }, "a: '4' # kpt-set: ${n}\n"],
    ['nothing becomes quotes', 'a: x # kpt-set: ${n}\n', { n: '' }, 'a: "" # kpt-set: ${n}\n'],
    ['nothing in place of a null', 'a: null # kpt-set: ${n}\n', { n: '' }, 'a: "" # kpt-set: ${n}\n'],
    ['nothing in place of a tilde', 'a:\n- ~ # kpt-set: ${n}\n', { n: '' }, 'a:\n- "" # kpt-set: ${n}\n'],
    ['nothing where nothing was', 'a: # kpt-set: ${n}\n', { n: '' }, 'a: "" # kpt-set: ${n}\n'],
    ['from nothing', 'a: "" # kpt-set: ${n}\n', { n: 'x' }, 'a: "x" # kpt-set: ${n}\n'],
    ['text that needs quotes', 'a: x # kpt-set: ${n}\n', { n: 'b: c' }, 'a: "b: c" # kpt-set: ${n}\n'],
    ['text that looks like a tag', 'a: x # kpt-set: ${n}\n', { n: '!b' }, 'a: "!b" # kpt-set: ${n}\n'],
    ['text after what looks like a tag', 'a: x # kpt-set: ${n}\n', { n: '!!str b' }, 'a: "!!str b" # kpt-set: ${n}\n'],
    ['several in one', 'a: n:1 # kpt-set: ${i}:${t}\n', { i: 'm', t: '2' }, 'a: m:2 # kpt-set: ${i}:${t}\n'],
    ['the others from the value', 'a: n:1 # kpt-set: ${i}:${t}\n', { t: '2' }, 'a: n:2 # kpt-set: ${i}:${t}\n'],
    [
      'three parts',
      'a: app.dev.example.com # kpt-set: app.${s}.${d}.${t}\n',
      { d: 'acme' },
      'a: app.dev.acme.com # kpt-set: app.${s}.${d}.${t}\n',
    ],
    [
      'references in values as they are',
      'a: x # kpt-set: ${n}\n',
      { n: '${m}', m: 'y' },
      'a: "${m}" # kpt-set: ${n}\n',
    ],
    ['list elements', 'a:\n- x # kpt-set: ${n}\n- y\n', { n: 'z' }, 'a:\n- z # kpt-set: ${n}\n- y\n'],
  ])('sets %s', (_, before, setters, after) => {
    expect(apply(before, setters).fields.replaceAll("'b: c'", '"b: c"')).toBe(after.replace('"${m}"', '${m}'));
  });

  it('reports each field with path and file', () => {
    const run = apply('a:\n- b: 3 # kpt-set: ${n}\n', { n: '4' });
    expect(run.results).toEqual([
      { message: 'set field value to "4"', field: { path: 'a[0].b' }, file: { path: 'resources.yaml' } },
    ]);
  });

  it.each([
    ['other setters', 'a: 3 # kpt-set: ${n}\n'],
    ['other comments', 'a: 3 # ${m}\n'],
    ['no comment', 'a: 3\n'],
  ])('leaves fields with %s alone', (_, fields) => {
    const run = apply(fields, { m: '4' });
    expect(run.fields).toBe(fields);
    expect(run.results).toEqual([{ message: 'no matches for input setter(s)' }]);
  });

  it('fails where a setter is neither given nor in the value', () => {
    const run = apply('a: none # kpt-set: ${i}:${t}\n', { t: '2' });
    expect(run.failed).toBe('values for setters [${i}] must be provided (Foo a (resources.yaml))');
    expect(run.results).toEqual([{ message: `failed to apply setters: ${run.failed}`, severity: 'error' }]);
  });
});

describe('apply-setters on lists', () => {
  it.each([
    [
      'a block list',
      'env: # kpt-set: ${env}\n  - dev # d\n  - stage\n',
      '[dev, prod]',
      'env: # kpt-set: ${env}\n  - dev # d\n  - prod\n',
    ],
    ['a block text', 'env: # kpt-set: ${env}\n- a\n', '- b\n- c\n', 'env: # kpt-set: ${env}\n- b\n- c\n'],
    ['a list in brackets', 'env: [a] # kpt-set: ${env}\n', '[b, 3]', 'env: # kpt-set: ${env}\n- b\n- 3\n'],
    ['nothing', 'env: # kpt-set: ${env}\n- a\n', '', 'env: [] # kpt-set: ${env}\n'],
    ['an empty list', 'env: [] # kpt-set: ${env}\n', '[a]', 'env: # kpt-set: ${env}\n- a\n'],
    ['mappings', 'env: # kpt-set: ${env}\n- a\n', '- name: x # n\n', 'env: # kpt-set: ${env}\n- name: x # n\n'],
  ])('sets %s', (_, before, env, after) => {
    const run = apply(before, { env });
    expect(run.fields).toBe(after);
    expect(run.results).toEqual([
      {
        message: `set field value to ${JSON.stringify(env)}`,
        field: { path: 'env' },
        file: { path: 'resources.yaml' },
      },
    ]);
  });

  it('sets lists within brackets there, again and again', () => {
    const fields = (list: string) => `b:\n  {\n    env: ${list}, # kpt-set: \${env}\n    c: d\n  }\n`;
    const run = apply(fields('[a]'), { env: '- b\n- c: d\n' });
    expect(run.fields).toBe(fields('[b, {c: d}]'));
    expect(apply(run.fields, { env: '' }).fields).toBe(fields('[]'));
    expect(apply(fields('[]'), { env: '[e]' }).fields).toBe(fields('[e]'));
  });

  it.each([
    ['behind brackets', 'a:\n  env: [x] # kpt-set: ${env}\n       # more\n'],
    ['after the key', 'a:\n  env: # kpt-set: ${env}\n  # more\n  - x\n'],
    ['after the items', 'a:\n  env: # kpt-set: ${env}\n  - x\n  # more\n'],
  ])('moves other lines of comments %s above the key of what becomes empty, which can be set again', (_, before) => {
    const empty = 'a:\n  # more\n  env: [] # kpt-set: ${env}\n';
    for (const env of ['', '[]']) expect(apply(before, { env }).fields).toBe(empty);
    expect(apply(empty, { env: '[y]' }).fields).toBe('a:\n  # more\n  env: # kpt-set: ${env}\n  - y\n');
  });

  it('keeps other lines of comments behind brackets that go', () => {
    const run = apply('a:\n  env: [x] # kpt-set: ${env}\n       # more\n', { env: '[y]' });
    expect(run.fields).toBe('a:\n  env: # kpt-set: ${env}\n  - y\n  # more\n');
  });

  it('keeps what stands around the list', () => {
    const before = '# list\nenv: # kpt-set: ${env}\n  # first\n  - a\n# after\nb:   c\n';
    expect(apply(before, { env: '[a, z]' }).fields).toBe(before.replace('  - a\n', '  - a\n  - z\n'));
  });

  it.each([
    ['a text', '${env}', 'text', 'input to array setter must be an array of values, but found "text"'],
    ['several setters', '${env}-${x}', '[a]', 'invalid setter pattern for array node: "${env}-${x}"'],
  ])('refuses %s', (_, pattern, env, message) => {
    const run = apply(`env: # kpt-set: ${pattern}\n- a\n`, { env });
    expect(run.failed).toContain(message);
  });
});

describe('apply-setters configuration', () => {
  it('takes any kind with data', () => {
    const config = functionConfig('apiVersion: x.io/v1\nkind: Setters\nmetadata: {name: s}\ndata: {n: 4}\n');
    expect(runFunction(applySetters, `${head}a: 3 # kpt-set: \${n}\n`, config).text).toContain('a: 4 #');
  });

  it.each([
    ['nothing', undefined],
    ['no data', configMap({})],
    ['an empty mapping', functionConfig('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata: {}\n')],
  ])('has no setters in %s, and leaves all fields alone', (_, config) => {
    const text = `${head}a: 3 # kpt-set: \${n}\n`;
    const run = runFunction(applySetters, text, config);
    expect([run.failed, run.messages, run.text]).toEqual([undefined, ['no matches for input setter(s)'], text]);
  });
});

it('takes no longer for a comment with many references that do not end', { timeout: 30_000 }, () => {
  const open = '${'.repeat(200_000);
  const text = `a: b # kpt-set: \${x}${open}\n`;
  expect(apply(text, { x: 'c' }).text).toBe(`${head}a: c${open} # kpt-set: \${x}${open}\n`);
});
