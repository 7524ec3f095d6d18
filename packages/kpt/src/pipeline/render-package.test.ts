import { describe, expect, it } from 'vitest';
import type { FunctionCatalogue, KrmFunction } from '../functions/function.ts';
import { summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { renderPackage } from './render-package.ts';

/** Functions small enough to see through: what is tested here is the pipeline around them. */
const functions: readonly KrmFunction[] = [
  {
    name: 'stamp',
    tags: ['v0.3', 'v0.2'],
    run({ items, config }) {
      for (const object of items) {
        object.setAnnotation(
          'stamp',
          `${object.annotation('stamp') ?? ''}${config?.getString(['data', 'stamp']) ?? 'none'}`,
        );
      }
      return { results: [{ message: `stamped ${items.length}`, severity: 'info', file: { path: 'x', index: 0 } }] };
    },
  },
  {
    name: 'generate',
    tags: [],
    run: ({ items }) => ({
      results: [],
      items: [
        ...items,
        KrmObject.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'made', namespace: 'ns' } }),
      ],
    }),
  },
  { name: 'drop', tags: [], run: ({ items }) => ({ results: [], items: items.filter((o) => o.kind === 'Kptfile') }) },
  {
    name: 'configure',
    tags: [],
    run({ items }) {
      for (const object of items) if (object.name === 'config') object.set(['data', 'stamp'], 'changed');
      return { results: [] };
    },
  },
  {
    name: 'fail',
    tags: [],
    run({ items }) {
      for (const object of items) object.setAnnotation('half', 'done');
      return { results: [{ message: 'bad', severity: 'error' }], failed: 'error: function failure' };
    },
  },
  { name: 'empty', tags: [], run: () => ({ results: [], items: [] }) },
  {
    name: 'expect',
    tags: [],
    run: ({ config }) => ({
      results: [{ message: `stamp is ${config?.getString(['data', 'stamp'])}`, severity: 'info' }],
    }),
  },
  { name: 'twice', tags: [], run: ({ items }) => ({ results: [], items: [...items, ...items.map((o) => o.clone())] }) },
  {
    name: 'throw',
    tags: [],
    run() {
      throw new Error('out of luck');
    },
  },
  {
    name: 'move',
    tags: [],
    run({ items, config }) {
      for (const object of items) if (object.kind !== 'Kptfile') object.path = config?.getString(['data', 'to']) ?? '';
      return { results: [] };
    },
  },
  {
    name: 'strip',
    tags: [],
    run({ items }) {
      for (const object of items) if (object.kind === 'Service') object.delete(['kind']);
      return { results: [] };
    },
  },
];

const catalogue: FunctionCatalogue = new Map(functions.map((entry) => [entry.name, entry]));
const runtime = createBuiltInRuntime(catalogue);

function kptfile(pipeline: string, annotations = ''): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n${annotations}pipeline:\n${pipeline}`;
}

function service(name: string, more = ''): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${more}`;
}

function render(entries: Record<string, string>) {
  return renderPackage(new Map(Object.entries(entries)), { defaultImagePrefix: 'example.io/fn/' }, runtime);
}

function stampOf(text: string | undefined): string | undefined {
  return /stamp: (\S+)/.exec(text ?? '')?.[1];
}

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

