import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const kubectl = (process.env.KUBECTL ?? 'kubectl').split(delimiter)[0] ?? 'kubectl';
const found = await run(kubectl, ['version', '--client', '-o', 'json']).then(
  ({ stdout }) => Number.parseInt(JSON.parse(stdout).clientVersion.minor, 10) >= 29,
  () => false,
);
if (!found) console.warn('skipped: there is no kubectl of 1.29 or newer (KUBECTL names one)');

let directory: string;
let server: ChildProcess;

beforeAll(async () => {
  if (!found) return;
  directory = mkdtempSync(join(tmpdir(), 'flunder-'));
  const example = fileURLToPath(new URL('./flunder-server.ts', import.meta.url));
  server = spawn(process.execPath, [example, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout !== null) await once(server.stdout, 'data');
});

afterAll(async () => {
  if (server === undefined) return;
  server.kill('SIGTERM');
  const [code] = await once(server, 'exit');
  rmSync(directory, { recursive: true, force: true });
  expect(code).toBe(0);
});

async function ctl(...args: string[]): Promise<string> {
  const env = { ...process.env, HOME: directory, KUBECONFIG: join(directory, 'kubeconfig') };
  return (await run(kubectl, args, { env })).stdout.trim();
}

async function apply(name: string, reference: string): Promise<string> {
  const flunder = {
    apiVersion: 'wardle.example.com/v1alpha1',
    kind: 'Flunder',
    metadata: { name },
    spec: { reference },
  };
  const child = run(kubectl, ['apply', '-n', 'default', '-f', '-'], {
    env: { ...process.env, HOME: directory, KUBECONFIG: join(directory, 'kubeconfig') },
  });
  child.child.stdin?.end(JSON.stringify(flunder));
  return (await child).stdout.trim();
}

test.skipIf(!found)('kubectl works with a server of eighty lines', async () => {
  expect(await ctl('api-resources', '--no-headers')).toMatch(
    /^flunders +fl +wardle.example.com\/v1alpha1 +true +Flunder$/,
  );
  expect(await apply('one', 'two')).toBe('flunder.wardle.example.com/one created');
  expect(await apply('one', 'three')).toBe('flunder.wardle.example.com/one configured');
  await expect(apply('self', 'self')).rejects.toThrow('spec.reference: Invalid value: "self": must be another');
  await expect(apply('one', 'one')).rejects.toThrow('spec.reference: Invalid value: "one": must be another');
  expect(await ctl('get', 'fl', '-n', 'default', '--no-headers')).toMatch(/^one +three +\d+s$/);
  expect(await ctl('get', 'fl', '-A', '--field-selector', 'spec.reference=two', '-o', 'name')).toBe('');
  expect(await ctl('explain', 'flunder.spec.reference')).toContain('Name of the other one.');
  expect(await ctl('delete', 'fl', 'one', '-n', 'default')).toContain('"one" deleted');
});
