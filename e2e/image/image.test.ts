import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiClient } from '../harness/api-client.ts';
import { readConnection } from '../harness/kubeconfig.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

let directory: string;
let application: string;
let dockerfile: string;

/** The instructions of a stage, continued lines joined. */
function instructions(text: string, stage: number): readonly (readonly [string, string])[] {
  const lines = text.replace(/\\\n\s*/g, '').split('\n');
  const stages = lines.join('\n').split(/^FROM .*$/m);
  return (stages[stage] ?? '').split('\n').flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return name === undefined || rest === undefined ? [] : [[name, rest] as const];
  });
}

/** A copy of what is under version control, as a build has it. */
async function copySource(target: string): Promise<void> {
  await mkdir(target);
  const { stdout } = await run('git', ['ls-files', '-z'], { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  const pack = spawn('tar', ['-cf', '-', '--null', '-T', '-'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const unpack = spawn('tar', ['-xf', '-', '-C', target], { stdio: [pack.stdout, 'ignore', 'inherit'] });
  pack.stdin.end(stdout);
  await new Promise<void>((done, failed) => {
    unpack.once('error', failed);
    unpack.once('close', (code) => (code === 0 ? done() : failed(new Error(`tar ended with ${code}`))));
  });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-image-'));
  application = join(directory, 'app');
  dockerfile = await readFile(join(root, 'deploy/image/Dockerfile'), 'utf8');
  const source = join(directory, 'src');
  await copySource(source);
  for (const [name, rest] of instructions(dockerfile, 1)) {
    if (name !== 'RUN') continue;
    await run('sh', ['-c', rest.replaceAll('/app', application)], { cwd: source });
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The last stage's entry point, with its program in the folder of the test and this Node. */
function entryPoint(): readonly string[] {
  const [, text] = instructions(dockerfile, 2).find(([name]) => name === 'ENTRYPOINT') ?? [];
  const words = JSON.parse(text ?? '[]') as string[];
  expect(words.slice(0, 3)).toEqual(['/usr/bin/tini', '--', '/usr/local/bin/node']);
  return [process.execPath, ...words.slice(3).map((word) => word.replace('/app', application))];
}

it('copies the program that it has built, and runs as nobody in particular', () => {
  const last = instructions(dockerfile, 2);
  expect(last).toContainEqual(['COPY', '--from=build /app /app']);
  expect(last).toContainEqual(['USER', '65532:65532']);
});

it('brings no tests and no tools of development', async () => {
  const { stdout } = await run('find', [application, '-name', '*.test.ts', '-not', '-path', '*/node_modules/*']);
  expect(stdout).toBe('');
  const needing = `grep -rlE "from '(vitest|fast-check)'" --include='*.ts' --exclude-dir=node_modules . || true`;
  expect((await run('sh', ['-c', needing], { cwd: application })).stdout).toBe('');
  await expect(readFile(join(application, 'node_modules/vitest/package.json'))).rejects.toThrow('ENOENT');
});

it('starts with the flags of the image, and stops', async () => {
  const [, text] = instructions(dockerfile, 2).find(([name]) => name === 'CMD') ?? [];
  const data = join(directory, 'data');
  const flags = (JSON.parse(text ?? '[]') as string[]).map((flag) =>
    flag.replace('/data', data).replace('0.0.0.0:9443', '127.0.0.1:0'),
  );
  const [program = '', ...words] = entryPoint();
  const server = spawn(program, [...words, ...flags], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let printed = '';
  for await (const chunk of server.stdout ?? []) {
    printed += chunk;
    if (printed.includes('Porch is ready')) break;
  }
  expect(printed).toContain('Porch is ready at https:');
  const client = apiClient(await readConnection(join(data, 'kubeconfig')));
  expect((await client.send('GET', '/readyz')).status).toBe(200);
  client.close();
  const ended = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
});
