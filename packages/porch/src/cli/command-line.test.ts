import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const porch = fileURLToPath(new URL('../../bin/porch.js', import.meta.url));
const server = fileURLToPath(new URL('./serve-process.test-support.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], options: { cwd: string; ipc?: boolean; env?: NodeJS.ProcessEnv }) {
    this.child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', options.ipc === true ? 'ipc' : 'ignore'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    // Not 'close', which a child whose channel was cut never emits.
    const streams = [this.child.stdout, this.child.stderr].map((stream) => once(stream ?? this.child, 'end'));
    this.ended = Promise.all([once(this.child, 'exit'), ...streams]).then(([[code, signal]]) => ({
      code,
      signal,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Resolves when the text has appeared on one of the streams; rejects when the process ends without it. */
  async shown(text: string): Promise<void> {
    while (!this.#stdout.includes(text) && !this.#stderr.includes(text)) {
      const data = [this.child.stdout, this.child.stderr].map((stream) => once(stream ?? this.child, 'data'));
      const ended = this.ended.then((outcome) => {
        throw new Error(`ended without ${JSON.stringify(text)}: ${JSON.stringify(outcome)}`);
      });
      await Promise.race([...data, ended]);
    }
  }
}

let directory: string;
let started: Running[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-cli-'));
  started = [];
});

afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  rmSync(directory, { recursive: true, force: true });
});

function start(args: readonly string[], ipc = false, env: NodeJS.ProcessEnv = {}): Running {
  const running = new Running(args, { cwd: directory, ipc, env });
  started.push(running);
  return running;
}

const run = (...args: string[]) => start([porch, ...args]).ended;

describe('the porch command', () => {
  test('says its version and how it is used', async () => {
    const version = await run('version');
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^porch \d+\.\d+\.\d+ \(Node\.js v\d+/);
    const help = await run('serve', '--help');
    expect(help.code).toBe(0);
    for (const flag of ['--data-dir', '--listen', '--push-drafts', 'PORCH_LISTEN']) expect(help.stdout).toContain(flag);
    expect((await run()).stdout).toContain('serve');
  });

  test('keeps compiled code for the next start, and does without where it cannot', async () => {
    const place = join(directory, 'compiled');
    const kept = await start([porch, 'version'], false, { NODE_COMPILE_CACHE: place }).ended;
    expect(kept).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(place)).toHaveLength(1);
    const without = await start([porch, 'version'], false, { NODE_COMPILE_CACHE: join(porch, 'compiled') }).ended;
    expect(without).toEqual(kept);
  });

  test.each([
    [['serve', '--listne', 'x'], "unknown option '--listne' (Did you mean --listen?)"],
    [['serve', '--listen', 'x'], 'Give HOST:PORT'],
    [['sevre'], "unknown command 'sevre' (Did you mean serve?)"],
    [['serve', 'now'], 'too many arguments'],
  ])('%j is one clear line and exit code 2', async (args, text) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/^porch: [^\n]+\n$/);
  });

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://porch:s3cret@collector:4318' }, 'http://<redacted>@collector:4318'],
    [
      { PORCH_DATABASE_URL_FILE: 'postgres://porch:s3/cr@et@db/porch' },
      'postgres://<redacted>@db/porch cannot be used',
    ],
  ])('says what is wrong with %j without the password', async (env, text) => {
    const { code, stderr } = await start([porch, 'serve'], false, env).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
    expect(stderr).not.toMatch(/s3|et@/);
  });
});

describe('porch serve', () => {
  const serve = (ipc = false, ...args: string[]) => start([server, 'serve', '--listen=127.0.0.1:0', ...args], ipc);

  test('refuses a data directory that is a file', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const { code, stderr } = await serve(false, '--data-dir', join(file, 'data')).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^porch: data directory [^\n]+ cannot be used: a file stands where [^\n]+--data-dir\n$/);
  });

  test.skipIf(process.getuid?.() === 0)('refuses a data directory it may not write to', async () => {
    chmodSync(directory, 0o500);
    const { code, stderr } = await serve().ended;
    chmodSync(directory, 0o700);
    expect(code).toBe(2);
    expect(stderr).toContain('permission denied');
  });

  test('refuses an address in use', async () => {
    const first = serve(false, '--data-dir', 'a');
    await first.shown('Try:');
    const port = readFileSync(join(directory, 'a', 'port'), 'utf8');
    const second = start([server, 'serve', '--listen', `127.0.0.1:${port}`, '--data-dir', 'b']);
    const { code, stderr } = await second.ended;
    expect(code).toBe(2);
    expect(stderr).toBe(
      `porch: cannot listen on 127.0.0.1:${port}: the address is in use; choose another one with --listen\n`,
    );
  });

  test('says where it is, and stops cleanly when asked', async () => {
    const running = serve();
    await running.shown('explain');
    expect(statSync(join(directory, '.porch')).mode & 0o777).toBe(0o700);
    running.child.kill('SIGTERM');
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('stopped') });
    expect(stdout).toMatch(/^Porch is ready at https:\/\/127\.0\.0\.1:\d+\nKubeconfig: .*\.porch\/kubeconfig\n/);
    expect(stdout.match(/^ {2}kubectl /gm)).toHaveLength(3);
  });

  test('stops at once when asked twice', async () => {
    const running = serve(false, '--default-image-prefix', 'never-closes');
    await running.shown('Try:');
    running.child.kill('SIGTERM');
    await running.shown('closing for ever');
    // What comes within a second is taken for an echo of the first signal, so ask until it is heard.
    const asking = setInterval(() => running.child.kill('SIGTERM'), 100);
    const { code } = await running.ended;
    clearInterval(asking);
    expect(code).toBe(143);
  });

  test('stops cleanly when the process that holds its channel is gone', async () => {
    const running = serve(true);
    await running.shown('Try:');
    running.child.disconnect();
    expect(await running.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('the end of the parent') });
  });

  test("a failure that is not the user's is shown in full, with exit code 1", async () => {
    const { code, stderr } = await serve(false, '--default-image-prefix', 'fails').ended;
    expect(code).toBe(1);
    expect(stderr).toContain('porch: Error: broken\n    at ');
  });
});
