import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import type { Json } from '../harness/api-client.ts';
import { expectStatus, resourcesPath, revisionsPath } from '../harness/packages.ts';
import { type Porch, startPorch } from '../harness/porch.ts';
import { canRunPostgres, databaseUrlOf } from '../harness/replicas.ts';
import { PorchProcess, runPorch } from '../harness/server-process.ts';
import { createSecret, startWorld, type World } from '../harness/world.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const secretPath = '/api/v1/namespaces/default/secrets/kept';

/** Everything that a client can see of a server, revisions apart. */
async function seen(server: Porch): Promise<Json> {
  const answer = expectStatus(await server.http('GET', revisionsPath), 200);
  const revisions = answer.items.map((item: Json) => ({
    ...item,
    metadata: { ...item.metadata, resourceVersion: undefined },
  }));
  const { data } = expectStatus(await server.http('GET', secretPath), 200);
  const files = expectStatus(await server.http('GET', `${resourcesPath}/repo.db.draft`), 200);
  return { revisions, data, files: files.spec.resources };
}

describe.skipIf(!canRunPostgres())('porch migrate-store', () => {
  let postgres: PostgresServer;
  let world: World;
  let urlFile: string;
  let before: Json;
  const opened: Porch[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.create();
    world = await startWorld();
    urlFile = join(world.porch.dataDirectory, '..', 'database-url');
    await writeFile(urlFile, databaseUrlOf(postgres));
    await world.addRepository('repo');
    await world.packages.publish({ repository: 'repo', packageName: 'web', workspaceName: 'v1' });
    expectStatus(await world.packages.create({ repository: 'repo', packageName: 'db', workspaceName: 'draft' }), 201);
    await createSecret(world.porch, 'kept', 'a password that is moved');
    before = await seen(world.porch);
  });
  afterAll(async () => {
    for (const server of opened) await server.close();
    await world?.close();
    await postgres?.destroy();
  });

  async function migrate(...flags: readonly string[]) {
    const { dataDirectory } = world.porch;
    return new PorchProcess(['migrate-store', ...flags], { cwd: join(dataDirectory, '..') }).exited;
  }

  const moveBack = (to = 'back') => {
    const { dataDirectory } = world.porch;
    const [directory, key] = [join(dataDirectory, '..', to), join(dataDirectory, 'keys', 'secrets.key')];
    return migrate('--from-database-url-file', urlFile, '--to', directory, '--encryption-key-file', key);
  };

  const database = () => [
    ...['--database-url-file', urlFile, '--lease-duration', '5s'],
    ...['--encryption-key-file', join(world.porch.dataDirectory, 'keys', 'secrets.key')],
  ];

  it('refuses a directory whose server runs', async () => {
    const { code, stderr } = await migrate('--from', world.porch.dataDirectory, '--to-database-url-file', urlFile);
    expect([code, stderr]).toEqual([2, expect.stringContaining('in use')]);
  });

  it('moves everything into a database, and revisions go on where none was', async () => {
    const { resourceVersion } = expectStatus(await world.porch.http('GET', configMaps), 200).metadata;
    await world.porch.stop();
    const { dataDirectory } = world.porch;
    for (const command of ['serve', 'controllers']) {
      const args = [command, '--data-dir', dataDirectory, '--listen', '127.0.0.1:0', ...database()];
      expect(await runPorch(args, dataDirectory)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('has a state of its own, which the database does not have; move it there'),
      });
    }
    const { code, stdout } = await migrate('--from', dataDirectory, '--to-database-url-file', urlFile);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Moved \d+ objects and \d+ contents of packages\.\nStart: porch serve /);
    const old = await runPorch(['serve', '--data-dir', dataDirectory, '--listen', '127.0.0.1:0'], dataDirectory);
    expect([old.code, old.stderr]).toEqual([2, expect.stringContaining('is in a database; give --database-url-file')]);
    await world.porch.start(database());
    expect(await seen(world.porch)).toEqual(before);
    const now = expectStatus(await world.porch.http('GET', configMaps), 200).metadata.resourceVersion;
    expect(Number(now)).toBeGreaterThan(Number(resourceVersion) + 1_000_000_000);
    expectStatus(await world.packages.propose('repo.db.draft'), 200);
    expectStatus(await world.packages.approve('repo.db.draft'), 200);
    const back = await moveBack();
    expect([back.code, back.stderr]).toEqual([2, expect.stringContaining('a server works on the database (process ')]);
  });

  it.each([
    [['user', 'add', 'joe', '--role', 'porch-viewer'], 'start the server first'],
    [['rotate-ca'], 'name it with --database-url-file'],
  ])('lets %j change nothing in the directory that it has left', async (args, advice) => {
    await world.porch.stop();
    const { dataDirectory } = world.porch;
    const { code, stderr } = await runPorch([...args, '--data-dir', dataDirectory], dataDirectory);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`is in a database; ${advice}`)]);
  });

  it('fills no database that has a store', async () => {
    await world.porch.stop();
    const { code, stderr } = await migrate('--from', world.porch.dataDirectory, '--to-database-url-file', urlFile);
    expect([code, stderr]).toEqual([2, expect.stringContaining('holds a store already')]);
  });

  it('leaves a directory that no server starts on where the certificate authority cannot be kept', async () => {
    const directory = join(world.porch.dataDirectory, '..', 'without-authority');
    await mkdir(join(directory, 'pki', 'authority.json'), { recursive: true });
    expect(await moveBack('without-authority')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('authority.json cannot be used: a directory stands where a file is needed'),
    });
    await rm(join(directory, 'pki', 'authority.json'), { recursive: true });
    const { code, stderr } = await runPorch(['serve', '--data-dir', directory, '--listen', '127.0.0.1:0'], directory);
    expect([code, stderr]).toEqual([2, expect.stringContaining('by porch migrate-store, which did not finish')]);
  });

  it('moves everything back into a directory', async () => {
    const directory = join(world.porch.dataDirectory, '..', 'back');
    const { code, stdout } = await moveBack();
    expect(code).toBe(0);
    expect(stdout).toContain(`Start: porch serve --data-dir ${directory}\nGive it the other flags that the server had`);
    const back = await startPorch({ dataDirectory: directory });
    opened.push(back);
    const after = await seen(back);
    expect(after.data).toEqual(before.data);
    expect(after.revisions.map(({ metadata, spec }: Json) => [metadata.name, metadata.uid, spec.lifecycle])).toEqual(
      expect.arrayContaining(before.revisions.map(({ metadata }: Json) => [metadata.name, metadata.uid, 'Published'])),
    );
  });

  it.each([
    [[], 'needs --from DIR and --to-database-url-file FILE'],
    [['--from', 'nowhere', '--to', 'elsewhere'], 'needs --from DIR and --to-database-url-file FILE'],
    [
      ['--from', 'nowhere', '--to-database-url-file', 'database-url'],
      'nowhere is no data directory of a server: it has no store; give --from',
    ],
    [
      ['--from-database-url-file', 'nowhere', '--to', 'new'],
      'does not exist; choose another one with --from-database-url-file',
    ],
  ])('says what is wrong with %j', async (flags, message) => {
    const { code, stderr } = await migrate(...flags);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
