import { describe, expect, it } from 'vitest';
import { objectsOf, runFunction } from '../../testing/run-function.ts';
import { functionFailure } from '../reporting.ts';
import { config } from './apply-replacements.test-support.ts';
import { applyReplacements } from './apply-replacements.ts';

const resources = `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
data:
  nothing: ""
  text: new # comment
  number: "18"
  parts: a/b/c
  a.b/c: dotted
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: target
  namespace: ns
  labels: {app: x}
  annotations: {tier: one}
spec:
  replicas: 3 # count
  quoted: "old"
  path: x/y/z
  empty:
  containers:
  - name: nginx
    image: nginx:1
  - name: sidecar
    image: redis:2 # cache
`;

function configOf(fieldPath: string, targetPath: string, options = '', sourceOptions = '') {
  return config(
    `- source: {kind: ConfigMap, name: source, fieldPath: '${fieldPath}', options: {${sourceOptions}}}\n` +
      `  targets:\n  - select: {kind: Deployment}\n    fieldPaths: ['${targetPath}']\n    options: {${options}}\n`,
  );
}

function replace(...of: Parameters<typeof configOf>) {
  return runFunction(applyReplacements, resources, configOf(...of));
}

describe('apply-replacements fields', () => {
  it.each([
    ['data.text', 'spec.quoted', '', 'quoted: "old"', 'quoted: "new"'],
    ['data.number', 'spec.replicas', '', 'replicas: 3 # count', 'replicas: 18 # count'],
    ['data.number', 'metadata.name', '', 'name: target', 'name: "18"'],
    ['data.[a.b/c]', 'spec.quoted', '', '"old"', '"dotted"'],
    ['data.a\\.b/c', 'spec.quoted', '', '"old"', '"dotted"'],
    ['data.text', 'spec.containers.[name=sidecar].image', '', 'image: redis:2 # cache', 'image: new # cache'],
    ['data.text', 'spec.containers.0.image', '', 'image: nginx:1', 'image: new'],
    [
      'data.text',
      'spec.containers.*.image',
      '',
      'nginx:1\n  - name: sidecar\n    image: redis:2',
      'new\n  - name: sidecar\n    image: new',
    ],
    ['data.text', 'metadata.annotations.tier', '', 'tier: one', 'tier: new'],
    ['data.text', 'spec.path', 'delimiter: /', 'x/y/z', 'new/y/z'],
    ['data.text', 'spec.path', 'delimiter: /, index: 1', 'x/y/z', 'x/new/z'],
    ['data.text', 'spec.path', 'delimiter: /, index: -1', 'x/y/z', 'new/x/y/z'],
    ['data.text', 'spec.path', 'delimiter: /, index: 7', 'x/y/z', 'x/y/z/new'],
    ['data.text', 'spec.added.deep', 'create: true', 'redis:2 # cache\n', 'redis:2 # cache\n  added:\n    deep: new\n'],
    ['data.number', 'spec.added', 'create: true', 'redis:2 # cache\n', 'redis:2 # cache\n  added: "18"\n'],
    ['data.text', 'spec.empty', '', 'empty:\n', 'empty: new\n'],
    ['data.nothing', 'spec.empty', '', 'empty:\n', 'empty: ""\n'],
    ['data.nothing', 'spec.quoted', '', '"old"', '""'],
    ['data.nothing', 'spec.path', 'delimiter: /', 'x/y/z', '/y/z'],
    [
      'data.text',
      'spec.containers.[name=third].image',
      'create: true',
      'redis:2 # cache\n',
      'redis:2 # cache\n  - name: third\n    image: new\n',
    ],
    ['data.text', 'spec.args.[=x]', 'create: true', 'redis:2 # cache\n', 'redis:2 # cache\n  args:\n  - new\n'],
    ['.data.text', 'spec.quoted', '', '"old"', '"new"'],
    ['data.text', 'spec.args.0.a.0', 'create: true', '# cache\n', '# cache\n  args:\n  - a:\n    - new\n'],
    ['data.text', 'spec.args.0', 'create: true', 'redis:2 # cache\n', 'redis:2 # cache\n  args:\n  - new\n'],
  ])('%s to %s {%s}', (from, to, options, before, after) => {
    const run = replace(from, to, options);
    expect(run.failed).toBeUndefined();
    expect(run.results).toEqual([]);
    expect(run.text).toBe(resources.replace(before, () => after));
  });

  it.each([
    ['spec.containers.[name=sidecar].image', 'redis:2'],
    ['spec.args.[=-v]', '-v'],
    ['spec.args.1', '-v'],
    ['spec.args.-', 'last'],
  ])('takes the element of a list that %s means', (fieldPath, value) => {
    const more = resources.replace('  containers:', '  args: [first, -v, last]\n  containers:');
    const from = `{kind: Deployment, fieldPath: '${fieldPath}'}`;
    const to = '{select: {kind: ConfigMap}, fieldPaths: [data.text]}';
    const run = runFunction(applyReplacements, more, config(`- source: ${from}\n  targets: [${to}]\n`));
    expect(run.failed).toBeUndefined();
    expect(objectsOf(run.text)[0]?.getString(['data', 'text'])).toBe(value);
  });

  it('takes a part of the source', () => {
    expect(replace('data.parts', 'spec.quoted', '', 'delimiter: /, index: 1').text).toContain('quoted: "b"');
  });

  it('copies whole structures with comments and quotes', () => {
    const run = runFunction(
      applyReplacements,
      resources,
      config(
        '- source: {kind: Deployment, fieldPath: spec.containers}\n' +
          '  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [data.list]\n    options: {create: true}\n',
      ),
    );
    const list = '  list:\n  - name: nginx\n    image: nginx:1\n  - name: sidecar\n    image: redis:2 # cache\n';
    expect(run.text).toBe(resources.replace('dotted\n', `dotted\n${list}`));
  });

  it('makes an element that is looked for once, whatever the value means as a regular expression', () => {
    const made = replace('data.text', 'spec.containers.[name=a+b].image', 'create: true').text;
    expect(made).toContain('  - name: a+b\n    image: new\n');
    const again = runFunction(
      applyReplacements,
      made,
      configOf('data.text', 'spec.containers.[name=a+b].image', 'create: true'),
    );
    expect(again.text).toBe(made);
  });

  describe('that are aliases', () => {
    const shared = 'base: &base\n  a: 1 # a\n  b: 2\ncopy: *base # c\nlist: [&one 1, *one]\n';
    const change = (value: string, path: string, options = '') =>
      runFunction(
        applyReplacements,
        `apiVersion: a.b/v1\nkind: Foo\nmetadata:\n  name: f\n${shared}`,
        config(
          `- sourceValue: ${value}\n  targets:\n  - {select: {kind: Foo}, fieldPaths: ['${path}'], options: {${options}}}\n`,
        ),
      ).text.replace(/^[^]* {2}name: f\n/, '');
    const written = 'copy: # c\n  a: 1 # a\n  b: 2\n';
    it.each([
      ['7', 'copy.a', '', shared.replace('copy: *base # c\n', written.replace('1', '7'))],
      ['7', 'copy.z', 'create: true', shared.replace('copy: *base # c\n', `${written}  z: "7"\n`)],
      ['7', 'list.1', '', shared.replace('*one', '7')],
      ['7', 'list.*', '', shared.replace('&one 1, *one', '&one 7, 7')],
      ['1', 'copy.a', '', shared],
      ['1', 'list.1', '', shared],
    ])('change at their own place: %s at %s {%s}', (value, path, options, after) => {
      expect(change(value, path, options)).toBe(after);
    });
  });

  it('get what stands below the key of the source, without the comment beside that', () => {
    const text =
      'apiVersion: a.b/v1\nkind: Foo\nmetadata:\n  name: f\nfrom: # key\n# head\n- x: 1 # one\nto:\n- a # a\n- b\n';
    const source = '- source: {kind: Foo, fieldPath: from}\n  targets:\n';
    const run = runFunction(
      applyReplacements,
      text,
      config(`${source}  - {select: {kind: Foo}, fieldPaths: [to.1]}\n`),
    );
    expect(run.text).toBe(text.replace('- b\n', '# head\n- - x: 1 # one\n'));
  });

  it('keep the comment beside them when they become blocks', () => {
    const run = runFunction(
      applyReplacements,
      resources,
      config(
        '- source: {kind: Deployment, fieldPath: metadata.labels}\n' +
          '  targets:\n  - {select: {kind: ConfigMap}, fieldPaths: [data.text]}\n' +
          '- source: {kind: Deployment, fieldPath: spec.containers}\n' +
          '  targets:\n  - {select: {kind: Deployment}, fieldPaths: [spec.replicas]}\n',
      ),
    );
    expect(run.text).toContain('text: {app: x} # comment\n');
    expect(run.text).toContain('  replicas: # count\n  - name: nginx\n');
  });

  it('uses metadata.name where no path is given, and fixed values', () => {
    const run = runFunction(
      applyReplacements,
      resources,
      config(
        '- source: {kind: Deployment}\n  targets:\n  - select: {kind: ConfigMap}\n' +
          "- sourceValue: '7'\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [spec.replicas]\n",
      ),
    );
    expect(run.text).toBe(resources.replace('name: source', 'name: target').replace('replicas: 3', 'replicas: 7'));
  });

  it('takes numbers as they are written', () => {
    const run = runFunction(
      applyReplacements,
      resources,
      config('- sourceValue: 1.50\n  targets:\n  - {select: {kind: Deployment}, fieldPaths: [spec.quoted]}\n'),
    );
    expect(run.text).toBe(resources.replace('"old"', '"1.50"'));
  });

  it.each([
    ['spec.nope', '', 'unable to find field "spec.nope" in replacement target'],
    ['spec.containers.[name=nope].image', '', 'unable to find field'],
    ['spec.containers.5.image', '', 'index 5 specified but only 2 elements found'],
    ['spec.containers.5.image', 'create: true', 'index 5 specified but only 2 elements found'],
    ['spec.none.*.x', 'create: true', 'unable to find or create field "spec.none.*.x" in replacement target'],
    ['spec.replicas.x', '', 'field path "spec.replicas.x" asks for key "x" of a scalar'],
    ['spec.containers', 'delimiter: /', 'delimiter option can only be used with scalar nodes'],
    ['spec.*', '', 'asks for `*` of a mapping'],
    ...['name', '0x'].map((key) => [`spec.containers.${key}`, '', `asks for key "${key}" of a list`]),
  ])('refuses the target %s {%s}', (path, options, message) => {
    const run = replace('data.text', path, options);
    expect(run.failed).toBe(functionFailure);
    expect(run.results).toHaveLength(1);
    expect(run.results[0]).toMatchObject({ severity: 'error', message: expect.stringContaining(message) });
    expect(run.messages[0]).toMatch(/^replacements\[0\]: Deployment target \(resources\.yaml\): /);
  });

  it.each([
    [
      'data.nope',
      '',
      'fieldPath `data.nope` is missing for replacement source ConfigMap.[noVer].[noGrp]/source.[noNs]',
    ],
    ['data.parts', 'delimiter: /, index: -1', 'options.index -1 is out of bounds for value a/b/c'],
    ['data.parts', 'delimiter: /, index: 9', 'options.index 9 is out of bounds for value a/b/c'],
    ['data', 'delimiter: /', 'delimiter option can only be used with scalar nodes'],
    ['data.*', '', '`*` means several'],
  ])('refuses the source %s {%s}', (path, options, message) => {
    expect(replace(path, 'spec.quoted', '', options).messages[0]).toContain(message);
  });
});

