import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { runProgram } from './program.ts';

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-program-'));
  file = join(directory, 'file');
  writeFileSync(file, '');
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Runs a command line that must not get as far as doing anything. */
async function run(...args: string[]) {
  return await runInto(new Error('the command line was taken'), ...args);
}

/** Runs a command line whose command fails with the error. */
async function runInto(error: Error, ...args: string[]) {
  let [stdout, stderr] = ['', ''];
  const out = { write: (text: string) => (stdout += text) };
  const err = { write: (text: string) => (stderr += text) };
  const load = async () => {
    throw error;
  };
  const code = await runProgram(args, {
    process: Object.create(process, { stdout: { value: out }, stderr: { value: err } }),
    loadServer: load,
    loadControllers: load,
    loadUsers: load,
    loadMigration: load,
  });
  return { code, stdout, stderr };
}

/** What commands need beside the flag that is tried. */
const needed: Readonly<Record<string, (() => string[]) | undefined>> = {
  eval: () => ['--image', 'set-labels'],
  'user add': () => ['jane', '--role', 'porch-viewer', '--data-dir', directory],
  'user remove': () => ['jane', '--data-dir', directory],
  'user list': () => ['--data-dir', directory],
  kubeconfig: () => ['jane', '--data-dir', directory],
  restore: () => ['backup'],
};
const commands = [
  ...['serve', 'controllers', 'render', 'eval', 'user add', 'user remove', 'user list', 'kubeconfig', 'migrate-store'],
  ...['import', 'restore', 'rotate-ca', 'function-runner'],
];

/** The flags of a command that take a value, each with what it takes. */
async function flagsOf(command: string): Promise<(readonly [flag: string, value: string])[]> {
  const { stdout } = await run(...command.split(' '), '--help');
  return [...stdout.matchAll(/^ {2}(--[a-z-]+) [<[](\S+)[>\]]/gm)].map(([, flag = '', value = '']) => [flag, value]);
}

test('all commands are known here', async () => {
  const { stdout } = await run('--help');
  const names = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
  const known = commands.map((command) => command.split(' ')[0]);
  expect(names).toEqual([...new Set([...known, 'version', 'help'])]);
});

describe.each(commands)('porch %s', (command) => {
  const words = command.split(' ');

  test('refuses empty values, and names the flag', async () => {
    const flags = await flagsOf(command);
    expect(flags.length).toBeGreaterThan(0);
    for (const [flag] of flags) {
      if (flag === '--default-image-prefix') continue;
      for (const empty of ['', ' ']) {
        const { code, stderr } = await run(...words, ...(needed[command]?.() ?? []), `${flag}=${empty}`);
        expect([flag, code]).toEqual([flag, 2]);
        expect(stderr).toMatch(new RegExp(`^porch: option '${flag} [^\n]+ is invalid\\. [^\n]+\n$`));
      }
    }
  });

  // These are made, or looked into, by the commands themselves.
  const own = ['--from', '--to', ...(words[0] === 'user' || command === 'kubeconfig' ? [] : ['--data-dir'])];

  test('refuses files and directories that cannot be used, and names the flag and the path', async () => {
    const flags = (await flagsOf(command)).filter(([flag, value]) => /^(file|dir)$/.test(value) && !own.includes(flag));
    expect(flags.length).toBeGreaterThan(0);
    for (const [flag, value] of flags) {
      const path = value === 'dir' ? file : directory;
      const { code, stdout, stderr } = await run(...words, ...(needed[command]?.() ?? []), flag, path);
      expect([flag, code, stdout]).toEqual([flag, 2, '']);
      expect(stderr).toMatch(/^porch: [^\n]+ cannot be used: (it is a |a file stands where )[^\n]+\n$/);
      for (const part of [flag, path]) expect(stderr).toContain(part);
    }
  });
});

test.each(['render', 'eval', 'user add', 'user remove', 'kubeconfig', 'restore'])(
  'porch %s refuses an empty operand',
  async (command) => {
    const [, ...flags] = needed[command]?.() ?? [];
    const options = command === 'eval' ? ['--image', 'set-labels'] : flags;
    const { code, stderr } = await run(...command.split(' '), '', ...options);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/value '' is invalid for argument '\w+'. Give a value/)]);
  },
);

test.each([
  [['user', 'list', '--data-dir', 'nowhere'], 'or start a server that makes it: porch serve --data-dir nowhere'],
  [['user', 'add', 'jane', '--role', 'porch-viewer', '--namespace', 'No'], 'Give the name of a namespace.'],
  [['kubeconfig', 'jane', '--namespace', 'No'], 'Give the name of a namespace.'],
  [['kubeconfig', 'jane', '--server', 'porch:9443'], 'Give a URL, for instance https://porch.example.com:9443.'],
  [
    ['kubeconfig', 'jane', '--server', 'http://porch:9443'],
    'Give a URL of https, for instance https://porch.example.com:9443.',
  ],
  [['rotate-ca', '--sign-after', '10000h'], 'The longest is 8760h.'],
  [['function-runner', '--max-parallel-functions', '0'], 'Give a whole number, 1 or more.'],
  [['serve', '--function-containers', '/nowhere/podman'], 'command /nowhere/podman cannot be used: it does not exist'],
])('%j is refused', async (args, message) => {
  expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});

test('engines are looked for on the PATH', async () => {
  vi.stubEnv('PATH', directory);
  expect((await run('serve', '--function-containers', 'podman')).stderr).toContain('it is not on the PATH');
  writeFileSync(join(directory, 'podman'), '', { mode: 0o755 });
  await expect(run('serve', '--function-containers', 'podman')).rejects.toThrow('the command line was taken');
});

test('a file that somebody has to put right is named in one line', async () => {
  const forbidden = Object.assign(new Error('EACCES: permission denied'), {
    code: 'EACCES',
    syscall: 'open',
    path: file,
  });
  expect(await runInto(forbidden, 'serve')).toEqual({
    code: 2,
    stdout: '',
    stderr: `porch: ${file} cannot be used: permission denied; give it to the user that porch runs as\n`,
  });
});

describe('the environment', () => {
  test('is checked as flags are, and named', async () => {
    vi.stubEnv('PORCH_SCHEMA_DIR', file);
    expect((await run('serve')).stderr).toContain(
      `${file} cannot be used: it is a file, and a directory is needed; choose another one with --schema-dir (PORCH_SCHEMA_DIR)`,
    );
  });

  test('counts as not set where it is empty', async () => {
    for (const name of ['PORCH_SCHEMA_DIR', 'PORCH_LISTEN', 'PORCH_CONTROLLERS']) vi.stubEnv(name, '');
    await expect(run('serve')).rejects.toThrow('the command line was taken');
  });
});

test('nothing was made meanwhile', () => {
  expect(readdirSync(directory).sort()).toEqual(['file', 'podman']);
});

test('the limits of a function runner are those of all its functions, as its help says', async () => {
  const limits = /--function-timeout <duration> +most time of a function(.*)/;
  expect(limits.exec((await run('function-runner', '--help')).stdout)?.[1]).not.toContain('built');
  expect(limits.exec((await run('serve', '--help')).stdout)?.[1]).toContain('that is not built');
});
