import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const porch = fileURLToPath(new URL('../../bin/porch.js', import.meta.url));
const server = fileURLToPath(new URL('./serve-process.test-support.ts', import.meta.url));

/** A device that has no room for anything. */
const full = '/dev/full';

const kptfile =
  'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: app\npipeline:\n  mutators:\n  - image: set-labels\n    configMap: {a: b}\n';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-output-'));
  writeFileSync(join(directory, 'Kptfile'), kptfile);
});

afterEach(() => rmSync(directory, { recursive: true }));

describe.skipIf(!existsSync(full))('where there is no room for output', () => {
  let device: number;

  beforeEach(() => {
    device = openSync(full, 'w');
  });

  afterEach(() => closeSync(device));

  test.each([
    [['version']],
    [['--help']],
    [['render', '--help']],
    [['render', '--dry-run']],
    [['eval', '--image', 'set-labels', '--dry-run', '--', 'c=d']],
  ])('%j ends with one line and exit code 1', (args) => {
    const { status, stderr } = spawnSync(process.execPath, [porch, ...args], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', device, 'pipe'],
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/(^|\n)porch: standard output cannot be written: ENOSPC[^\n]+\n$/);
    expect(stderr).not.toContain('    at ');
  });

  test('a command that prints nothing says what else is wrong', () => {
    const { status, stderr } = spawnSync(process.execPath, [porch, 'sevre'], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', device, 'pipe'],
    });
    expect([status, stderr]).toEqual([2, "porch: unknown command 'sevre' (Did you mean serve?)\n"]);
  });

  test('a command whose messages have no place does its work', () => {
    const { status, stdout } = spawnSync(process.execPath, [porch, 'render', '--dry-run'], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', device],
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining('+++ b/Kptfile')]);
  });

  test('a server goes on without its log', async () => {
    const child = spawn(process.execPath, [server, 'serve', '--listen=127.0.0.1:0'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', device],
    });
    const ended = once(child, 'exit');
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

test('a command ends without a word when nobody reads its output any further', async () => {
  const child = spawn(process.execPath, [porch, 'render', '--help'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const said: Buffer[] = [];
  child.stderr.on('data', (data: Buffer) => said.push(data));
  expect(await once(child, 'close')).toEqual([141, null]);
  expect(Buffer.concat(said).toString()).toBe('');
});

test('a command does its work when nobody reads its messages any further', async () => {
  const child = spawn(process.execPath, [porch, 'render'], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(readFileSync(join(directory, 'Kptfile'), 'utf8')).toContain('reason: RenderSuccess');
});
