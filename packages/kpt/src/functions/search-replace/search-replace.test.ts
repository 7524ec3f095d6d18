import { describe, expect, it } from 'vitest';
import { configMap, runFunction } from '../../testing/run-function.ts';
import { searchReplace } from './search-replace.ts';

const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment # the name
spec:
  replicas: 3
  foo: 3
  list: [a, b]
  containers:
  - name: one
    image: "nginx:1"
  - name: two
    image: redis:2
`;

function search(config: Record<string, string>, path = 'app/resources.yaml') {
  return runFunction(searchReplace, text, configMap(config), path);
}

function found(config: Record<string, string>): (string | undefined)[] {
  return search(config).results.map((result) => result.field?.path);
}

describe('search-replace matching', () => {
  it.each([
    [{ 'by-value': '3' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': 'nginx' }, []],
    [{ 'by-value-regex': 'nginx' }, ['metadata.name', 'spec.containers[0].image']],
    [{ 'by-value-regex': '^[0-9]+$' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-path': 'spec.replicas' }, ['spec.replicas']],
    [{ 'by-path': 'spec.*' }, ['spec.replicas', 'spec.foo', 'spec.list[0]', 'spec.list[1]']],
    [{ 'by-path': '**.name' }, ['metadata.name', 'spec.containers[0].name', 'spec.containers[1].name']],
    [{ 'by-path': '**.containers[*].image' }, ['spec.containers[0].image', 'spec.containers[1].image']],
    [{ 'by-path': 'spec.containers[1].image' }, ['spec.containers[1].image']],
    [{ 'by-path': 'spec.*[1].image' }, ['spec.containers[1].image']],
    [{ 'by-path': 'spec.containers[name=two].image' }, ['spec.containers[1].image']],
    [{ 'by-path': 'spec.list[*]' }, ['spec.list[0]', 'spec.list[1]']],
    [{ 'by-path': 'spec.list[=b]' }, ['spec.list[1]']],
    [{ 'by-path': 'spec.list[2]' }, []],
    [{ 'by-path': 'spec.foo', 'by-value': '3' }, ['spec.foo']],
    [{ 'by-path': 'spec.foo', 'by-value': '4' }, []],
    [{ 'by-value': '3', 'by-file-path': 'app/*.yaml' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': '3', 'by-file-path': '*.yaml' }, []],
    [{ 'by-value': '3', 'by-file-path': '**/{resources,other}.y?ml' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': '3', 'by-file-path': '{other,**/resources}.yaml' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': '3', 'by-file-path': '{**/app,other}/resources.yaml' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': '3', 'by-file-path': 'app/{other,**}' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': '3', 'by-file-path': '[^b]pp/**' }, ['spec.replicas', 'spec.foo']],
    [{ 'by-value': '3', 'by-file-path': '[a-c]pp/resources\\.yaml' }, ['spec.replicas', 'spec.foo']],
  ])('%j finds %j', (config, paths) => {
    const run = search(config);
    expect(run.text).toBe(text);
    if (paths.length === 0) expect(run.results).toEqual([{ message: 'no matches' }]);
    else expect(found(config)).toEqual(paths);
  });

  it('reports value, field and file', () => {
    expect(search({ 'by-path': 'metadata.name' }).results).toEqual([
      {
        message: 'Matched field value "nginx-deployment # the name"',
        field: { path: 'metadata.name' },
        file: { path: 'app/resources.yaml' },
      },
    ]);
  });

  it('has nothing to find without matchers', () => {
    expect(search({}).messages).toEqual(['no matches']);
    expect(search({ 'put-value': 'x' }).messages).toEqual(['no matches']);
    expect(runFunction(searchReplace, text).messages).toEqual(['no matches']);
  });
});

describe('search-replace putting', () => {
  it.each([
    [{ 'by-value': '3', 'by-path': 'spec.replicas', 'put-value': '4' }, 'replicas: 3', 'replicas: 4'],
    [{ 'by-path': 'spec.replicas', 'put-value': 'four' }, 'replicas: 3', 'replicas: four'],
    [{ 'by-value': 'one', 'put-value': '4' }, 'name: one', 'name: 4'],
    [{ 'by-value': 'nginx:1', 'put-value': '4' }, '"nginx:1"', '"4"'],
    [{ 'by-value': 'redis:2', 'put-value': '7.10' }, 'redis:2', '7.10'],
    [{ 'by-path': 'spec.list[1]', 'put-value': 'c' }, '[a, b]', '[a, c]'],
    [{ 'by-value-regex': '(\\w+)-deployment', 'put-value': '${1}-x' }, 'nginx-deployment #', 'nginx-x #'],
    [{ 'by-path': 'metadata.namespace', 'put-value': 'ns' }, '# the name\n', '# the name\n  namespace: ns\n'],
    [{ 'by-path': 'spec.a.b', 'put-value': '5' }, 'redis:2\n', 'redis:2\n  a:\n    b: 5\n'],
    [
      { 'by-path': 'metadata.annotations.example.com/a', 'put-value': '5' },
      '# the name\n',
      '# the name\n  annotations:\n    example.com/a: 5\n',
    ],
    [{ 'by-path': 'spec.foo', 'put-value': '4', 'put-comment': 'c\n' }, 'foo: 3', 'foo: 4 # c'],
    [
      { 'by-value-regex': 'redis:(.*)', 'put-comment': 'kpt-set: redis:${1}' },
      'redis:2\n',
      'redis:2 # kpt-set: redis:2\n',
    ],
    [{ 'by-path': 'metadata.name', 'put-comment': 'new' }, '# the name', '# new'],
    [{ 'by-value': 'one', 'put-value': 'uno', 'put-comment': 'number' }, 'name: one\n', 'name: uno # number\n'],
    [{ 'by-path': 'spec.list', 'put-comment': 'kpt-set: ${l}' }, 'list: [a, b]', 'list: # kpt-set: ${l}\n  - a\n  - b'],
    [{ 'by-path': '**.containers', 'put-comment': 'c' }, 'containers:\n', 'containers: # c\n'],
    [{ 'by-path': 'metadata.name', 'put-comment': '# kpt-set: ${n}' }, '# the name', '# kpt-set: ${n}'],
    [{ 'by-path': 'spec.list', 'put-comment': '#c' }, 'list: [a, b]', 'list: # c\n  - a\n  - b'],
  ])('%j', (config, before, after) => {
    const run = search(config);
    expect(run.failed).toBeUndefined();
    expect(run.text).toBe(text.replace(before, () => after));
    expect(run.messages[0]).toMatch(/^Mutated field value to "/);
  });

  it('takes a null for the word that stands there', () => {
    const nulls = 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\nx: null\ny: ~\nz:\ne: ""\n';
    const put = (config: Record<string, string>) =>
      runFunction(searchReplace, nulls, configMap({ ...config, 'put-value': 'new' })).text;
    expect(put({ 'by-value': 'null' })).toBe(nulls.replace('null', 'new'));
    expect(put({ 'by-value': '~' })).toBe(nulls.replace('~', 'new'));
    expect(put({ 'by-value-regex': '^$' })).toBe(nulls.replace('z:', 'z: new').replace('""', '"new"'));
  });

  it('finds fields with dots in their keys', () => {
    const config = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n${data}`;
    const run = runFunction(
      searchReplace,
      config('  app.conf: old # c\n'),
      configMap({ 'by-path': 'data.app.conf', 'put-value': 'new' }),
    );
    expect(run.text).toBe(config('  app.conf: new # c\n'));
  });

  it('puts no comments into JSON files', () => {
    const json = '{"apiVersion": "v1", "kind": "Foo", "metadata": {"name": "a"}, "x": "y"}\n';
    const put = (config: Record<string, string>) => runFunction(searchReplace, json, configMap(config), 'a.json');
    const run = put({ 'by-path': 'x', 'put-comment': 'c' });
    expect(run.text).toBe(json);
    expect(run.messages).toEqual(['Matched field value "\\"y\\""']);
    expect(put({ 'by-value': 'y', 'put-comment': 'c', 'put-value': 'z' }).text).toContain('"x": "z"');
  });

  it('gives a Kptfile no field that none has', () => {
    const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
    const put = (path: string) => runFunction(searchReplace, kptfile, configMap({ 'by-path': path, 'put-value': 'x' }));
    expect(put('spec.replicas').text).toBe(kptfile);
    expect(put('spec.replicas').messages).toEqual(['no matches']);
    expect(put('metadata.namespace').text).toBe(`${kptfile}  namespace: x\n`);
  });

  it('reports lists by the given path and the comment', () => {
    expect(search({ 'by-path': 'spec.list', 'put-comment': 'c' }).results[0]).toMatchObject({
      message: 'Mutated field value to "[a, b]"',
      field: { path: 'spec.list # c' },
    });
  });
});

