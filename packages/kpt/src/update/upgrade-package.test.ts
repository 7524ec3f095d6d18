import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { clonedFiles, configMap, type Files, kptfile, packageOf, unmarked, upgrade } from './upgrade.test-support.ts';
import type { UpgradeStrategy } from './upgrade-package.ts';

const a1 = configMap('a', 'v: "1"');
const a2 = configMap('a', 'v: "2"');
const b1 = configMap('b', 'v: "1"');
const mine = configMap('mine', 'v: "1"   # as it is');

const inNamespace = (namespace: string, value: string): string =>
  configMap('a', `v: "${value}"`).replace('  name: a\n', `  name: a\n  namespace: ${namespace}\n`);
const ofKind = (apiVersion: string, kind: string, value: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\nspec:\n  v: "${value}"\n`;

/** What the merged package holds, without its Kptfile and the marks. */
function result(strategy: UpgradeStrategy, old: Files, updated: Files, local: Files | ReadonlyMap<string, string>) {
  const { Kptfile: _, ...files } = Object.fromEntries(upgrade(strategy, { old, updated, local }));
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, unmarked(text)]));
}

describe('resource-merge', () => {
  const merge = (old: Files, updated: Files, local: Files) => result('resource-merge', old, updated, local);

  const files: [rule: string, old: Files, updated: Files, local: Files, merged: Files][] = [
    ['local-only files stay', {}, {}, { 'm.yaml': mine }, { 'm.yaml': mine }],
    ['new upstream files are added', {}, { 'a.yaml': a1 }, {}, { 'a.yaml': a1 }],
    ['unmodified files are updated', { 'a.yaml': a1 }, { 'a.yaml': a2 }, { 'a.yaml': a1 }, { 'a.yaml': a2 }],
    ['unmodified files that upstream deleted go', { 'a.yaml': a1 }, {}, { 'a.yaml': a1 }, {}],
    ['modified files that upstream deleted stay', { 'a.yaml': a1 }, {}, { 'a.yaml': a2 }, { 'a.yaml': a2 }],
    ['locally deleted files stay deleted', { 'a.yaml': a1 }, { 'a.yaml': a2 }, {}, {}],
    [
      'resources of one file have fates of their own',
      { 'f.yaml': [a1, b1, configMap('c', 'v: 1'), configMap('d', 'v: 1')].join('---\n') },
      { 'f.yaml': [a2, configMap('new', 'v: 1'), configMap('c', 'v: 2'), configMap('d', 'v: 1')].join('---\n') },
      { 'f.yaml': [mine, a1, b1, configMap('d', 'v: 1   # same')].join('---\n') },
      { 'f.yaml': [mine, a2, configMap('new', 'v: 1'), configMap('d', 'v: 1   # same')].join('---\n') },
    ],
    [
      'a resource new upstream comes into a file that is gone locally',
      { 'f.yaml': a1 },
      { 'f.yaml': `${a1}---\n${b1}` },
      {},
      { 'f.yaml': b1 },
    ],
    [
      'a resource that both sides added is merged, upstream first',
      { 'f.yaml': a1 },
      { 'f.yaml': `${a1}---\n${configMap('n', 'x: up', 'y: up')}` },
      { 'f.yaml': `${a1}---\n${configMap('n', 'y: mine', 'z: mine')}` },
      { 'f.yaml': `${a1}---\n${configMap('n', 'x: up', 'y: up', 'z: mine')}` },
    ],
    [
      'a file that both sides added is merged, upstream first',
      {},
      { 'n.yaml': configMap('n', 'x: up', 'y: up') },
      { 'n.yaml': configMap('n', 'y: mine', 'z: mine') },
      { 'n.yaml': configMap('n', 'x: up', 'y: up', 'z: mine') },
    ],
    [
      'a file of no resources that both sides added stays',
      {},
      { 't.txt': 'up' },
      { 't.txt': 'mine' },
      { 't.txt': 'mine' },
    ],
    [
      'documents without a resource stay where they are',
      { 'f.yaml': a1 },
      { 'f.yaml': a2 },
      { 'f.yaml': `# why\n---\n${mine}---\n${a1}` },
      { 'f.yaml': `# why\n---\n${mine}---\n${a2}` },
    ],
    [
      'a resource is not found in another file',
      { 'a.yaml': a1 },
      { 'a.yaml': a2 },
      { 'moved.yaml': a1 },
      { 'moved.yaml': a1 },
    ],
    [
      'resources of one name are told apart by namespace, kind and group',
      {
        'f.yaml': [
          a1,
          inNamespace('x', '1'),
          ofKind('v1', 'Secret', '1'),
          ofKind('example.com/v1', 'ConfigMap', '1'),
        ].join('---\n'),
      },
      {
        'f.yaml': [
          a2,
          inNamespace('x', '1'),
          ofKind('v1', 'Secret', '3'),
          ofKind('example.com/v1', 'ConfigMap', '1'),
        ].join('---\n'),
      },
      {
        'f.yaml': [
          a1,
          inNamespace('x', 'mine'),
          ofKind('v1', 'Secret', '1'),
          ofKind('example.com/v1', 'ConfigMap', '1'),
        ].join('---\n'),
      },
      {
        'f.yaml': [
          a2,
          inNamespace('x', 'mine'),
          ofKind('v1', 'Secret', '3'),
          ofKind('example.com/v1', 'ConfigMap', '1'),
        ].join('---\n'),
      },
    ],
    ['other files: updated where unmodified', { 't.txt': '1' }, { 't.txt': '2' }, { 't.txt': '1' }, { 't.txt': '2' }],
    ['other files: kept where modified', { 't.txt': '1' }, { 't.txt': '2' }, { 't.txt': 'x' }, { 't.txt': 'x' }],
    ['other files: deleted where unmodified', { 't.txt': '1' }, {}, { 't.txt': '1' }, {}],
    ['files without resources stay', { 'e.yaml': a1 }, { 'e.yaml': a2 }, { 'e.yaml': '# x\n' }, { 'e.yaml': '# x\n' }],
    ['empty files are added once', {}, { 'e.yaml': '' }, { 'e.yaml': '' }, { 'e.yaml': '' }],
    ['other files: kept where both added one', {}, { 't.txt': '2' }, { 't.txt': 'x' }, { 't.txt': 'x' }],
    [
      'YAML that is no resource is taken as a whole',
      { 'values.yaml': 'a: 1\nb: 1\n' },
      { 'values.yaml': 'a: 2\nb: 1\n' },
      { 'values.yaml': 'a: 1\nb: 3\n' },
      { 'values.yaml': 'a: 1\nb: 3\n' },
    ],
    ...['apiVersion: v1', 'kind: K'].map((half): [string, Files, Files, Files, Files] => [
      `YAML that has ${half} only is taken as a whole`,
      { 'values.yaml': `${half}\na: 1\nb: 1\n` },
      { 'values.yaml': `${half}\na: 2\nb: 1\n` },
      { 'values.yaml': `${half}\na: 1\nb: 3\n` },
      { 'values.yaml': `${half}\na: 1\nb: 3\n` },
    ]),
    [
      'what .krmignore hides need not be YAML',
      { '.krmignore': 't.yaml', 't.yaml': '{{ 1 }}: [' },
      { '.krmignore': 't.yaml', 't.yaml': '{{ 2 }}: [' },
      { '.krmignore': 't.yaml', 't.yaml': '{{ 3 }}: [' },
      { '.krmignore': 't.yaml', 't.yaml': '{{ 3 }}: [' },
    ],
    [
      'JSON resources are merged',
      { 'a.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","y":"1"}}\n' },
      { 'a.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"2","y":"1"}}\n' },
      { 'a.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}\n' },
      {
        'a.json': `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '2' } }, null, 2)}\n`,
      },
    ],
  ];

  it.each(files)('%s', (_, old, updated, local, merged) => {
    expect(merge(old, updated, local)).toEqual(merged);
  });

  it.each(files)('%s, in a clone', (rule, old, updated, local, merged) => {
    if (rule.includes('JSON')) return;
    expect(result('resource-merge', old, updated, clonedFiles(local))).toEqual(merged);
  });

  it('finds a renamed resource by its merge key', () => {
    const local = a1.replace('metadata:\n  name: a', 'metadata: # kpt-merge: /a\n  name: renamed\n  namespace: x');
    const files = upgrade('resource-merge', {
      old: { 'a.yaml': a1 },
      updated: { 'a.yaml': a2 },
      local: { 'a.yaml': local },
    });
    expect(parse(files.get('a.yaml') ?? '')).toEqual({
      ...parse(local),
      metadata: {
        name: 'renamed',
        namespace: 'x',
        annotations: { 'internal.kpt.dev/upstream-identifier': '|ConfigMap|default|a' },
      },
      data: { v: '2' },
    });
  });

  it('merges a change of apiVersion within the group', () => {
    const ingress = (version: string, spec: string) =>
      `apiVersion: networking.k8s.io/${version}\nkind: Ingress\nmetadata:\n  name: i\nspec:\n  x: ${spec}\n`;
    const merged = merge(
      { 'i.yaml': ingress('v1beta1', '1') },
      { 'i.yaml': ingress('v1', '1') },
      { 'i.yaml': ingress('v1beta1', '2') },
    );
    expect(merged).toEqual({ 'i.yaml': ingress('v1', '2') });
  });

  it('does not mind a definition that cannot be parsed in a file that is gone locally', () => {
    const broken = '{{ if }}\nkind: CustomResourceDefinition\n';
    const thing = (v: string, w: string) => ofKind('example.com/v1', 'Thing', v).replace('spec:', `spec:\n  w: ${w}`);
    const merged = merge(
      { 'crd.yaml': broken, 'a.yaml': thing('1', 'one') },
      { 'crd.yaml': broken, 'a.yaml': thing('2', 'one') },
      { 'a.yaml': thing('1', 'mine') },
    );
    expect(merged).toEqual({ 'a.yaml': thing('2', 'mine') });
  });

  it('names the file and the side of resources that cannot be told apart', () => {
    const twice = `${a1}---\n${a1}`;
    const attempt = () => merge({ 'f.yaml': a1 }, { 'f.yaml': a2 }, { 'f.yaml': twice });
    expect(attempt).toThrow(/file "f.yaml" of the local package holds two resources.*ConfigMap "a"/);
  });

  it('names the file, the side and the line of what is no YAML', () => {
    const attempt = () => merge({ 'f.yaml': a1 }, { 'f.yaml': 'a: 1\n  b: 2\n' }, { 'f.yaml': mine });
    expect(attempt).toThrow(/file "f.yaml" of the new upstream package cannot be merged: yaml: line 1: .*\.krmignore/);
  });

  it('refuses a file below what is a file locally', () => {
    expect(() => merge({}, { 'x/a.txt': '' }, { x: '' })).toThrow('file "x/a.txt" cannot be added: "x" is a file');
  });
});

