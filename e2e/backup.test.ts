import { cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { expectStatus, repositoriesPath, revisionsPath } from './harness/packages.ts';
import { type Porch, startPorch } from './harness/porch.ts';
import { PorchProcess } from './harness/server-process.ts';
import { gitSecret, readyCondition, startWorld, type World } from './harness/world.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

let world: World;
let backups: string;
let restored: Porch | undefined;

beforeAll(async () => {
  world = await startWorld();
  backups = join(world.porch.dataDirectory, '..', 'backups');
  await world.addRepository('blueprints');
  await world.packages.publish({ repository: 'blueprints', packageName: 'web', workspaceName: 'v1' });
  expectStatus(
    await world.packages.create({ repository: 'blueprints', packageName: 'db', workspaceName: 'draft' }),
    201,
  );
});
afterAll(async () => {
  await restored?.close();
  await world?.close();
});

async function command(...args: readonly string[]) {
  const { code, stdout, stderr } = await new PorchProcess(args, { cwd: world.porch.dataDirectory }).exited;
  return { code, stdout, stderr };
}

const finished = async () => (await readdir(backups)).filter((name) => name.startsWith('porch-'));

it('is made of a running server, and the newest are kept', async () => {
  const flags = ['--backup-dir', backups, '--backup-frequency', '1100ms', '--backup-keep', '2'];
  await world.porch.restart(flags);
  const first = await eventually('a backup', async () => (await finished().catch(() => []))[0]);
  await eventually('the first backup is gone', async () => ((await finished()).includes(first) ? undefined : true));
  expect((await finished()).length).toBeLessThanOrEqual(2);
  expect((await stat(backups)).mode & 0o777).toBe(0o700);
});

it('brings everything back, and no client takes old for new', async () => {
  const created = await world.porch.http('POST', configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'before' },
  });
  const { resourceVersion } = expectStatus(created, 201).metadata;
  const before = await finished();
  const backup = await eventually(
    'a backup with it',
    async () => (await finished()).filter((n) => !before.includes(n))[1],
  );
  await world.porch.kill();

  const home = join(world.porch.dataDirectory, '..', 'restored');
  const outcome = await command('restore', join(backups, backup), '--data-dir', home);
  const told = new RegExp(
    `^Restored ${home}: \\d+ objects \\(Secrets: 1\\), users of porch user: 0\\.\nNext: porch serve`,
  );
  expect(outcome).toEqual({ code: 0, stdout: expect.stringMatching(told), stderr: '' });
  restored = await startPorch({ dataDirectory: home });

  const found = expectStatus(await restored.http('GET', `${configMaps}/before`), 200);
  expect(found.metadata.resourceVersion).toBe(resourceVersion);
  const list = expectStatus(await restored.http('GET', configMaps), 200);
  expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(1_000_000_000);
  const resumed = await restored.http('GET', `${configMaps}?watch=true&resourceVersion=${resourceVersion}`);
  expect([resumed.status, resumed.json.type, resumed.json.object.code]).toEqual([200, 'ERROR', 410]);

  const revisions = expectStatus(await restored.http('GET', revisionsPath), 200);
  expect(revisions.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
    'blueprints.db.draft',
    'blueprints.web.main',
    'blueprints.web.v1',
  ]);
  const secret = expectStatus(await restored.http('GET', `/api/v1/namespaces/default/secrets/${gitSecret}`), 200);
  expect(Object.keys(secret.data)).toEqual(['password', 'username']);
  await eventually('the repository is Ready again', async () => {
    const answer = await restored?.http('GET', `${repositoriesPath}/blueprints`);
    return readyCondition(answer?.json)?.status === 'True';
  });
});

it('is not restored over anything, nor from anything else', async () => {
  // The newest: the oldest may have been half removed when the server was killed.
  const backup = (await finished()).sort().at(-1) ?? '';
  const over = await command('restore', join(backups, backup), '--data-dir', world.porch.dataDirectory);
  expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('is not empty; move it away')]);
  const nothing = await command('restore', backups, '--data-dir', join(backups, 'new'));
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('is no backup: it has no store.db')]);
  const file = join(backups, backup, 'store.db');
  const fromFile = await command('restore', file, '--data-dir', join(backups, 'new'));
  expect([fromFile.code, fromFile.stderr]).toEqual([2, expect.stringContaining('is no backup: it has no store.db')]);
  const ontoFile = await command('restore', join(backups, backup), '--data-dir', file);
  expect([ontoFile.code, ontoFile.stderr]).toEqual([
    2,
    expect.stringContaining('a file stands where a directory is needed; choose another one with --data-dir'),
  ]);
});

it('is refused without the key of its Secrets, which may be named or left out', async () => {
  const backup = join(backups, (await finished()).sort().at(-1) ?? '');
  const broken = join(backups, '..', 'without-key');
  await cp(backup, broken, { recursive: true });
  for (const part of ['keys', 'pki']) await rm(join(broken, part), { recursive: true });
  const restore = (home: string, ...flags: string[]) => command('restore', broken, '--data-dir', home, ...flags);
  const homes = ['a', 'b'].map((name) => join(backups, '..', name)) as [string, string];

  const refused = await restore(homes[0]);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(
      /it has no keys\/secrets\.key, without which nobody can read its Secret; .*--without-secrets\n$/,
    ),
  ]);
  const key = join(backup, 'keys', 'secrets.key');
  const named = await restore(homes[0], '--encryption-key-file', key);
  expect(named).toMatchObject({ code: 0, stderr: expect.stringContaining('everyone needs a new kubeconfig') });
  expect(named.stdout).toContain(
    `Next: porch serve --data-dir ${homes[0]} --encryption-key-file ${key}\nGive it the other flags that the server had`,
  );
  const unnamed = await command('serve', '--data-dir', homes[0], '--listen', '127.0.0.1:0');
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('secrets.key is missing; restore it')]);

  expect(await restore(homes[1], '--without-secrets')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('(Secrets: 0, left out: 1)'),
  });
  const without = await startPorch({ dataDirectory: homes[1] });
  try {
    const { items } = expectStatus(await without.http('GET', '/api/v1/secrets'), 200);
    expect(items).toEqual([]);
  } finally {
    await without.close();
  }
});
