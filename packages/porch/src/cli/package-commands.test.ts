import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const porch = fileURLToPath(new URL('../../bin/porch.js', import.meta.url));

const kptfile =
  'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: app\npipeline:\n  mutators:\n  - image: set-labels\n    configMap: {a: b}\n';
const object = (kind: string) => `apiVersion: example.com/v1\nkind: ${kind}\nmetadata:\n  name: x # mine\n`;
const labelled = (kind: string) => `${object(kind)}  labels:\n    a: b\n`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-packages-'));
  for (const kind of ['A', 'B']) writeFileSync(join(directory, `${kind}.yaml`), object(kind));
});

afterEach(() => rmSync(directory, { recursive: true }));

function run(...args: string[]) {
  const { PORCH_DEFAULT_IMAGE_PREFIX: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [porch, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

const read = (name: string) => readFileSync(join(directory, name), 'utf8');

describe('porch render', () => {
  test('renders the package in the directory that is named, or in the current one', () => {
    writeFileSync(join(directory, 'Kptfile'), kptfile);
    const { status, stdout, stderr } = run('render', '--results-dir', 'results');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(
      /^Package "porch-packages-\w+":\n\[RUNNING\] "ghcr.io\/kptdev\/krm-functions-catalog\/set-labels:latest"/,
    );
    expect(stderr).toContain('Successfully executed 1 function(s) in 1 package(s).\n');
    expect([read('A.yaml'), read('B.yaml')]).toEqual([labelled('A'), labelled('B')]);
    expect(read('results/results.yaml')).toContain('message: set 3 labels in total');
    expect(run('render', directory, '--dry-run', '--default-image-prefix', 'r.io').stdout).toContain(
      '+    - image: r.io/set-labels:latest\n',
    );
  });

  test('leaves nothing half done when it is interrupted', async () => {
    writeFileSync(join(directory, 'Kptfile'), kptfile);
    const count = 400;
    const names = Array.from({ length: count }, (_, n) => `n${n}.yaml`);
    for (const name of names) writeFileSync(join(directory, name), object('N'));
    const child = spawn(process.execPath, [porch, 'render'], { cwd: directory, stdio: 'ignore' });
    const ended = once(child, 'exit');
    while (child.exitCode === null && !readdirSync(directory).some((name) => name.endsWith('.tmp'))) await turn();
    child.kill('SIGINT');
    const [code] = await ended;
    expect(readdirSync(directory)).toHaveLength(count + 3);
    const written = names.filter((name) => read(name) === labelled('N')).length;
    // It depends on the disk whether the signal comes before the last file is ready to take its place, or after the end.
    expect([`130: 0`, `130: ${count}`, `0: ${count}`]).toContain(`${code}: ${written}`);
  });

  test('fails with exit code 1', () => {
    const { status, stdout, stderr } = run('render');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^Error: No Kptfile found at "[^"]+": name the directory of a package, or make it one\n$/);
  });
});

describe('porch eval', () => {
  test('runs a function with parameters', () => {
    const { status, stdout, stderr } = run('eval', '.', '--image', 'r.io/set-labels:v0.2', '--', 'a=b');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^\[RUNNING\] "r.io\/set-labels:v0.2"\n\[PASS\] [^]*set 2 labels in total\n$/);
    expect([read('A.yaml'), read('B.yaml')]).toEqual([labelled('A'), labelled('B')]);
  });

  test('takes parameters for the current directory, equals signs and dashes included', () => {
    expect(run('eval', '--image', 'set-annotations', '--match-kind', 'A', '--', 'c=d=e', '--f=-g').status).toBe(0);
    expect(read('A.yaml')).toBe(`${object('A')}  annotations:\n    --f: -g\n    c: d=e\n`);
    expect(read('B.yaml')).toBe(object('B'));
  });

  // All of --match-* must hold, and all of --exclude-* for a resource to be left out.
  test.each([
    [['--match-name=x', '--exclude-api-version=example.com/v1', '--exclude-kind=A'], ['B']],
    [['--match-api-version=example.com/v1', '--match-namespace=default'], []],
    [
      ['--exclude-labels=k=v,l=w', '--exclude-labels=m=x', '--exclude-kind=B'],
      ['A', 'B'],
    ],
    [['--match-labels=k=v', '--exclude-annotations=k=v', '--exclude-name=x', '--exclude-namespace=y'], []],
    [['--match-kind=A', '--match-annotations=k=v'], []],
  ])('chooses resources by %j', (flags, chosen) => {
    const { status, stdout } = run('eval', directory, '--image=set-labels', '--dry-run', ...flags, '--', 'a=b');
    expect(status).toBe(0);
    expect(stdout.match(/(?<=^\+\+\+ b\/)\w(?=\.yaml$)/gm) ?? []).toEqual(chosen);
    expect(read('A.yaml')).toBe(object('A'));
  });

  test('takes the configuration of a file', () => {
    writeFileSync(join(directory, 'B.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata: {a: b}\n');
    expect(run('eval', '--image', 'set-labels', '--fn-config', 'B.yaml').status).toBe(0);
    expect(read('A.yaml')).toBe(labelled('A'));
    expect(read('B.yaml')).not.toContain('labels');
  });

  test('fails with exit code 1 where the function does', () => {
    const { status, stderr } = run('eval', '--image', 'set-labels');
    expect(status).toBe(1);
    expect(stderr).toMatch(/\[FAIL\] [^]*Exit code: 1\n$/);
    expect(read('A.yaml')).toBe(object('A'));
  });

  test.each([
    [[], "required option '--image <image>' not specified"],
    [['--image', 'x', '--', 'a'], 'parameter "a" must be key=value'],
    [['--image', 'x', '.', 'a=b'], 'too many arguments: give one directory, and parameters of the function after --'],
    [['--image', 'x', '--fn-config', 'B.yaml', '--', 'a=b'], 'cannot be given together with --fn-config'],
    [['--image', 'x', '--match-labels', 'a'], 'Give key=value.'],
    [['--image', 'x', '--match-kin', 'a'], 'Did you mean --match-kind?'],
    [['--image', ':'], "option '--image <image>' argument ':' is invalid. Give the name of an image"],
    [['--image', 'x', '--tag', '>>'], "option '--tag <tag>' argument '>>' is invalid. Give a version, or a range"],
    [['--image', 'x', '--match-kind', ''], "option '--match-kind <kind>' argument '' is invalid. Give a value"],
    [['--image', 'x', '--fn-config', 'none.yaml'], 'file none.yaml cannot be used: it does not exist; choose another'],
    [['--image', 'x', '--fn-config', 'bad.yaml'], '--fn-config: function config "bad.yaml": yaml: line '],
    [['--image', 'x', '--fn-config', 'two.yaml'], '"two.yaml" must hold one resource, but holds 2'],
    [
      ['--image', 'x', '--results-dir', 'A.yaml'],
      'directory A.yaml cannot be used: a file stands where a directory is',
    ],
    [['', '--image', 'x'], "value '' is invalid for argument 'dir'"],
  ])('%j is one clear line and exit code 2', (args, text) => {
    writeFileSync(join(directory, 'bad.yaml'), 'a: [\n');
    writeFileSync(join(directory, 'two.yaml'), 'a: 1\n---\nb: 2\n');
    const { status, stdout, stderr } = run('eval', ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/^porch: [^\n]+\n$/);
  });
});
