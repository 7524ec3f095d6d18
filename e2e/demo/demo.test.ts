import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubectlPrograms } from '../harness/kubectl.ts';

const repositoryRoot = resolve(import.meta.dirname, '../..');
const kubectl = kubectlPrograms().find(({ minor }) => minor >= 29)?.path ?? '';
if (kubectl === '')
  process.stderr.write('skipped: the demonstration needs kubectl 1.29 or newer; name one with KUBECTL\n');

let directory: string;
let temporary: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-demo-test-'));
  temporary = join(directory, 'tmp');
  await mkdir(temporary);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Resolves when standard output holds the text, or has ended. */
  printed(text: string): Promise<void>;
}

function demo(env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [join(repositoryRoot, 'e2e/demo/demo.ts')], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: join(directory, 'home'), TMPDIR: temporary, KUBECTL: kubectl, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return {
    child,
    ended,
    async printed(text) {
      while (!stdout.includes(text) && child.exitCode === null) await Promise.race([once(child.stdout, 'data'), ended]);
    },
  };
}

/** Files and processes that the demonstration should not have left. */
async function leftovers(): Promise<string[]> {
  const found = [...(await readdir(temporary)), ...(await readdir(directory)).filter((name) => name === 'home')];
  const processes = process.platform === 'linux' ? await readdir('/proc') : [];
  for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
    // A process may end while it is looked at, and those of other users cannot be looked at.
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(join('/proc', pid, file), 'latin1').catch(() => '')),
    );
    if (command?.includes(temporary) || environment?.includes(temporary)) found.push(`${pid} ${command}`);
  }
  return found;
}

/** Without what differs from run to run: ports, commit ids, ages, and how columns are aligned. */
function normalized(output: string): string[] {
  return output
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\b[0-9a-f]{40}\b|\b[0-9a-f]{7}\b/g, 'COMMIT')
    .replace(/\b\d+(s| seconds)\b/g, 'TIME$1')
    .replace(/ deleted from \S+ namespace$/gm, ' deleted') // said by kubectl 1.33 and newer
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, '  '))
    .filter((line) => line !== '');
}

describe.skipIf(kubectl === '')('the demonstration', () => {
  it('plays the life of a package, prints what its page shows, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await demo().ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const page = await readFile(join(repositoryRoot, 'docs/demonstration.md'), 'utf8');
    const shown = /<!-- output of npm run demo -->\n\n```console\n([^]*?)\n```/.exec(page)?.[1];
    expect(normalized(stdout)).toEqual(normalized(shown ?? ''));
    expect(await leftovers()).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind when it gets %s', async (signal) => {
    const running = demo();
    await running.printed('web-files.yaml');
    running.child.kill(signal);
    const { code, stderr } = await running.ended;
    expect(stderr).toContain(`stopped by ${signal}`);
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(await leftovers()).toEqual([]);
  });

  it('fails when a command fails, says which, and leaves nothing behind', async () => {
    const failing = join(directory, 'kubectl');
    const real = kubectl.includes('/') ? kubectl : execFileSync('which', [kubectl], { encoding: 'utf8' }).trim();
    await writeFile(failing, `#!/bin/sh\n[ "$1" = patch ] && echo "no patches today" && exit 3\nexec ${real} "$@"\n`);
    await chmod(failing, 0o755);
    const { code, stderr } = await demo({ KUBECTL: failing }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('exit code 3');
    expect(stderr).toContain('no patches today');
    expect(await leftovers()).toEqual([]);
  });

  it('says what is missing', async () => {
    const without = await demo({ KUBECTL: join(directory, 'nowhere') }).ended;
    expect(without).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('install kubectl') });
    const empty = await demo({ PATH: temporary }).ended;
    expect(empty).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('cannot run git; install it') });
  });
});
