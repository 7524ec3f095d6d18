import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../e2e/harness/eventually.ts';

test('a soak that is interrupted ends, and leaves nothing behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'porch-soak-test-'));
  const soak = spawn(process.execPath, [join(import.meta.dirname, 'run.ts')], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, ended] = [text(soak.stderr), once(soak, 'exit')];
  onTestFinished(async () => {
    soak.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  await eventually('a package that lives', async () =>
    (await readdir(directory, { recursive: true })).some((path) => path.endsWith('refs/heads/drafts/soak')),
  );
  soak.kill('SIGINT');
  expect(await ended).toEqual([2, null]);
  expect(await said).toBe('soak: ended by SIGINT\n');
  expect(await readdir(directory)).toEqual([]);
});
