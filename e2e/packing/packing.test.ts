import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packPackages } from '../../scripts/pack/pack-packages.ts';
import { readConnection } from '../harness/kubeconfig.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

let directory: string;
let project: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-packing-'));
  const tarballs = await packPackages(join(directory, 'tarballs'));
  // Below a directory that is named as one of the packages' own.
  project = join(directory, 'porch', 'src', 'project');
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], {
    cwd: project,
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs a program of the project's own, as a module. */
async function script(text: string): Promise<string> {
  const file = join(project, 'script.js');
  await writeFile(file, text);
  return (await run(process.execPath, [file], { cwd: project })).stdout.trim();
}

it('holds neither TypeScript nor tests', async () => {
  const files: string[] = [];
  for (const name of ['porch', '@porch/apiserver', '@porch/kpt']) {
    const found = await readdir(join(project, 'node_modules', name), { recursive: true });
    expect(found).toContain('LICENSE');
    expect(found).toContain('README.md');
    files.push(...found);
  }
  expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  expect(files.filter((file) => /\.test|test-support|testing|store-suite|trial/.test(file))).toEqual([]);
});

it('runs the command', async () => {
  const { stdout } = await run(join(project, 'node_modules', '.bin', 'porch'), ['version'], { cwd: project });
  expect(stdout).toMatch(/^porch \d+\.\d+\.\d+ /);
});

it('renders a package in a worker', async () => {
  const output = await script(`
    import { createPackageWorkers } from '@porch/kpt';
    const workers = createPackageWorkers({ threads: 1 });
    const kptfile = [
      'apiVersion: kpt.dev/v1', 'kind: Kptfile', 'metadata:', '  name: p',
      'pipeline:', '  mutators:', '  - image: set-namespace:v0.4.1', '    configMap:', '      namespace: shop', '',
    ].join('\\n');
    const object = 'apiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: c # a comment\\n';
    const files = new Map([['Kptfile', kptfile], ['c.yaml', object]]);
    const job = await workers.run({ files, steps: [{ type: 'render' }], render: { defaultImagePrefix: 'example.com' } });
    console.log(job.files.get('c.yaml'));
    await workers.close();
  `);
  expect(output).toContain('namespace: shop');
  expect(output).toContain('# a comment');
});

it('starts a server with its store thread and its broker, and stops it', async () => {
  const output = await script(`
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    const server = spawn('node_modules/.bin/porch', ['serve', '--data-dir', 'data', '--listen', '127.0.0.1:0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of server.stdout) {
      text += chunk;
      if (!text.includes('Porch is ready')) continue;
      server.kill('SIGTERM');
      break;
    }
    const [code] = await once(server, 'exit');
    console.log(code, text);
  `);
  expect(output).toMatch(/^0 Porch is ready at https:/);
  expect((await readConnection(join(project, 'data', 'kubeconfig'))).address).toMatch(/^https:\/\/127\.0\.0\.1:/);
});

it('brings types that a program can be checked against', async () => {
  const check = async (argument: string): Promise<string> => {
    await writeFile(
      join(project, 'uses.ts'),
      `import { createSqliteStoreIsNotThere } from '@porch/apiserver';
       import { openSqliteStore, type Store } from '@porch/apiserver';
       import { createPackageWorkers } from '@porch/kpt';
       export const store: Promise<Store> = openSqliteStore({ directory: 'd' });
       export const workers = createPackageWorkers({ threads: ${argument} });`,
    );
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const roots = join(root, 'node_modules', '@types');
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--typeRoots',
      roots,
      '--types',
      'node',
      'uses.ts',
    ];
    return run(tsc, flags, { cwd: project }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  };
  const wrong = await check(`'many'`);
  expect(wrong).toContain("no exported member 'createSqliteStoreIsNotThere'");
  expect(wrong).toContain("Type 'string' is not assignable to type 'number'");
  expect(wrong.match(/error TS/g)).toHaveLength(2);
});