describe('resource-merge of subpackages', () => {
  const merge = (old: Files, updated: Files, local: Files) => result('resource-merge', old, updated, local);
  const sub = (file: string, more: Files = {}): Files => ({ 's/Kptfile': kptfile('s'), 's/a.yaml': file, ...more });

  it.each<[rule: string, old: Files, updated: Files, local: Files, merged: Files]>([
    ['added upstream', {}, sub(a1), {}, sub(a1)],
    ['added locally', {}, {}, sub(a1), sub(a1)],
    ['deleted locally, with what upstream puts below', sub(a1), sub(a2, { 's/t/Kptfile': kptfile('t') }), {}, {}],
    ['deleted upstream, unmodified', sub(a1), {}, sub(a1), {}],
    ['deleted upstream, one file added', sub(a1), {}, sub(a1, { 's/b.yaml': b1 }), sub(a1, { 's/b.yaml': b1 })],
    ['deleted upstream, one file modified', sub(a1), {}, sub(a2, { 's/b.yaml': b1 }), sub(a2, { 's/b.yaml': b1 })],
    [
      'deleted upstream, with one below that is unmodified, whichever name comes first',
      sub(a1, { 's/1/Kptfile': kptfile('one') }),
      {},
      sub(a2, { 's/1/Kptfile': kptfile('one') }),
      sub(a2, { 's/1/Kptfile': kptfile('one') }),
    ],
    ['a plain directory upstream by now', sub(a1), { 's/a.yaml': a2 }, sub(a1), { 's/a.yaml': a2 }],
    [
      'a plain directory upstream by now, with a Kptfile that is modified',
      sub(a1),
      { 's/a.yaml': a2 },
      sub(a1, { 's/Kptfile': kptfile('mine') }),
      sub(a2, { 's/Kptfile': kptfile('mine') }),
    ],
    ['changed on both sides', sub(a1), sub(a2), sub(a1, { 's/m.yaml': mine }), sub(a2, { 's/m.yaml': mine })],
  ])('%s', (_, old, updated, local, merged) => {
    expect(merge(old, updated, local)).toEqual(merged);
  });

  it('are refused where both sides added one, unless it is the same', () => {
    expect(() => merge({}, sub(a1), sub(a2))).toThrow('subpackage "s" added in both upstream and local');
    expect(merge({}, sub(a1), sub(a1))).toEqual(sub(a1));
  });

  it('stay as they are where they have an upstream of their own, whatever the strategy', () => {
    const own = { ...sub(a1), 's/Kptfile': kptfile('s', 'upstream:\n  type: git\n') };
    for (const strategy of ['resource-merge', 'force-delete-replace', 'copy-merge', 'fast-forward'] as const) {
      expect(result(strategy, sub(a1), { ...sub(a2), 'n.txt': '' }, own)).toEqual({ ...own, 'n.txt': '' });
    }
  });

  it('are merged where they only know where they came from', () => {
    const cloned = Object.fromEntries(clonedFiles(sub(a1)));
    expect(cloned['s/Kptfile']).toContain('upstream');
    expect(merge(sub(a1), sub(a2), cloned)['s/a.yaml']).toBe(a2);
  });

  it('come in where upstream makes one of a directory whose files are gone locally', () => {
    const merged = merge({ 's/old.txt': '' }, sub(a1, { 's/old.txt': '' }), {});
    expect(Object.keys(merged)).toEqual(['s/Kptfile', 's/a.yaml']);
  });

  it('keep every byte of a Kptfile that upstream did not change, also where it cannot be read', () => {
    for (const own of [kptfile('mine', '# as it is\n'), kptfile('mine', 'unknown: 1\n')]) {
      const files = upgrade('resource-merge', {
        old: sub(a1),
        updated: sub(a2),
        local: { ...sub(a1), 's/Kptfile': own },
      });
      expect(files.get('s/Kptfile')).toBe(own);
    }
  });

  it('become packages upstream without loss of local changes', () => {
    const merged = merge({ 's/a.yaml': a1 }, sub(a1, { 's/b.yaml': b1 }), { 's/a.yaml': a2 });
    expect(merged).toEqual(sub(a2, { 's/b.yaml': b1 }));
  });
});

