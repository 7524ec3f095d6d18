import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evaluateDirectory, type LocalEvaluation } from './evaluate-directory.ts';
import { readFunctionConfig } from './function-config.ts';
import type { LocalRun } from './local-run.ts';
import { readDirectory } from './read-directory.ts';
import { renderDirectory } from './render-directory.ts';

let root: string;
let directory: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-'));
  directory = join(root, 'shop');
});

afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

function kptfile(pipeline: string, metadata = ''): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: app\n${metadata}pipeline:\n${pipeline}`;
}

function object(kind: string, name: string): string {
  return `apiVersion: example.com/v1\nkind: ${kind}\nmetadata:\n  name: ${name} # mine\n`;
}

const labelled = '  labels:\n    a: b\n';
const label = '  mutators:\n  - image: set-labels:v0.2\n    configMap: {a: b}\n';

interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  /** Without times, and without the names of images' registry. */
  readonly err: string;
}

async function run(command: (run: LocalRun) => Promise<number>, options: Partial<LocalRun> = {}): Promise<Outcome> {
  let [out, err] = ['', ''];
  const exitCode = await command({
    directory,
    dryRun: false,
    defaultImagePrefix: 'r.io',
    output: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      columns: undefined,
    },
    ...options,
  });
  return { exitCode, out, err: err.replace(/ in [\d.]+m?s$/gm, ' in 0s') };
}

const render = (options: Partial<LocalRun> = {}) => run(renderDirectory, options);

function evaluate(options: Partial<LocalEvaluation>, image = 'set-labels:v0.2'): Promise<Outcome> {
  return run((common) => evaluateDirectory({ ...common, image, args: { a: 'b' }, ...options }));
}

const text = (path: string) => readDirectory(directory).get(path);

