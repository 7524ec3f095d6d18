import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GitProcesses } from './git-processes.ts';
import { startBroker } from './start-broker.ts';
import { isMissingProcess } from './system-errors.ts';

const logger = pino({ level: 'silent' });
let directory: string;
const brokers: GitProcesses[] = [];

async function start(options: { lockWaitMs?: number; onFailure?: (error: Error) => void } = {}): Promise<GitProcesses> {
  const broker = await startBroker({ directory, logger, ...options });
  brokers.push(broker);
  return broker;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-broker-'));
});

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  rmSync(directory, { recursive: true, force: true });
});

describe('running git', () => {
  test('gives the exit code, the output and the errors of a command', async () => {
    const git = await start();
    const version = await git.run({ args: ['--version'] });
    expect(version.exitCode).toBe(0);
    expect(version.stdout.toString()).toMatch(/^git version/);
    const wrong = await git.run({ args: ['no-such-command'] });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toContain('no-such-command');
  });

  test('moves megabytes both ways, in pieces', async () => {
    const git = await start();
    await git.run({ args: ['init', '-q', '--bare', join(directory, 'r')] });
    const bytes = Buffer.alloc(9 << 20, 'porch');
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    };
    const env = { GIT_DIR: join(directory, 'r') };
    const written = await git.run({ args: ['hash-object', '-w', '--stdin'], env, input: pieces() });
    const id = written.stdout.toString().trim();
    const read = await git.run({ args: ['cat-file', 'blob', id], env });
    expect(read.stdout.equals(bytes)).toBe(true);
  });

  test('slows a process down while its output is not consumed', async () => {
    const git = await start();
    const env = { GIT_DIR: join(directory, 'r') };
    await git.run({ args: ['init', '-q', '--bare', env.GIT_DIR] });
    const bytes = Buffer.alloc(8 << 20, 1);
    const id = (await git.run({ args: ['hash-object', '-w', '--stdin'], env, input: bytes })).stdout.toString().trim();
    let received = 0;
    const gate = Promise.withResolvers<void>();
    const windowFull = Promise.withResolvers<void>();
    const process = git.open({
      args: ['cat-file', 'blob', id],
      env,
      onOutput: (chunk) => {
        received += chunk.length;
        if (received >= 1 << 20) windowFull.resolve();
        return gate.promise;
      },
    });
    await windowFull.promise;
    await git.run({ args: ['--version'] });
    expect(received).toBeLessThan(2 << 20);
    gate.resolve();
    expect(await process.exited).toMatchObject({ type: 'exited', code: 0 });
    expect(received).toBe(bytes.length);
  });

  test('ends what pushes when the permission is not renewed, and nothing else', async () => {
    const git = await start();
    const hang = { args: ['-c', 'alias.hang=!sleep 1000', 'hang'] };
    const other = git.open({ ...hang, onOutput: () => undefined });
    git.allowPushes(60_000);
    const push = git.open({ ...hang, pushes: true, onOutput: () => undefined });
    let over = false;
    void push.exited.then(() => {
      over = true;
    });
    await git.run({ args: ['--version'] });
    expect(over).toBe(false);
    git.allowPushes(0);
    expect(await push.exited).toMatchObject({ type: 'exited', signal: 'SIGKILL' });
    await expect(git.run({ args: ['--version'], pushes: true })).rejects.toThrow('cut off from the database');
    git.allowPushes(60_000);
    expect((await git.run({ args: ['--version'], pushes: true })).exitCode).toBe(0);
    expect((await git.run({ args: ['--version'] })).exitCode).toBe(0);
    other.kill();
    await other.exited;
  });

  test('lets all else go before what works in the background', async () => {
    const git = await start();
    // Of git itself: on a busy machine it has started the shell before it is told to let others go before.
    const alias = `!read line; exec "${globalThis.process.execPath}" -p "os.getPriority(process.ppid)"`;
    const niceness = async (background: boolean) => {
      let printed = '';
      const onOutput = (chunk: Buffer) => void (printed += chunk.toString());
      const process = git.open({ args: ['-c', `alias.nice=${alias}`, 'nice'], background, onOutput });
      await process.write(Buffer.from('\n'));
      process.end();
      expect(await process.exited).toMatchObject({ code: 0 });
      return Number(printed);
    };
    expect(await niceness(true)).toBeGreaterThan(await niceness(false));
  });

  test('ends all that runs, starts no more, and keeps the directory', async () => {
    const git = await start();
    const hang = { args: ['-c', 'alias.hang=!sleep 1000', 'hang'] };
    const running = [
      git.open({ ...hang, onOutput: () => undefined }),
      git.open({ ...hang, onOutput: () => undefined }),
    ];
    await git.endAll();
    for (const { exited } of running) expect(await exited).toMatchObject({ type: 'exited', signal: 'SIGKILL' });
    await expect(git.run({ args: ['--version'] })).rejects.toThrow('the server is stopping');
    await expect(start({ lockWaitMs: 0 })).rejects.toThrow('is in use by another porch server');
  });

  test('ends a process at its deadline, by signal, and when it writes too much', async () => {
    const git = await start();
    const hang = { args: ['-c', 'alias.hang=!sleep 1000', 'hang'] };
    await expect(git.run({ ...hang, timeoutMs: 20 })).rejects.toThrow('git took longer than 20 ms');
    const controller = new AbortController();
    const aborted = git.run({ ...hang, signal: controller.signal });
    controller.abort(new Error('the client left'));
    await expect(aborted).rejects.toThrow('the client left');
    await expect(git.run({ args: ['-c', 'alias.y=!yes', 'y'], maxOutputBytes: 1000 })).rejects.toThrow(
      'more than 1000 bytes',
    );
  });

  test('hands output over as it comes, however much, until that fails', async () => {
    const git = await start();
    let bytes = 0;
    const count = { args: ['-c', 'alias.c=!head -c 5000000 /dev/zero', 'c'], maxOutputBytes: 1000 };
    const { exitCode, stdout } = await git.run({ ...count, onOutput: (chunk) => void (bytes += chunk.length) });
    expect([exitCode, bytes, stdout.length]).toEqual([0, 5_000_000, 0]);
    let calls = 0;
    const broken = git.run({
      args: ['-c', 'alias.y=!yes', 'y'],
      onOutput: () => {
        calls++;
        throw new Error('cannot be read');
      },
    });
    await expect(broken).rejects.toThrow('cannot be read');
    expect(calls).toBe(1);
  });

  test('inherits nothing, reads no configuration and does not prompt', async () => {
    process.env.PORCH_TEST_SECRET = 'hunter2';
    try {
      const git = await start();
      const { stdout } = await git.run({ args: ['-c', 'alias.e=!env', 'e'] });
      const environment = stdout.toString();
      expect(environment).not.toContain('hunter2');
      expect(environment).toContain('GIT_TERMINAL_PROMPT=0');
      expect(environment).toContain('GIT_CONFIG_GLOBAL=/dev/null');
      expect(environment).toContain('GIT_ALLOW_PROTOCOL=http:https\n');
      const hooks = await git.run({ args: ['config', 'core.hooksPath'] });
      expect(hooks.stdout.toString()).toBe('/dev/null\n');
    } finally {
      delete process.env.PORCH_TEST_SECRET;
    }
  });

  test('says so when git cannot be started', async () => {
    const git = await start();
    await expect(git.run({ args: ['--version'], cwd: join(directory, 'missing') })).rejects.toThrow(
      'could not be started',
    );
  });

  test('says so where there is no git', async () => {
    vi.stubEnv('PATH', directory);
    try {
      const refused = startBroker({ directory, logger });
      await expect(refused).rejects.toThrow(/^git 2\.37 or newer is needed, and there is none on the PATH$/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('says why a git that is there cannot be run', async () => {
    writeFileSync(join(directory, 'git'), '#!/bin/sh\n', { mode: 0o600 });
    vi.stubEnv('PATH', directory);
    try {
      const refused = startBroker({ directory, logger });
      await expect(refused).rejects.toThrow(/needed, and cannot be run: git could not be started: .*EACCES/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the data directory', () => {
  test('is refused to a second server, which is told the pid of the first', async () => {
    await start();
    const refused = startBroker({ directory, logger });
    await expect(refused).rejects.toThrow(
      `data directory ${directory} is in use by another porch server (pid ${process.pid}); stop it first`,
    );
    await expect(refused).rejects.toMatchObject({ inUse: true });
  });

  test('is free after close, and stale lock files are gone at the next start', async () => {
    await (await start()).close();
    const mirror = join(directory, 'mirrors', 'm');
    mkdirSync(join(mirror, 'refs', 'mirror', 'heads'), { recursive: true });
    for (const part of ['info', 'pack']) mkdirSync(join(mirror, 'objects', part), { recursive: true });
    const stale = [
      'packed-refs.lock',
      'refs/mirror/heads/main.lock',
      'objects/info/commit-graph.lock',
      'objects/pack/tmp_pack_x',
      'objects/pack/pack-x.keep',
    ];
    for (const file of stale) writeFileSync(join(mirror, file), '');
    writeFileSync(join(mirror, 'refs/mirror/heads/main'), 'kept');
    await start();
    expect(stale.filter((file) => existsSync(join(mirror, file)))).toEqual([]);
    expect(existsSync(join(mirror, 'refs/mirror/heads/main'))).toBe(true);
  });

  test('is all that git needs: the one that the server was started in may be gone', async () => {
    const cwd = join(directory, 'started-in');
    mkdirSync(cwd);
    const script = `
      import { rmSync } from 'node:fs';
      import { startBroker } from ${JSON.stringify(new URL('./start-broker.ts', import.meta.url).href)};
      import pino from ${JSON.stringify(import.meta.resolve('pino'))};
      const git = await startBroker({ directory: '../data', logger: pino({ level: 'silent' }) });
      rmSync(${JSON.stringify(cwd)}, { recursive: true });
      const { exitCode, stderr } = await git.run({ args: ['hash-object', '--stdin'], input: Buffer.from('x') });
      console.log(exitCode, stderr);
      await git.close();
    `;
    const server = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect((await text(server.stdout)).trim()).toBe('0');
    expect(existsSync(join(directory, 'data', 'server.pid'))).toBe(true);
  });

  test('a directory that cannot be made is an error', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(startBroker({ directory: join(directory, 'file', 'data'), logger })).rejects.toThrow('ENOTDIR');
  });

  test('a file where it needs a folder is named', async () => {
    writeFileSync(join(directory, 'home'), '');
    await expect(startBroker({ directory, logger })).rejects.toThrow(
      `${join(realpathSync(directory), 'home')} cannot be used: a file stands where a directory is needed; move it away`,
    );
  });
});

/** Starts a server process that holds the directory and runs a git process that never ends; resolves with the pids of git and of the shell below it. */
async function startServerProcess(options = {}) {
  const script = `
    import { startBroker } from ${JSON.stringify(new URL('./start-broker.ts', import.meta.url).href)};
    import pino from 'pino';
    const git = await startBroker({ ...${JSON.stringify({ directory, ...options })}, logger: pino({ level: 'silent' }) });
    git.open({
      args: ['-c', 'alias.hang=!trap "" TERM; echo $PPID $$; (trap "" TERM HUP; exec setsid sleep 1000) & sleep 1000', 'hang'],
      onOutput: (chunk) => console.log(String(chunk)),
    });
    setInterval(() => {}, 1000);
  `;
  const server = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
  const [git, shell] = await new Promise<number[]>((resolve, reject) => {
    server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim().split(' ').map(Number)));
    server.once('close', (code) => reject(new Error(`the server process ended with ${code}`)));
  });
  if (git === undefined || shell === undefined) throw new Error('no process ids');
  return { server, git, shell };
}

/** Whether a process still runs; one that has ended and waits to be collected does not. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (isMissingProcess(error)) return false;
    throw error;
  }
}

/** The broker's process id, from a git process of its. */
function parentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

describe('when processes are killed', () => {
  test('a killed server takes its git processes along before the next server may start', async () => {
    const { server, shell } = await startServerProcess();
    expect(alive(shell)).toBe(true);
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
    const git = await start();
    expect(alive(shell)).toBe(false);
    expect((await git.run({ args: ['--version'] })).exitCode).toBe(0);
  });

  test('a directory for one server goes with it, and those whose brokers were killed too go with the next', async () => {
    const temporary = 'for-one-';
    const [left, killed, held, young] = ['left', 'killed', 'held', 'young'].map((name) =>
      join(directory, `${temporary}${name}`),
    ) as [string, string, string, string];
    mkdirSync(young);
    const first = await startServerProcess({ directory: left, temporary });
    first.server.kill('SIGSTOP');
    process.kill(parentOf(first.git), 'SIGKILL');
    first.server.kill('SIGKILL');
    const second = await startServerProcess({ directory: killed, temporary });
    second.server.kill('SIGKILL');
    await expect.poll(() => existsSync(killed)).toBe(false);
    const third = await startBroker({ directory: held, logger, temporary });
    const fourth = await startBroker({ directory: `${held}-too`, logger, temporary });
    await fourth.close();
    const rest = [held, young].map((path) => basename(path));
    await expect.poll(() => readdirSync(directory).toSorted()).toEqual(rest);
    expect([first.shell, second.shell].filter(alive)).toEqual([]);
    await third.close();
    expect(existsSync(held)).toBe(false);
  });

  test('processes that a killed broker left behind are ended by the next one', async () => {
    const { server, git: gitPid, shell } = await startServerProcess();
    server.kill('SIGSTOP');
    process.kill(parentOf(gitPid), 'SIGKILL');
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
    await start();
    expect(alive(shell)).toBe(false);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('a broker goes on when its whole group gets %s', async (signal) => {
    const git = await start();
    const pids = Promise.withResolvers<number>();
    const output: string[] = [];
    const running = git.open({
      args: ['-c', 'alias.wait=!echo $PPID; read line; echo $line', 'wait'],
      onOutput: (chunk) => {
        output.push(chunk.toString());
        pids.resolve(Number(chunk.toString()));
      },
    });
    process.kill(parentOf(await pids.promise), signal);
    expect((await git.run({ args: ['--version'] })).exitCode).toBe(0);
    await running.write(Buffer.from('still here\n'));
    running.end();
    await running.exited;
    expect(output[1]).toBe('still here\n');
  });

  test('a broker that dies fails what runs, ends it, and is reported', async () => {
    const failed = Promise.withResolvers<Error>();
    const git = await start({ onFailure: failed.resolve });
    const pids = Promise.withResolvers<number[]>();
    const hanging = git.open({
      args: ['-c', 'alias.hang=!echo $PPID $$; sleep 1000', 'hang'],
      onOutput: (chunk) => pids.resolve(chunk.toString().trim().split(' ').map(Number)),
    });
    const [gitPid, shell] = await pids.promise;
    if (gitPid === undefined) throw new Error('no process id');
    process.kill(parentOf(gitPid), 'SIGKILL');
    expect(await hanging.exited).toMatchObject({ type: 'lost' });
    expect((await failed.promise).message).toContain('the broker');
    await expect(git.run({ args: ['--version'] })).rejects.toThrow('a git process was lost');
    await expect.poll(() => shell !== undefined && alive(shell)).toBe(false);
  });
});
