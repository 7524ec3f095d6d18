import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, openAuthority } from '@porch/apiserver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { type Connection, readConnection } from './harness/kubeconfig.ts';
import { modernKubectlPrograms } from './harness/kubectl.ts';
import { expectStatus, repositoriesPath, revisionsPath } from './harness/packages.ts';
import { type Porch, startPorch } from './harness/porch.ts';
import { runPorch } from './harness/server-process.ts';
import { startWorld } from './harness/world.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'porch-start-'));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(...flags: string[]): Promise<Porch> {
  const porch = await startPorch({ flags });
  cleanups.push(() => porch.close());
  return porch;
}

/** A client of the same server as somebody else, or as nobody. */
function clientAs(porch: Porch, identity?: { certificate: string; key: string }): ApiClient {
  const { address, authority } = porch.connection;
  const client = apiClient({ address, authority, ...identity });
  cleanups.push(() => client.close());
  return client;
}

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kept' }, stringData: { a: 'b' } };
const secretsPath = '/api/v1/namespaces/default/secrets';

describe('starting', () => {
  it('takes requests as long as it was told, and says the limit to longer ones', async () => {
    const porch = await start('--max-request-body-size=8000000');
    const padded = (name: string, bytes: number) =>
      JSON.stringify({ ...secret, metadata: { name } }).padEnd(bytes, ' ');
    expectStatus(await porch.http('POST', secretsPath, padded('long', 7_000_000)), 201);
    const refused = await porch.http('POST', secretsPath, padded('longer', 8_000_001));
    expect(expectStatus(refused, 413).message).toContain('limit is 8000000');
  });

  it('makes everything at first, and keeps it afterwards', async () => {
    const porch = await start();
    const { certificate, authority } = porch.connection;
    const namespace = expectStatus(await porch.http('GET', '/api/v1/namespaces/default'), 200);
    expectStatus(await porch.http('POST', secretsPath, secret), 201);
    for (const path of [porch.dataDirectory, join(porch.dataDirectory, 'pki')]) {
      expect((await stat(path)).mode & 0o777, path).toBe(0o700);
    }
    expect((await stat(porch.kubeconfig)).mode & 0o777).toBe(0o600);

    await porch.restart();
    expect(porch.connection).toMatchObject({ certificate, authority });
    expect(expectStatus(await porch.http('GET', '/api/v1/namespaces/default'), 200)).toEqual(namespace);
    expect(expectStatus(await porch.http('GET', `${secretsPath}/kept`), 200).data).toEqual({ a: 'Yg==' });

    await porch.kill();
    await porch.start();
    expect(porch.connection).toMatchObject({ certificate, authority });
    expectStatus(await porch.http('GET', `${secretsPath}/kept`), 200);
  });

  it('prints where it is, where its kubeconfig is, and three commands that work', async () => {
    const porch = await start();
    expect(porch.output).toContain(porch.connection.address);
    expect(porch.output).toContain(porch.kubeconfig);
    const commands = [...porch.output.matchAll(/^ {2}kubectl (.*)$/gm)].map(([, command = '']) => command);
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const words = command
        .split(' ')
        .filter((word, at, all) => word !== '--kubeconfig' && all[at - 1] !== '--kubeconfig');
      // Explaining takes OpenAPI v3, which old programs do not read.
      if (words[0] !== 'explain' || modernKubectlPrograms().length > 0) await porch.kubectl(words);
    }
  });

  it('is refused on a directory that another server uses, with its process named', async () => {
    const porch = await start();
    const pid = (await readFile(join(porch.dataDirectory, 'server.pid'), 'utf8')).trim();
    const { code, stdout, stderr } = await runPorch(
      ['serve', '--data-dir', porch.dataDirectory, '--listen', '127.0.0.1:0'],
      await directory(),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^porch: [^\n]+\n$/);
    expect(stderr).toContain(`(pid ${pid})`);
    expectStatus(await porch.http('GET', '/api/v1/namespaces/default'), 200);
  });

  it('is refused on a path that cannot be a directory', async () => {
    const path = join(await directory(), 'file');
    await writeFile(path, '');
    for (const place of [path, join(path, 'below')]) {
      const { code, stdout, stderr } = await runPorch(['serve', '--data-dir', place], await directory());
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^porch: [^\n]+\n$/);
      expect(stderr).toContain(place);
    }
  });

  it.each([
    ['an unknown flag', ['--nonsense'], '--nonsense'],
    ['an address that is none', ['--listen', 'nowhere'], '--listen'],
    ['a port that is none', ['--listen', '127.0.0.1:70000'], '--listen'],
    ['a mode that is none', ['--push-drafts=perhaps'], '--push-drafts'],
    ['a frequency that is none', ['--repo-sync-frequency', 'often'], '--repo-sync-frequency'],
    ['a level that is none', ['--log-level', 'loud'], '--log-level'],
    ['a format that is none', ['--log-format', 'prose'], '--log-format'],
    ['an engine that is none', ['--function-containers', 'nonsense'], '--function-containers'],
    ['an empty value', ['--data-dir', ''], '--data-dir'],
    ['a file that is not there', ['--token-auth-file', 'nowhere'], 'nowhere cannot be used: it does not exist'],
    ['a directory in place of a file', ['--database-url-file', '.'], 'choose another one with --database-url-file'],
    ['certificates of a runner, and no runner', ['--function-runner-ca-file', '/dev/null'], '--function-runner\n'],
  ])('is refused with %s', async (_what, flags, named) => {
    const place = await directory();
    const { code, stdout, stderr } = await runPorch(['serve', ...flags], place);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^porch: [^\n]+\n$/);
    expect(stderr).toContain(named);
    expect(await readdir(place)).toEqual([]);
  });

  it.each(['serve', 'function-runner'])('is refused on an address that is in use, by porch %s', async (command) => {
    const server = createServer();
    cleanups.push(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const outcome = await runPorch([command, '--listen', `127.0.0.1:${port}`, '--log-level=error'], await directory());
    const message = `porch: cannot listen on 127.0.0.1:${port}: the address is in use; choose another one with --listen\n`;
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: message });
  });

  it('writes its log as JSON where that is asked for', async () => {
    const porch = await start('--log-format=json', '--log-level=debug');
    const exit = await porch.stop();
    const lines = (exit?.stderr ?? '').split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.anything(), msg: expect.any(String) });
  });
});