describe('rendering a directory', () => {
  it('renders in place, packages below first, and says so', async () => {
    write({
      Kptfile: kptfile(label),
      'db/Kptfile': kptfile(label.replace('a: b', 'c: d')),
      'db/x.yaml': object('X', 'x'),
    });
    const { exitCode, out, err } = await render();
    expect(err).toBe(`Package "shop/db":
[RUNNING] "r.io/set-labels:v0.2" on package "shop/db"
[PASS] "r.io/set-labels:v0.2" in 0s
  [Results]:
    [info]: set 2 labels in total

Package "shop":
[RUNNING] "r.io/set-labels:v0.2" on package "shop"
[PASS] "r.io/set-labels:v0.2" in 0s
  [Results]:
    [info]: set 3 labels in total

Successfully executed 2 function(s) in 2 package(s).
`);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(text('db/x.yaml')).toBe(`${object('X', 'x')}  labels:\n    c: d\n    a: b\n`);
    expect(text('Kptfile')).toContain('type: Rendered\n    status: "True"\n');
  });

  it('leaves what .krmignore names alone', async () => {
    write({
      Kptfile: kptfile(label),
      '.krmignore': 'y.yaml\n',
      'y.yaml': object('Y', 'y'),
      'x.yaml': object('X', 'x'),
    });
    expect((await render()).exitCode).toBe(0);
    expect([text('x.yaml'), text('y.yaml')]).toEqual([object('X', 'x') + labelled, object('Y', 'y')]);
  });

  const failing = `${label}  validators:\n  - image: set-image\n`;

  it('leaves files as they were after a failure, but for the status', async () => {
    write({ Kptfile: kptfile(failing), 'x.yaml': object('X', 'x') });
    const { exitCode, err } = await render();
    expect(exitCode).toBe(1);
    expect(err).toContain('[FAIL] "r.io/set-image:latest" in 0s\n  [Results]:\n    [error]');
    expect(err).toMatch(/ {2}Stderr:\n {4}.*\n {2}Exit code: 1\n$/);
    expect(text('x.yaml')).toBe(object('X', 'x'));
    expect(text('Kptfile')).toContain('reason: RenderFailed');
  });

  it('keeps what was rendered before a failure where the Kptfile asks for it', async () => {
    const keep = '  annotations:\n    kpt.dev/save-on-render-failure: "true"\n';
    write({ Kptfile: kptfile(failing, keep), 'x.yaml': object('X', 'x') });
    expect((await render()).exitCode).toBe(1);
    expect(text('x.yaml')).toBe(object('X', 'x') + labelled);
  });

  it('prints a diff and writes nothing in a dry run', async () => {
    write({ Kptfile: kptfile(label), 'x.yaml': object('X', 'x') });
    const before = readDirectory(directory);
    const { exitCode, out } = await render({ dryRun: true });
    expect(exitCode).toBe(0);
    expect(out).toContain(
      '--- a/x.yaml\n+++ b/x.yaml\n@@ -2,3 +2,5 @@\n kind: X\n metadata:\n   name: x # mine\n+  labels:\n',
    );
    expect(readDirectory(directory)).toEqual(before);
  });

  it('writes results where it is told to', async () => {
    write({ Kptfile: kptfile(label) });
    const resultsDirectory = join(root, 'new', 'results');
    const { err } = await render({ resultsDirectory });
    expect(err).toMatch(/package\(s\)\.\nFor complete results, see ".*new\/results\/results\.yaml"\n$/);
    expect(readFileSync(join(resultsDirectory, 'results.yaml'), 'utf8')).toBe(
      'apiVersion: kpt.dev/v1\nkind: FunctionResultList\nmetadata:\n  name: fnresults\nexitCode: 0\nitems:\n' +
        '  - image: r.io/set-labels:v0.2\n    exitCode: 0\n    results:\n      - message: set 1 labels in total\n        severity: info\n',
    );
  });

  it('writes neither the package nor results where one of them cannot be written', async () => {
    write({ Kptfile: kptfile(label), 'x.yaml': object('X', 'x') });
    const resultsDirectory = join(root, 'results');
    const before = readDirectory(directory);
    mkdirSync(join(resultsDirectory, 'results.yaml'), { recursive: true });
    const { exitCode, err } = await render({ resultsDirectory });
    expect(err).toMatch(/\nError: file ".*results.yaml" cannot be written: a directory stands there; move it away\n$/);
    expect(exitCode).toBe(1);
    expect(readDirectory(directory)).toEqual(before);

    const below = await render({ resultsDirectory: join(directory, 'x.yaml', 'results') });
    expect(below.err).toMatch(/results.yaml" cannot be written: a file stands where a directory is needed\n$/);

    mkdirSync(join(directory, 'y_y.yaml'));
    writeFileSync(join(root, 'y.yaml'), object('Y', 'y'));
    const options = {
      args: {},
      config: readFunctionConfig(join(root, 'y.yaml')),
      resultsDirectory: join(root, 'others'),
    };
    expect((await evaluate(options, 'upsert-resource')).err).toMatch(/y_y.yaml" cannot be written: a directory stands/);
    expect(readdirSync(root).sort()).toEqual(['results', 'shop', 'y.yaml']);
  });

  it('replaces results as a whole', async () => {
    write({ Kptfile: kptfile(label) });
    const resultsDirectory = join(root, 'results');
    await render({ resultsDirectory });
    const path = join(resultsDirectory, 'results.yaml');
    const { ino } = statSync(path);
    await render({ resultsDirectory });
    expect(statSync(path).ino).not.toBe(ino);
    expect(readdirSync(resultsDirectory)).toEqual(['results.yaml']);
  });

  it('writes over the line of a running function on a terminal', async () => {
    write({ Kptfile: kptfile(label) });
    let shown = '';
    const err = (piece: string) => {
      shown += piece;
    };
    await render({ output: { out: () => undefined, err, columns: 40 } });
    expect(shown).toContain('\n[RUNNING] "r.io/set-labels:v0.2" on pac\r\u001b[K[PASS] "r.io/set-labels:v0.2" in ');
  });

  it.each([
    ['no Kptfile', { 'x.yaml': object('X', 'x') }, /^Error: No Kptfile found at ".*shop"/],
    ['a Kptfile below only', { 'db/Kptfile': kptfile(label) }, /^Error: No Kptfile found at ".*shop"/],
    ['a broken Kptfile', { Kptfile: 'a: [\n' }, /^Error: Kptfile at "Kptfile" can't be read\.\n\nDetails:\nyaml: line/],
    ['a broken file', { Kptfile: kptfile(label), 'x.yaml': 'a: [\n' }, /^Error: file "x.yaml": yaml: line/],
    [
      'an unknown function',
      { Kptfile: kptfile('  mutators:\n  - image: nope\n') },
      /\[FAIL\] "r.io\/nope:latest" in 0s\nError: function "r.io\/nope:latest" is unknown: /,
    ],
    [
      'an executable',
      { Kptfile: kptfile('  mutators:\n  - exec: ./x\n') },
      /Error: must run with `--allow-exec` option to allow running function binaries\n/,
    ],
    [
      'what is no resource',
      { Kptfile: kptfile('  mutators: []\n'), 'x.yaml': 'a: 1\n' },
      /^Error: input resource list/,
    ],
  ])('says what is wrong with %s', async (_, files, message) => {
    write(files);
    const { exitCode, err } = await render();
    expect(err).toMatch(message);
    expect(exitCode).toBe(1);
  });
});

describe('programs that pipelines name', () => {
  const allowed = { allowExec: true };

  it('are run where that is allowed, beside other functions', async () => {
    write({ Kptfile: kptfile(`${label}  - exec: "sed -e 's/name: x/name: z/'"\n`), 'x.yaml': object('X', 'x') });
    const { exitCode, err } = await render(allowed);
    expect(err).toContain(`[PASS] "sed -e 's/name: x/name: z/'" in 0s\n`);
    expect(exitCode).toBe(0);
    const files = readDirectory(directory);
    expect(files.get('x.yaml')).toBe(object('X', 'z').replace(' # mine\n', ` # mine\n${labelled}`));
    expect(files.get('Kptfile')).toContain(`    - exec: "sed -e 's/name: x/name: z/'"\n`);
  });

  it('need not answer anything as validators', async () => {
    write({ Kptfile: kptfile('  validators:\n  - exec: grep -q "name. x"\n'), 'x.yaml': object('X', 'x') });
    const { exitCode, err } = await render(allowed);
    expect(err).toContain('Successfully executed 1 function(s) in 1 package(s).\n');
    expect(exitCode).toBe(0);
    expect(readDirectory(directory).get('x.yaml')).toBe(object('X', 'x'));
  });

  it.each([
    ['fails', 'sh -c "echo no >&2; exit 3"', /\[FAIL\] "sh .*\n {2}Stderr:\n {4}no\n {2}Exit code: 3\n/],
    ['is not there', './nope', /Error: function ".\/nope": it could not be run: .*ENOENT/],
    ['cannot be read', "sed 's", /cannot be split into words: there is no closing '/],
    ['answers nothing', 'true', /what it printed cannot be used: it is no ResourceList with items, but nothing at all/],
    ['answers something else', 'echo hello', /what it printed cannot be used: it is no ResourceList/],
  ])('fail the render where one %s', async (_, exec, message) => {
    write({ Kptfile: kptfile(`  mutators:\n  - exec: ${JSON.stringify(exec)}\n`), 'x.yaml': object('X', 'x') });
    const { exitCode, err } = await render(allowed);
    expect(err).toMatch(message);
    expect((err.match(/^Error: /gm) ?? []).length).toBeLessThanOrEqual(1);
    expect(exitCode).toBe(1);
    expect(readDirectory(directory).get('x.yaml')).toBe(object('X', 'x'));
  });
});

describe('running one function on a directory', () => {
  it('runs it on all resources, packages below included', async () => {
    write({
      'a/x.yaml': object('X', 'x'),
      'b/Kptfile': kptfile('  mutators: []\n'),
      'b/y.json': '{"apiVersion":"v1","kind":"Y","metadata":{"name":"y"}}\n',
    });
    const { exitCode, err } = await evaluate({});
    expect(err).toBe(
      '[RUNNING] "r.io/set-labels:v0.2"\n[PASS] "r.io/set-labels:v0.2" in 0s\n  [Results]:\n    [info]: set 3 labels in total\n',
    );
    expect(exitCode).toBe(0);
    expect(text('a/x.yaml')).toBe(object('X', 'x') + labelled);
    expect(text('b/y.json')).toContain('"labels": {\n      "a": "b"\n    }');
    expect(text('b/Kptfile')).toBe(kptfile('  mutators: []\n', labelled));
  });

  it('runs it on the resources that are chosen', async () => {
    write({ 'x.yaml': object('X', 'x'), 'y.yaml': object('X', 'y'), 'z.yaml': object('Z', 'z') });
    const { err } = await evaluate({ selector: { kind: 'X' }, exclude: { name: 'y' } });
    expect(err).toContain('[RUNNING] "r.io/set-labels:v0.2" on 1 resource(s)\n');
    expect([text('x.yaml'), text('y.yaml'), text('z.yaml')]).toEqual([
      object('X', 'x') + labelled,
      object('X', 'y'),
      object('Z', 'z'),
    ]);
  });

  it('takes the configuration of a file, which is no input', async () => {
    const config = 'apiVersion: fn.kpt.dev/v1alpha1\nkind: SetLabels\nmetadata:\n  name: c\nlabels:\n  a: b\n';
    write({ 'x.yaml': object('X', 'x'), 'fn/config.yaml': config });
    expect((await evaluate({ args: {}, config: readFunctionConfig(join(directory, 'fn/config.yaml')) })).exitCode).toBe(
      0,
    );
    expect([text('x.yaml'), text('fn/config.yaml')]).toEqual([object('X', 'x') + labelled, config]);
  });

  it('puts new resources into files of their own', async () => {
    write({ 'x.yaml': object('X', 'x') });
    const added = object('Y', 'y');
    writeFileSync(join(root, 'y.yaml'), added);
    expect(
      (await evaluate({ args: {}, config: readFunctionConfig(join(root, 'y.yaml')) }, 'upsert-resource')).exitCode,
    ).toBe(0);
    expect(text('y_y.yaml')).toBe(added);
  });

  it('leaves files as they were where the function fails', async () => {
    write({ 'x.yaml': object('X', 'x') });
    const { exitCode, err } = await evaluate({ args: {} });
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringMatching(/\[FAIL\][^]*Exit code: 1\n$/) });
    expect(text('x.yaml')).toBe(object('X', 'x'));
  });

  it('prints a diff and writes nothing in a dry run', async () => {
    write({ 'x.yaml': object('X', 'x') });
    expect((await evaluate({ dryRun: true })).out).toContain('+  labels:\n+    a: b\n');
    expect(text('x.yaml')).toBe(object('X', 'x'));
  });

  it.each([
    ['no such file', undefined, /^file ".*config.yaml" cannot be read: it does not exist/],
    ['no resource', '# nothing\n', /^function config ".*config.yaml" must hold one resource, but holds none/],
    ['two resources', 'a: 1\n---\nb: 2\n', /must hold one resource, but holds 2/],
    ['no YAML', 'a: [\n', /^function config ".*config.yaml": yaml: line/],
  ])('refuses a configuration with %s', (_, config, message) => {
    const path = join(root, 'config.yaml');
    if (config !== undefined) writeFileSync(path, config);
    expect(() => readFunctionConfig(path)).toThrow(
      expect.objectContaining({ name: 'LocalError', message: expect.stringMatching(message) }),
    );
  });

  it('says which file is wrong', async () => {
    write({ 'x.yaml': 'a: [\n' });
    expect((await evaluate({})).err).toMatch(/^Error: file "x.yaml": yaml: line/);
  });
});