describe('search-replace refusals', () => {
  it.each([
    [
      { 'by-foo': 'x' },
      'invalid matcher "by-foo", must be one of ["by-value" "by-file-path" "by-value-regex" "by-path" "put-value" "put-comment"]',
    ],
    [{ 'by-value': 'x', 'by-value-regex': 'y' }, 'only one of ["by-value", "by-value-regex"] can be provided'],
    [{ 'by-value-regex': '(' }, 'failed to compile by-value-regex "(": error parsing regexp: missing closing ): `(`'],
    [{ 'by-value-regex': '(?=x)' }, 'failed to compile by-value-regex "(?=x)"'],
    [{ 'by-value-regex': 'red(.*)', 'put-value': '${2}' }, 'unable to resolve capture groups'],
    [{ 'by-value': '3', 'by-file-path': '{a' }, 'syntax error in pattern "{a" of by-file-path'],
    [{ 'by-value': '3', 'by-file-path': '[a' }, 'syntax error in pattern "[a" of by-file-path'],
    [{ 'by-path': 'spec.replicas.x', 'put-value': 'x' }, 'spec.replicas'],
    [{ 'by-path': 'spec.foo', 'put-comment': 'a\nb' }, 'a comment must be one line, not "a\\nb"'],
  ])('%j: %s', (config, message) => {
    const run = search(config);
    expect(run.failed).toContain(message);
    expect(run.results).toEqual([
      {
        message: `failed to perform search-replace operation: ${JSON.stringify(run.failed)}`,
        severity: 'error',
      },
    ]);
  });

  it('is not slowed down by expressions that take others exponential time', () => {
    const long = `apiVersion: v1\nkind: Foo\nmetadata:\n  name: ${'a'.repeat(5000)}\n`;
    const run = runFunction(searchReplace, long, configMap({ 'by-value-regex': '^(a+)+$x' }));
    expect(run.messages).toEqual(['no matches']);
  });
});

describe('search-replace in endless texts', () => {
  const long = 1_000_000;
  const one = { 'by-path': 'spec.foo' };

  it('looks for a path of brackets that do not end', () => {
    expect(found({ 'by-path': '[<'.repeat(100_000) })).toEqual([undefined]);
  });

  it('refuses a comment with an empty line after many', () => {
    const { failed } = search({ ...one, 'put-comment': `a${'\n'.repeat(long)}b` });
    expect(failed).toMatch(/^a comment must be one line/);
  });

  it('puts a text with much space in it', () => {
    expect(search({ ...one, 'put-value': `a${' '.repeat(long)}b` }).results).toHaveLength(1);
  });
});