describe('apply-replacements selection', () => {
  const names = ['a', 'b', 'c'];
  const objects = names
    .map(
      (name, index) =>
        `apiVersion: ${index === 2 ? 'x.io/v2' : 'apps/v1'}\nkind: Foo\nmetadata:\n  name: ${name}\n` +
        `${index === 0 ? '' : `  namespace: n${index}\n`}  labels:\n    l: v${index}\n  annotations:\n    note: ${name}\nvalue: old\n`,
    )
    .join('---\n');

  function changed(target: string): string[] {
    const run = runFunction(
      applyReplacements,
      objects,
      config(`- sourceValue: new\n  targets:\n  - {${target}, fieldPaths: [value]}\n`),
    );
    expect(run.failed).toBeUndefined();
    return objectsOf(run.text)
      .filter((object) => object.getString(['value']) === 'new')
      .map((object) => object.name);
  }

  it.each([
    ['select: {}', ['a', 'b', 'c']],
    ['select: {kind: Foo}', ['a', 'b', 'c']],
    ['select: {kind: Bar}', []],
    ['select: {name: b}', ['b']],
    ['select: {group: apps}', ['a', 'b']],
    ['select: {version: v2}', ['c']],
    ['select: {namespace: n1}', ['b']],
    ['select: {namespace: default}', ['a']],
    ['select: {labelSelector: l=v1}', ['b']],
    ['select: {labelSelector: "l in (v0, v2)"}', ['a', 'c']],
    ['select: {labelSelector: "l notin (v0),l"}', ['b', 'c']],
    ['select: {labelSelector: "!l"}', []],
    ['select: {annotationSelector: note!=a}', ['b', 'c']],
    ['select: {kind: Foo}, reject: [{name: a}, {namespace: n2}]', ['b']],
    ['select: {kind: Foo}, reject: [{labelSelector: l=v1}]', ['a', 'c']],
    ['select: {kind: Foo}, reject: [{}]', ['a', 'b', 'c']],
  ])('%s', (target, expected) => {
    expect(changed(target)).toEqual(expected);
  });

  it('finds objects by the names they had', () => {
    const renamed = objects.replace('note: a', 'internal.config.kubernetes.io/previousNames: first,z');
    const run = runFunction(
      applyReplacements,
      renamed,
      config('- sourceValue: new\n  targets:\n  - {select: {name: first}, fieldPaths: [value]}\n'),
    );
    expect(run.text).toBe(renamed.replace('value: old', 'value: new'));
  });

  it.each([
    ['{kind: Foo}', 'multiple matches for selector Foo.[noVer].[noGrp]/[noName].[noNs]'],
    ['{kind: Bar, version: v1, group: g, name: n, namespace: s}', 'nothing selected by Bar.v1.g/n.s'],
  ])('refuses the source %s', (source, message) => {
    const run = runFunction(
      applyReplacements,
      objects,
      config(`- source: ${source}\n  targets:\n  - {select: {name: a}, fieldPaths: [value]}\n`),
    );
    expect(run.messages).toEqual([`replacements[0]: ${message}`]);
  });
});
