import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import { eventually } from '../harness/eventually.ts';
import { probe } from '../harness/probe.ts';
import { canRunPostgres, databaseUrlOf } from '../harness/replicas.ts';
import { PorchProcess, runPorch } from '../harness/server-process.ts';

describe.skipIf(!canRunPostgres())('a server whose database is away when it starts', () => {
  let home: string;
  let database: PostgresServer;
  const started: PorchProcess[] = [];
  const flags = () => ['--data-dir', join(home, 'data'), '--listen', '127.0.0.1:0', '--database-url-file', 'url'];
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'porch-waiting-'));
    database = await PostgresServer.create();
    await writeFile(join(home, 'url'), databaseUrlOf(database));
    await database.stop();
  });
  afterAll(async () => {
    for (const { child, exited } of started) {
      child.kill('SIGTERM');
      await exited;
    }
    await database?.destroy();
    await rm(home, { recursive: true, force: true });
  });

  async function startWaiting(): Promise<{ readonly server: PorchProcess; readonly health: string }> {
    const server = new PorchProcess(['serve', ...flags()], { cwd: home });
    started.push(server);
    const told = await eventually('word of the waiting', async () => / health=(\S+)/.exec(server.stderr) ?? undefined);
    return { server, health: told[1] ?? '' };
  }

  it('ends when it is told to', async () => {
    const { server } = await startWaiting();
    server.child.kill('SIGTERM');
    expect(await server.exited).toMatchObject({ code: 0, stdout: '' });
  });

  it('lives, is not ready, says why in its log only, and begins when the database is back', async () => {
    const { server, health } = await startWaiting();
    expect(await probe(`${health}/livez`)).toEqual({ status: 200, body: 'ok' });
    expect(await probe(`${health}/readyz`)).toEqual({
      status: 503,
      body: 'not ready: it waits for its database or its cluster; the log says why',
    });
    expect(server.stderr).toContain('check that the server runs and can be reached');
    expect(server.stderr).not.toContain(String(database.connection.password));
    await database.start();
    const [, address] = await server.printed(/Porch is ready at (\S+)/);
    expect(await probe(`${address}/readyz`)).toEqual({ status: 200, body: 'ok' });
  });

  it('does not wait for what only a change can put right', async () => {
    await writeFile(join(home, 'wrong'), databaseUrlOf(database).replace(/:[^:@]+@/, ':wrong@'));
    const own = ['--data-dir', join(home, 'other'), '--listen', '127.0.0.1:0', '--database-url-file', 'wrong'];
    const refused = await runPorch(['serve', ...own], home);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('password authentication failed')]);
    await writeFile(join(home, 'wrong'), `${databaseUrlOf(database)}&sslmode=require`);
    const unsafe = await runPorch(['serve', ...own], home);
    expect([unsafe.code, unsafe.stderr]).toEqual([2, expect.stringContaining('does not support SSL')]);
  });
});
