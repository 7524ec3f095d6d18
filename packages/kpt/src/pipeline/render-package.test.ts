import { describe, expect, it } from 'vitest';
import { summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import { kptfile, render, runtime, service, stampOf } from './render-package.test-support.ts';
import { renderPackage } from './render-package.ts';

describe('rendering', () => {
  it('runs packages below first and gives parents what is below them', async () => {
    const { files, result, error } = await render({
      Kptfile: kptfile('  mutators:\n  - image: stamp\n    configMap: {stamp: root}\n'),
      'a.yaml': service('a'),
      'db/Kptfile': kptfile('  mutators:\n  - image: stamp\n    configMap: {stamp: db}\n'),
      'db/b.yaml': service('b'),
    });
    expect(error).toBeUndefined();
    expect(stampOf(files.get('a.yaml'))).toBe('root');
    expect(stampOf(files.get('db/b.yaml'))).toBe('dbroot');
    expect(result.items).toEqual([
      {
        image: 'example.io/fn/stamp:latest',
        exitCode: 0,
        results: [{ message: 'stamped 2', severity: 'info', file: { path: 'x' } }],
      },
      {
        image: 'example.io/fn/stamp:latest',
        exitCode: 0,
        results: [{ message: 'stamped 4', severity: 'info', file: { path: 'x' } }],
      },
    ]);
  });

  it('runs parents first where the root asks for it', async () => {
    const { files } = await render({
      Kptfile: kptfile(
        '  mutators:\n  - image: stamp\n    configMap: {stamp: root}\n',
        '  annotations: {kpt.dev/bfs-rendering: "True"}\n',
      ),
      'db/Kptfile': kptfile('  mutators:\n  - image: stamp\n    configMap: {stamp: db}\n'),
      'db/b.yaml': service('b'),
    });
    expect(stampOf(files.get('db/b.yaml'))).toBe('rootdb');
  });

  it('keeps every byte of files that no function changes, and comments of the Kptfile', async () => {
    const odd = '# c\n\n---\napiVersion:   v1\nkind: Service\nmetadata: {name: odd}\r\n';
    const root = kptfile('  # run\n  mutators:\n  - image: stamp # it\n    selectors:\n    - name: a\n');
    const { files } = await render({
      Kptfile: root,
      'odd.yaml': odd,
      'a.yaml': service('a'),
      'bin.dat': '\u0000x',
      'n.txt': 'a: b: c',
    });
    expect(files.get('odd.yaml')).toBe(odd);
    expect(files.get('bin.dat')).toBe('\u0000x');
    expect(files.get('Kptfile')?.startsWith(root)).toBe(true);
    expect(stampOf(files.get('a.yaml'))).toBe('none');
  });

  it('writes the same text when it is rendered again', async () => {
    const first = await render({ Kptfile: kptfile('  validators:\n  - image: stamp\n'), 'a.yaml': service('a') });
    const second = await renderPackage(first.files, { defaultImagePrefix: 'example.io/fn' }, runtime);
    expect([...second.files]).toEqual([...first.files]);
    expect(summarizeKptfile(first.files.get('Kptfile')).conditions).toEqual([
      { type: 'Rendered', status: 'True', reason: 'RenderSuccess' },
    ]);
    expect(first.files.get('a.yaml')).toBe(service('a'));
  });

  it('selects with all of a selector, any of several, and leaves out what is excluded', async () => {
    const { files } = await render({
      Kptfile: kptfile(`  mutators:
  - image: stamp
    selectors:
    - kind: Service
      labels: {app: x}
    - name: c
    exclude:
    - namespace: no
    - {}
`),
      'a.yaml': service('a', '  labels: {app: x}\n'),
      'b.yaml': service('b'),
      'c.yaml': service('c', '  labels: {app: x}\n'),
      'd.yaml': service('d', '  namespace: no\n  labels: {app: x}\n'),
    });
    expect(['a', 'b', 'c', 'd'].map((name) => stampOf(files.get(`${name}.yaml`)))).toEqual([
      'none',
      undefined,
      'none',
      undefined,
    ]);
  });

  it('selects by the annotations that say where objects stand', async () => {
    const { files } = await render({
      Kptfile: kptfile(`  mutators:
  - image: stamp
    selectors:
    - annotations: {config.kubernetes.io/path: dir/a.yaml, config.kubernetes.io/index: '1'}
    - annotations: {internal.config.kubernetes.io/path: c.yaml}
    - annotations: {config.kubernetes.io/path: misleading}
    exclude:
    - annotations: {internal.config.kubernetes.io/index: '1', config.kubernetes.io/path: c.yaml}
`),
      'dir/a.yaml': `${service('a')}---\n${service('b')}`,
      'c.yaml': `${service('c')}---\n${service('d')}`,
      'e.yaml': service('e', '  annotations: {config.kubernetes.io/path: misleading}\n'),
    });
    const stamped = [...files.values()].flatMap((text) => text.split('---').filter((part) => stampOf(part)));
    expect(stamped.map((text) => /name: (.)/.exec(text)?.[1])).toEqual(['b', 'c']);
  });

  it('leaves documents that hold nothing, or null, as they are', async () => {
    const text = `null\n---\n# note\n---\n${service('a')}--- ~\n`;
    const { files, error } = await render({ Kptfile: kptfile('  mutators:\n  - image: stamp\n'), 'a.yaml': text });
    expect(error).toBeUndefined();
    expect(files.get('a.yaml')).toBe(text.replace('  name: a\n', '  name: a\n  annotations:\n    stamp: none\n'));
  });

  it('reads configPath as functions before have left it, whatever its spelling', async () => {
    const config = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  stamp: original\n`;
    const { files } = await render({
      Kptfile: kptfile('  mutators:\n  - image: configure\n  - image: stamp\n    configPath: ./conf/c.yaml\n'),
      'conf/c.yaml': config,
      'a.yaml': service('a'),
    });
    expect(stampOf(files.get('a.yaml'))).toBe('changed');
  });

  it('gives validators, too, what functions before have made of their configuration', async () => {
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  wanted: x\n';
    const pipeline = '  mutators:\n  - image: configure\n  validators:\n  - image: expect\n    configPath: c.yaml\n';
    const { result, files } = await render({ Kptfile: kptfile(pipeline), 'c.yaml': config });
    expect(result.items?.[1]?.results?.[0]?.message).toBe('stamp is changed');
    expect(files.get('c.yaml')).toBe(`${config}  stamp: changed\n`);
  });

  it('still has a configuration whose object a function has removed', async () => {
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  stamp: kept\n';
    const pipeline = '  mutators:\n  - image: drop\n  - image: generate\n  - image: stamp\n    configPath: c.yaml\n';
    const { files } = await render({ Kptfile: kptfile(pipeline), 'c.yaml': config });
    expect(files.has('c.yaml')).toBe(false);
    expect(stampOf(files.get('ns/secret_made.yaml'))).toBe('kept');
  });

  it('runs later functions on nothing where an earlier one leaves nothing', async () => {
    const { files, result } = await render({
      Kptfile: kptfile('  mutators:\n  - image: empty\n  - image: stamp\n'),
      'a.yaml': service('a'),
      'README.md': 'read me',
    });
    expect([...files.keys()]).toEqual(['README.md']);
    expect(result.items?.[1]?.results?.[0]?.message).toBe('stamped 0');
  });

  it('gives a function an object once, however many selectors choose it', async () => {
    const selectors = '    selectors: [{kind: Service}, {name: a}, {}]\n';
    const { files, result } = await render({
      Kptfile: kptfile(`  mutators:\n  - image: stamp\n    configMap: {stamp: x}\n${selectors}`),
      'a.yaml': service('a'),
    });
    expect(stampOf(files.get('a.yaml'))).toBe('x');
    expect(result.items?.[0]?.results?.[0]?.message).toBe('stamped 2');
  });

  it('takes the first of several topmost packages, by depth and then by name, whatever the order of the files', async () => {
    const package_ = kptfile('  mutators:\n  - image: stamp\n    configMap: {stamp: x}\n');
    const entries = { 'b/Kptfile': package_, 'c/d/Kptfile': package_, 'a/Kptfile': package_, 'c/Kptfile': package_ };
    for (const order of [Object.entries(entries), Object.entries(entries).toReversed()]) {
      const { files } = await render(Object.fromEntries(order));
      expect([...files].filter(([, text]) => text.includes('RenderSuccess')).map(([path]) => path)).toEqual([
        'a/Kptfile',
      ]);
    }
  });

  it('puts new objects of a function next to its configuration, or above a folder named functions', async () => {
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\n';
    for (const [path, made] of [
      ['app/c.yaml', 'app/ns/secret_made.yaml'],
      ['app/functions/c.yaml', 'app/ns/secret_made.yaml'],
      ['functions/c.yaml', 'ns/secret_made.yaml'],
    ] as const) {
      const entry = kptfile(`  mutators:\n  - image: generate\n    configPath: ${path}\n`);
      const { files } = await render({ Kptfile: entry, [path]: config });
      expect([...files.keys()]).toContain(made);
    }
  });

  it('puts new objects into files named after them, and removes files whose objects are gone', async () => {
    const made = await render({ Kptfile: kptfile('  mutators:\n  - image: generate\n'), 'a.yaml': service('a') });
    expect(made.files.get('ns/secret_made.yaml')).toBe(
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: made\n  namespace: ns\n',
    );
    const dropped = await render({
      Kptfile: kptfile('  mutators:\n  - image: drop\n'),
      'a.yaml': service('a'),
      'c.yaml': '# only\n',
    });
    expect([...dropped.files.keys()]).toEqual(['Kptfile', 'c.yaml']);
  });

  it('moves objects to other files, also into one that exists', async () => {
    const { files, error } = await render({
      Kptfile: kptfile('  mutators:\n  - image: move\n    configMap: {to: /x/y.yaml}\n    selectors: [{name: a}]\n'),
      'a.yaml': service('a'),
    });
    expect(error).toBeUndefined();
    expect(files.get('x/y.yaml')).toBe(service('a'));
    expect(files.has('a.yaml')).toBe(false);
  });

  it('writes JSON where an object is moved to a JSON file', async () => {
    const { files } = await render({
      Kptfile: kptfile('  mutators:\n  - image: move\n    configMap: {to: a.json}\n'),
      'a.yaml': service('a'),
    });
    expect(JSON.parse(files.get('a.json') ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
    });
  });

  it('moves an object below where its file was', async () => {
    const { files, error } = await render({
      Kptfile: kptfile('  mutators:\n  - image: move\n    configMap: {to: a.yaml/a.yaml}\n'),
      'a.yaml': service('a'),
    });
    expect(error).toBeUndefined();
    expect([...files.keys()]).toEqual(['Kptfile', 'a.yaml/a.yaml']);
  });

  it('marks Config Connector resources as made by functions', async () => {
    const bucket = (value: string) =>
      `apiVersion: storage.cnrm.cloud.google.com/v1beta1\nkind: B\nmetadata:\n  name: b\n  annotations:\n    cnrm.cloud.google.com/blueprint: ${value}\n`;
    const { files } = await render({
      Kptfile: kptfile('  mutators: []\n'),
      'a.yaml': bucket('krm-pkg'),
      'b.yaml': bucket('cnrm/x'),
    });
    expect(files.get('a.yaml')).toBe(bucket('krm-pkg-fn'));
    expect(files.get('b.yaml')).toBe(bucket('cnrm/x,krm-fn'));
  });

  it('leaves files without any Kptfile alone', async () => {
    const { files, result, error } = await render({ 'a.yaml': 'a: b: c' });
    expect([[...files], result.exitCode, error]).toEqual([[['a.yaml', 'a: b: c']], 0, undefined]);
  });

  it('shows the newest version in the range that a tag is', async () => {
    const { result } = await render({ Kptfile: kptfile('  mutators:\n  - image: stamp\n    tag: "~0.2"\n') });
    expect(result.items?.[0]?.image).toBe('example.io/fn/stamp:v0.2');
  });
});