describe('fast-forward', () => {
  const old = { 'a.yaml': a1, 't.txt': '1', 'gone.yaml': b1 };
  const updated = { 'a.yaml': a2, 't.txt': '2', 'n.yaml': mine };

  it('takes upstream as it is where nothing was changed', () => {
    expect(result('fast-forward', old, updated, clonedFiles(old))).toEqual(updated);
  });

  it('does not mind formatting, merge keys, name, upstream and render status', () => {
    const status =
      'status:\n  conditions:\n    - type: Rendered\n      status: "True"\n  renderStatus:\n    errorSummary: x\n';
    const own = kptfile('down', `upstream:\n  type: git\nupstreamLock:\n  type: git\n${status}`);
    const local = {
      ...old,
      Kptfile: own,
      'a.yaml': 'kind:   ConfigMap\napiVersion: v1\ndata: {v: "1"}\nmetadata: {name: a}\n',
    };
    expect(result('fast-forward', old, updated, local)).toEqual(updated);
    const files = upgrade('fast-forward', { old, updated, local });
    expect(parse(files.get('Kptfile') ?? '').status).toBeUndefined();
  });

  it.each<[string, Files]>([
    ['a.yaml', { ...old, 'a.yaml': a2 }],
    ['a.yaml', { ...old, 'a.yaml': a1.replace('v: "1"', 'v: "1" # why') }],
    ['a.yaml', { ...old, 'a.yaml': a1.replace('name: a', 'name: mine') }],
    ['t.txt', { ...old, 't.txt': '3' }],
    ['mine.txt', { ...old, 'mine.txt': '' }],
    ['gone.yaml', { 'a.yaml': a1, 't.txt': '1' }],
    ['Kptfile', { ...old, Kptfile: kptfile('down', 'info:\n  description: mine\n') }],
    ['Kptfile', { ...old, Kptfile: kptfile('down', 'status: {conditions: [{type: Rendered}, {type: Mine}]}\n') }],
    ['a.yaml, t.txt', { ...old, 'a.yaml': a2, 't.txt': '3' }],
  ])('is refused for a change of %s', (paths, local) => {
    expect(() => result('fast-forward', old, updated, local)).toThrow(
      `local package files have been modified: [${paths}]`,
    );
  });
});