describe('stopping', () => {
  it('ends watches cleanly, and the process with exit code 0', async () => {
    const porch = await start();
    const watches = [
      await porch.watch(revisionsPath),
      await porch.watch(`${repositoriesPath}?allowWatchBookmarks=true`),
      await porch.watch(secretsPath, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    ];
    const exit = await porch.stop();
    expect(exit).toMatchObject({ code: 0, signal: null });
    for (const watch of watches) expect(await watch.ended).toEqual({ clean: true });
  });

  it('does not answer any more', async () => {
    const porch = await start();
    const client = clientAs(porch);
    await porch.stop();
    await expect(client.send('GET', '/readyz')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('finishes the publication that is under way, and is not ready meanwhile', async () => {
    let hold: Promise<void> | undefined;
    const asked = Promise.withResolvers<void>();
    const world = await startWorld({
      git: {
        onRequest: async ({ method, service }) => {
          if (hold === undefined || method !== 'POST' || service !== 'git-receive-pack') return;
          asked.resolve();
          await hold;
        },
      },
      porch: { flags: ['--push-drafts=off'] },
    });
    cleanups.push(() => world.close());
    const { packages, porch } = world;
    const remote = await world.addRepository('held');
    const created = await packages.create({ repository: 'held', packageName: 'pkg', workspaceName: 'v1' });
    const { name } = expectStatus(created, 201).metadata;
    expectStatus(await packages.propose(name), 200);
    const anonymous = clientAs(porch);
    expect((await anonymous.send('GET', '/readyz')).status).toBe(200);
    const go = Promise.withResolvers<void>();
    hold = go.promise;
    const approving = packages.approve(name);
    await asked.promise;
    porch.terminate();
    await eventually('not ready', async () => {
      const fresh = clientAs(porch);
      return fresh.send('GET', '/readyz').then(
        ({ status }) => status !== 200,
        () => true,
      );
    });
    go.resolve();
    expect(expectStatus(await approving, 200).spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(await porch.exited()).toMatchObject({ code: 0 });
    expect(Object.keys(await remote.refs())).toEqual(['heads/main', 'tags/pkg/v1']);
    await porch.start();
    expect(expectStatus(await packages.get(name), 200).spec.lifecycle).toBe('Published');
  });
});

describe('who gets in', () => {
  let porch: Porch;
  beforeAll(async () => {
    porch = await startPorch();
  });
  afterAll(() => porch?.close());

  it.each(['/healthz', '/livez', '/readyz', '/version'])('%s needs no identity', async (path) => {
    expect((await clientAs(porch).send('GET', path)).status).toBe(200);
  });

  it.each(['/api/v1/namespaces', '/apis', '/openapi/v3', revisionsPath, '/nothing'])(
    '%s without identity is 401',
    async (path) => {
      const status = expectStatus(await clientAs(porch).send('GET', path), 401);
      expect(status).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    },
  );

  it('a certificate of another authority, even of the same name, is 401', async () => {
    const other = await createAuthority({ name: 'porch' });
    const stranger = await other.issueClientCertificate({ name: 'admin', groups: ['system:masters'] });
    expectStatus(await clientAs(porch, stranger).send('GET', '/api/v1/namespaces'), 401);
  });

  it('a certificate of the same authority that is no administrator is 403', async () => {
    const pki = join(porch.dataDirectory, 'pki');
    const authority = openAuthority({
      certificate: await readFile(join(pki, 'ca.crt'), 'utf8'),
      key: await readFile(join(pki, 'ca.key'), 'utf8'),
    });
    const user = await authority.issueClientCertificate({ name: 'jane', groups: ['developers'] });
    for (const path of ['/api/v1/namespaces/default/secrets', revisionsPath, repositoriesPath]) {
      const status = expectStatus(await clientAs(porch, user).send('GET', path), 403);
      expect(status).toMatchObject({ kind: 'Status', reason: 'Forbidden', code: 403 });
      expect(status.message).toContain('jane');
    }
  });

  it('an invented token is 401', async () => {
    const answer = await clientAs(porch).send('GET', '/api/v1/namespaces', undefined, { authorization: 'Bearer abc' });
    expectStatus(answer, 401);
  });

  // The last one: the connection that the others use is of before.
  it('a certificate of the old authority is good after a new one was made, until the old one is forgotten', async () => {
    const rotate = (...flags: string[]) =>
      runPorch(['rotate-ca', '--data-dir', porch.dataDirectory, ...flags], porch.dataDirectory);
    const taken = async (old: Connection): Promise<Connection> => {
      await eventually(
        'the new authority in the kubeconfig',
        async () => (await readConnection(porch.kubeconfig)).certificate !== old.certificate,
      );
      return readConnection(porch.kubeconfig);
    };
    const answer = async (connection: Connection) => {
      const client = apiClient(connection);
      try {
        return (await client.send('GET', '/api/v1/namespaces')).status;
      } finally {
        client.close();
      }
    };
    const before = await readConnection(porch.kubeconfig);
    expect(await rotate('--sign-after', '0s')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('signs from'),
    });
    expect((await readFile(join(porch.dataDirectory, 'pki', 'ca.crt'), 'utf8')).split('BEGIN CERT')).toHaveLength(3);
    const both = await taken(before);
    expect(both.authority).toContain(before.authority.trim());
    expect(await answer(both)).toBe(200);
    expect(await answer({ ...before, authority: both.authority })).toBe(200);
    await expect(answer(before)).rejects.toThrow('certificate');

    expect(await rotate('--forget-old')).toMatchObject({ code: 0, stdout: expect.stringContaining('the only one') });
    const last = await taken(both);
    expect(last.authority).not.toContain(before.authority.trim());
    expect(await answer(last)).toBe(200);
    expect(await answer({ ...both, authority: last.authority })).toBe(401);
  });
});
