import { describe, expect, it } from 'vitest';
import { summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import type { RenderObserver } from './observer.ts';
import { kptfile, render, runtime, service, stampOf } from './render-package.test-support.ts';
import { renderPackage } from './render-package.ts';

describe('a failed rendering', () => {
  const failing = kptfile('  mutators:\n  - image: stamp\n  - name: second\n    image: fail\n');

  it('leaves the files as they were, but for the status in the root Kptfile', async () => {
    const { files, result, error } = await render({ Kptfile: failing, 'a.yaml': service('a') });
    expect(error).toBe(
      'pkg.render: pkg .:\n\tpipeline.run: function "example.io/fn/fail:latest" failed: error: function failure\n\tbad',
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

  it.each(['', '  annotations:\n    kpt.dev/save-on-render-failure: "true"\n'])(
    'is one that removes the Kptfile, where there must be one: %j',
    async (annotations) => {
      const entries = { Kptfile: kptfile('  mutators:\n  - image: empty\n', annotations), 'a.yaml': service('a') };
      const options = { defaultImagePrefix: 'example.io/fn/', needsKptfile: true };
      const { files, error, result } = await renderPackage(new Map(Object.entries(entries)), options, runtime);
      expect(error).toMatch(
        /^pkg.render: pkg .:\n\tpipeline.run: the functions of the pipeline have removed the Kptfile/,
      );
      expect(result.exitCode).toBe(1);
      expect([...files.keys()]).toEqual(['Kptfile', 'a.yaml']);
      expect(summarizeKptfile(files.get('Kptfile')).conditions).toMatchObject([{ type: 'Rendered', status: 'False' }]);
    },
  );

  it.each(['', '  annotations:\n    kpt.dev/save-on-render-failure: "true"\n'])(
    'is one that leaves a Kptfile that cannot be read, where there must be one: %j',
    async (annotations) => {
      const entries = { Kptfile: kptfile('  mutators:\n  - image: spoil\n', annotations), 'a.yaml': service('a') };
      const options = { defaultImagePrefix: 'example.io/fn/', needsKptfile: true };
      const { files, error } = await renderPackage(new Map(Object.entries(entries)), options, runtime);
      expect(error).toMatch(
        /pipeline.run: the functions of the pipeline have spoilt the Kptfile: Kptfile at "Kptfile" .*`spec`/s,
      );
      expect(summarizeKptfile(files.get('Kptfile')).conditions).toMatchObject([{ type: 'Rendered', status: 'False' }]);
      expect(files.get('Kptfile')).not.toMatch(/^spec:/m);
    },
  );

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
      'a path below another object of the package',
      '  mutators:\n  - image: move\n    configMap: {to: a.yaml/b.yaml}\n    selectors: [{name: b}]\n',
      { 'a.yaml': service('a'), 'b.yaml': service('b') },
      'have left a file "a.yaml/b.yaml" and a file "a.yaml": the second cannot be a directory as well',
    ],
    [
      'a path where other files have their directory',
      '  mutators:\n  - image: move\n    configMap: {to: docs}\n',
      { 'a.yaml': service('a'), 'docs/notes.txt': 'Notes\n' },
      'have left a file "docs/notes.txt" and a file "docs"',
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
    ...[
      ['[a]', 'a sequence, not a mapping'],
      ['a', 'neither a mapping nor a sequence'],
    ].map(([annotations, what]): [string, string, Record<string, string>, string] => [
      `annotations of Config Connector that are ${what}`,
      '  validators:\n  - image: empty\n',
      {
        'db/Kptfile': kptfile('  mutators: []\n'),
        'db/a.yaml': `apiVersion: x.cnrm.cloud.google.com/v1\nkind: A\nmetadata:\n  name: a\n  annotations: ${annotations}\n`,
      },
      `file "db/a.yaml": field metadata.annotations is ${what}`,
    ]),
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

  it('is one before any mutator has run where one of them is unknown', async () => {
    const unknown = kptfile(
      '  mutators:\n  - image: stamp\n  - image: example.org/nope:v1\n',
      '  annotations: {kpt.dev/save-on-render-failure: "true"}\n',
    );
    const { files, result } = await render({ Kptfile: unknown, 'a.yaml': service('a') });
    expect(result.items).toMatchObject([{ image: 'example.org/nope:v1', exitCode: 1 }]);
    expect(files.get('a.yaml')).toBe(service('a'));
  });

  it('is one after the validators before where a validator is unknown', async () => {
    const unknown = kptfile(
      '  mutators:\n  - image: stamp\n  validators:\n  - image: stamp\n  - image: example.org/nope:v1\n',
    );
    const { result } = await render({ Kptfile: unknown, 'a.yaml': service('a') });
    expect(result.items?.map(({ exitCode }) => exitCode)).toEqual([0, 0, 1]);
  });

  it('names the executable that may not be run', async () => {
    const { files, result } = await render({ Kptfile: kptfile('  mutators:\n  - exec: ./x --all\n') });
    expect(result.items).toMatchObject([{ exec: './x --all', exitCode: 1 }]);
    expect(files.get('Kptfile')).toContain('- exec: ./x --all\n      executionError: must run with');
  });

  it('is noted in the root Kptfile where that of a package below cannot be read', async () => {
    const { files, error } = await render({ Kptfile: kptfile(''), 'sub/Kptfile': 'apiVersion: v1\nkind: Pod\n' });
    expect(error).toContain('has an unknown resource type');
    expect(summarizeKptfile(files.get('Kptfile')).conditions).toMatchObject([{ type: 'Rendered', status: 'False' }]);
  });

  it('keeps nothing of what was rendered where a path leads out of the package, whatever the Kptfile asks for', async () => {
    const annotations = '  annotations:\n    kpt.dev/save-on-render-failure: "true"\n';
    const move = kptfile('  mutators:\n  - image: move\n    configMap: {to: ../x.yaml}\n', annotations);
    const { files, error } = await render({ Kptfile: move, 'a.yaml': service('a') });
    expect(error).toContain('outside of package');
    expect(files.get('a.yaml')).toBe(service('a'));
  });

  it('is told once to who watches: with the end of the function, or for itself', async () => {
    const told: string[] = [];
    const observer: RenderObserver = {
      packagesFound: () => undefined,
      pipelineBegins: () => undefined,
      functionBegins: () => undefined,
      functionEnds: ({ image, exitCode }) => told.push(`${image} ended with ${exitCode}`),
      pipelineEnds: () => undefined,
      failed: ({ message }) => told.push(message),
    };
    const watch = (entries: Record<string, string>) =>
      renderPackage(
        new Map(Object.entries(entries)),
        { defaultImagePrefix: 'example.io/fn/' },
        runtime,
        undefined,
        observer,
      );
    await watch({ Kptfile: kptfile('  mutators:\n  - image: fail\n') });
    expect(told.splice(0)).toEqual(['example.io/fn/fail:latest ended with 1']);
    await watch({ Kptfile: kptfile(''), 'a.yaml': 'a: [' });
    expect(told).toEqual([expect.stringContaining('a.yaml')]);
  });

  it('writes nothing into a root Kptfile that cannot be read', async () => {
    const broken = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nwhat: now\n';
    const { files, error } = await render({ Kptfile: broken });
    expect(error).toContain('field `what`: is unknown');
    expect(files.get('Kptfile')).toBe(broken);
  });
});