describe('force-delete-replace and copy-merge', () => {
  const old = { 'a.yaml': a1, 'gone.txt': '1', 'same.txt': '1' };
  const updated = { 'a.yaml': a2, 'same.txt': '1', 'n/new.txt': '' };
  const local = { 'a.yaml': mine, 'gone.txt': 'changed', 'same.txt': 'changed', 'mine.txt': 'mine' };

  it('take all of upstream and drop the rest', () => {
    expect(result('force-delete-replace', old, updated, local)).toEqual(updated);
  });

  it('take all of upstream and keep what only the local package has', () => {
    expect(result('copy-merge', old, updated, local)).toEqual({ ...updated, 'mine.txt': 'mine' });
  });

  it('merge the Kptfile and mark resources', () => {
    const versions = {
      old: { ...old, Kptfile: kptfile('up', 'info:\n  description: one\n') },
      updated: { ...updated, Kptfile: kptfile('up', 'info:\n  description: two\n') },
      local: { ...local, Kptfile: kptfile('down', 'info:\n  site: mine\n') },
    };
    for (const strategy of ['force-delete-replace', 'copy-merge'] as const) {
      const files = upgrade(strategy, versions);
      expect(parse(files.get('Kptfile') ?? '')).toMatchObject({
        metadata: { name: 'down' },
        info: { site: 'mine', description: 'two' },
      });
      expect(files.get('a.yaml')).toContain('metadata: # kpt-merge: /a\n');
    }
  });
});

describe('any strategy', () => {
  it('names the package that has no Kptfile', () => {
    const none = packageOf({});
    none.delete('Kptfile');
    expect(() => upgrade('copy-merge', { old: {}, updated: {}, local: none })).toThrow(
      'the local package has no Kptfile',
    );
  });

  it('points the Kptfile at the new upstream and keeps its update strategy', () => {
    const own = kptfile(
      'down',
      'upstream:\n  type: git\n  git: {repo: x, directory: y, ref: z}\n  updateStrategy: copy-merge\n',
    );
    const files = upgrade('resource-merge', { old: {}, updated: {}, local: { Kptfile: own } });
    const git = { repo: 'https://git.example/up.git', directory: 'pkg', ref: 'pkg/v2' };
    expect(parse(files.get('Kptfile') ?? '')).toMatchObject({
      metadata: { name: 'down' },
      upstream: { type: 'git', git, updateStrategy: 'copy-merge' },
      upstreamLock: { type: 'git', git: { ...git, commit: 'c2' } },
    });
  });
});