describe('a failed rendering', () => {
  const failing = kptfile('  mutators:\n  - image: stamp\n  - name: second\n    image: fail\n');

  it('leaves the files as they were, but for the status in the root Kptfile', async () => {
    const { files, result, error } = await render({ Kptfile: failing, 'a.yaml': service('a') });
    expect(error).toBe(
      'pkg.render: pkg .:\n\tpipeline.run: function "example.io/fn/fail:latest" failed: error: function failure',
    );
    expect(result.exitCode).toBe(1);
    expect(result.items?.[1]).toEqual({
      image: 'example.io/fn/fail:latest',
      stderr: 'error: function failure',
      exitCode: 1,
      results: [{ message: 'bad', severity: 'error' }],
    });
    expect(files.get('a.yaml')).toBe(service('a'));
    expect(summarizeKptfile(files.get('Kptfile')).conditions).toEqual([
      { type: 'Rendered', status: 'False', reason: 'RenderFailed', message: error },
    ]);
    expect(files.get('Kptfile')).toContain('    errorSummary: "second: exit code 1"\n');
  });

  it('keeps what was rendered before it where the Kptfile asks for that', async () => {
    const { files } = await render({
      Kptfile: failing.replace('pipeline:', '  annotations:\n    kpt.dev/save-on-render-failure: "true"\npipeline:'),
      'a.yaml': service('a'),
      'db/Kptfile': kptfile('  mutators:\n  - image: stamp\n    configMap: {stamp: db}\n'),
      'db/b.yaml': service('b'),
    });
    expect(stampOf(files.get('a.yaml'))).toBe('none');
    expect(stampOf(files.get('db/b.yaml'))).toBe('dbnone');
    expect(files.get('a.yaml')).not.toContain('half');
  });

  it.each([
    [
      'an unknown function',
      '  mutators:\n  - image: example.org/nope:v1\n',
      {},
      'function "example.org/nope:v1" is unknown: only built-in functions can be run here, which are configure, drop, empty, ',
    ],
    ['an executable', '  mutators:\n  - image: stamp\n  - exec: ./x\n', {}, 'must run with `--allow-exec`'],
    ['a function that throws', '  mutators:\n  - image: throw\n', {}, 'function throw: out of luck'],
    [
      'a path outside the package',
      '  mutators:\n  - image: move\n    configMap: {to: ../x.yaml}\n',
      { 'a.yaml': service('a') },
      'outside of package: resource has path "../x.yaml"',
    ],
    [
      'a path into .git',
      '  mutators:\n  - image: move\n    configMap: {to: .git/config}\n',
      { 'a.yaml': service('a') },
      '".git/config" is not allowed',
    ],
    [
      'two objects at one place',
      '  mutators:\n  - image: move\n    configMap: {to: x.yaml}\n',
      { 'a.yaml': service('a'), 'b.yaml': service('b') },
      'resource at path "x.yaml" and index "0" already exists',
    ],
    [
      'output that is no resource',
      '  mutators:\n  - image: strip\n',
      { 'a.yaml': service('a') },
      'output resource list must contain only KRM resources: a.yaml: resource must have `kind`',
    ],
    [
      'input that is no resource',
      '  mutators: []\n',
      { 'a.yaml': 'a: 1\n' },
      'pkg.render: pkg .: input resource list must contain only KRM resources: a.yaml: resource must have `apiVersion`',
    ],
    [
      'a file that is not YAML',
      '  mutators: []\n',
      { 'd/a.yaml': 'a: 1\n b: 2\n' },
      'pkg.readResources: file "d/a.yaml": yaml: line',
    ],
    [
      'a missing configPath',
      '  mutators:\n  - image: stamp\n    configPath: c.yaml\n',
      {},
      'functionConfig "c.yaml" must be a resource file of this package',
    ],
    [
      'a broken Kptfile below',
      '  mutators: []\n',
      { 'db/Kptfile': 'x: 1\n' },
      'pkg.render: pkg ./db:\n\tpkg.read: Kptfile at "db/Kptfile" has an unknown resource type',
    ],
    [
      'a Kptfile below that is no YAML',
      '  mutators: []\n',
      { 'db/Kptfile': 'a: [\n' },
      'pkg.render: pkg .:\n\tpkg.Subpackages: pkg ./db: error reading Kptfile at "./db": yaml: line ',
    ],
    [
      'an object at a place that is taken',
      '  mutators:\n  - image: twice\n',
      { 'a.yaml': service('a') },
      'pkg.render: pkg .:\n\tpipeline.run: resource at path "Kptfile" and index "0" already exists',
    ],
  ])('is reported for %s', async (_, pipeline, more, message) => {
    const { error, result } = await render({ Kptfile: kptfile(pipeline), ...more });
    expect(error).toContain(message);
    expect(result.exitCode).toBe(1);
  });

  it.each([
    ['the package itself', '', 'pkg.render: pkg ./db:\n\tpipeline.run: function'],
    [
      'the root, whose rendering comes first',
      '  annotations: {kpt.dev/bfs-rendering: "true"}\n',
      'pkg.render: pkg .:\n\tpipeline.run: pkg ./db: function',
    ],
  ])('below is reported of %s', async (_, metadata, message) => {
    const root = kptfile('  mutators: []\n', metadata);
    const { error } = await render({ Kptfile: root, 'db/Kptfile': kptfile('  mutators:\n  - image: fail\n') });
    expect(error).toContain(message);
  });

  it('names the executable that may not be run', async () => {
    const { files, result } = await render({ Kptfile: kptfile('  mutators:\n  - exec: ./x --all\n') });
    expect(result.items).toMatchObject([{ exec: './x --all', exitCode: 1 }]);
    expect(files.get('Kptfile')).toContain('- exec: ./x --all\n      executionError: must run with');
  });

  it('writes nothing into a root Kptfile that cannot be read', async () => {
    const broken = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nwhat: now\n';
    const { files, error } = await render({ Kptfile: broken });
    expect(error).toContain('field `what`: is unknown');
    expect(files.get('Kptfile')).toBe(broken);
  });
});
