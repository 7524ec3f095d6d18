import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { type GitServer, type GitServerOptions, startGitServer } from '../../../../e2e/harness/git-server.ts';
import { keptLog } from '../../../../e2e/harness/kept-log.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { createMirrors } from './mirror.ts';
import type { GitError, Mirrors, RemoteAccess } from './types.ts';

const PASSWORD = 'correct horse battery staple';
const WRONG = 'S3cret-and-wr0ng';

let directory: string;
let processes: GitProcesses;
let mirrors: Mirrors;
const log = keptLog('trace');
const servers: GitServer[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-access-'));
  const { logger } = log;
  processes = await startBroker({ directory, logger });
  mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: false } });
});

afterAll(async () => {
  await mirrors?.close();
  await processes?.close();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(directory, { recursive: true, force: true });
});

async function serve(options: GitServerOptions = {}): Promise<{ server: GitServer; url: string; head: string }> {
  const server = await startGitServer(options);
  servers.push(server);
  const url = await server.createRepository('repo');
  const repository = server.directory('repo');
  const tree = await plainGit(repository, ['write-tree']);
  const head = await plainGit(repository, ['commit-tree', tree, '-m', 'first']);
  await plainGit(repository, ['update-ref', 'refs/heads/main', head]);
  return { server, url, head };
}

function basic(url: string, password: string): RemoteAccess {
  return { url, credentials: { type: 'basic', username: 'alice', password } };
}

/** A certificate that nobody has signed, and its key. */
function makeCertificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'porch-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-days', '2', ...subject], {
    stdio: 'ignore',
  });
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}

async function failure(work: Promise<unknown>): Promise<GitError> {
  return await work.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: GitError) => error,
  );
}

describe('credentials', () => {
  test('let in with the right password, and are refused with a wrong or none', async () => {
    const { url, head } = await serve({ users: { alice: PASSWORD } });
    const mirror = await mirrors.open(url);
    const { refs } = await mirror.lsRemote(basic(url, PASSWORD));
    expect(refs.get('refs/heads/main')).toBe(head);
    await mirror.fetch(basic(url, PASSWORD));
    for (const access of [basic(url, WRONG), { url }]) {
      const update = { ref: 'refs/heads/x', old: null, new: head };
      const errors = await Promise.all([
        failure(mirror.lsRemote(access)),
        failure(mirror.fetch(access)),
        failure(mirror.push(access, [update], { atomic: true })),
      ]);
      for (const error of errors) {
        expect(error).toMatchObject({ name: 'GitError', errorClass: 'Authentication' });
        expect(error.advice).toContain('secret');
        expect(error.message).toContain(url);
      }
    }
  });

  test('are in no error, log, command line or file', async () => {
    const commandLines: string[] = [];
    const { url } = await serve({
      users: { alice: PASSWORD },
      onRequest: () => {
        commandLines.push(execFileSync('ps', ['-axww', '-o', 'command']).toString());
        return { status: 500, body: `you said ${PASSWORD}` };
      },
    });
    const mirror = await mirrors.open(url);
    const encoded = Buffer.from(`alice:${WRONG}`).toString('base64');
    const errors = await Promise.all([
      failure(mirror.lsRemote(basic(url, WRONG))),
      failure(mirror.fetch(basic(url, WRONG))),
      failure(mirror.lsRemote(basic(url, PASSWORD))),
    ]);
    const shown = [
      ...errors.map((error) => `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`),
      ...commandLines,
      log.text,
      readFileSync(join(mirror.directory, 'config'), 'utf8'),
    ].join('\n');
    expect(commandLines.join('\n')).toMatch(/git.* ls-remote/);
    for (const secret of [WRONG, PASSWORD, encoded]) expect(shown).not.toContain(secret);
  });

  test('a bearer token is sent as such', async () => {
    const seen: string[] = [];
    const capture = await capturingServer(seen);
    const access: RemoteAccess = { url: capture.url, credentials: { type: 'bearer', token: 'tok-123' } };
    await failure((await mirrors.open(capture.url)).lsRemote(access));
    expect(seen.join('')).toMatch(/^authorization: bearer tok-123\r$/im);
    capture.close();
  });

  test('with a line break are refused before anything is sent', async () => {
    const { url } = await serve();
    const access: RemoteAccess = { url, credentials: { type: 'bearer', token: 'a\r\nX-Evil: 1' } };
    const error = await failure((await mirrors.open(url)).lsRemote(access));
    expect(error).toMatchObject({ errorClass: 'Authentication' });
    expect(error.message).toContain('line break');
  });
});

describe('certificates', () => {
  test('of a private authority are refused, and accepted with its bundle', async () => {
    const tls = makeCertificate();
    const { url, head } = await serve({ tls });
    const mirror = await mirrors.open(url);
    expect(await failure(mirror.lsRemote({ url }))).toMatchObject({ errorClass: 'Certificate' });
    expect((await mirror.lsRemote({ url, caBundle: tls.cert })).refs.get('refs/heads/main')).toBe(head);
    const kept = join(directory, 'ca', createHash('sha256').update(tls.cert).digest('hex'), 'ca.crt');
    writeFileSync(kept, '');
    expect((await mirror.lsRemote({ url, caBundle: tls.cert })).refs.get('refs/heads/main')).toBe(head);
    const named = url.replace('127.0.0.1', 'localhost');
    const other = await failure((await mirrors.open(named)).lsRemote({ url: named, caBundle: tls.cert }));
    expect(other).toMatchObject({ errorClass: 'Certificate' });
    expect(await failure(mirror.lsRemote({ url, caBundle: 'nonsense' }))).toMatchObject({ errorClass: 'Certificate' });
    expect(await failure(mirror.lsRemote({ url }))).toMatchObject({ errorClass: 'Certificate' });
  });
});

describe('failures are told apart', () => {
  test.each([
    [404, 'NotFound'],
    [403, 'Authentication'],
    [429, 'RateLimited'],
    [500, 'Unreachable'],
    [503, 'Unreachable'],
  ])('HTTP %i is %s', async (status, errorClass) => {
    const { url } = await serve({ onRequest: () => ({ status }) });
    expect(await failure((await mirrors.open(url)).lsRemote({ url }))).toMatchObject({ errorClass });
  });

  test('nobody listens', async () => {
    const { url, server } = await serve();
    await server.close();
    servers.splice(servers.indexOf(server), 1);
    const error = await failure((await mirrors.open(url)).fetch({ url }));
    expect(error).toMatchObject({ errorClass: 'Unreachable' });
    expect(error.message).toMatch(/^fetch http:.*: fatal: unable to access/);
  });

  test('no such host', async () => {
    const url = 'http://porch.invalid/repo.git';
    expect(await failure((await mirrors.open(url)).lsRemote({ url }))).toMatchObject({ errorClass: 'Unreachable' });
  });

  test('an answer that does not come in time, and a caller that leaves', async () => {
    const { url } = await serve({ onRequest: () => new Promise(() => undefined) });
    const mirror = await mirrors.open(url);
    expect(await failure(mirror.lsRemote({ url }, { timeoutMs: 50 }))).toMatchObject({ errorClass: 'Timeout' });
    expect(await failure(mirror.fetch({ url }, { timeoutMs: 50 }))).toMatchObject({ errorClass: 'Timeout' });
    const controller = new AbortController();
    const left = mirror.fetch({ url }, { signal: controller.signal });
    controller.abort(new Error('the client left'));
    await expect(left).rejects.toThrow('the client left');
  });

  test('a push whose answer is lost is not called a rejection', async () => {
    const { url, head } = await serve({
      onRequest: ({ method, service }) =>
        method === 'POST' && service === 'git-receive-pack' ? { status: 502 } : undefined,
    });
    const mirror = await mirrors.open(url);
    await mirror.fetch({ url });
    const update = { ref: 'refs/heads/x', old: null, new: head };
    const error = await failure(mirror.push({ url }, [update], { atomic: true }));
    expect(['Unreachable', 'Interrupted']).toContain(error.errorClass);
  });

  test('a push over TLS whose connection ends before the answer may have been carried out', async () => {
    const tls = makeCertificate();
    const { url, head, server } = await serve({
      tls,
      onRequest: ({ method, service }) =>
        method === 'POST' && service === 'git-receive-pack' ? { fault: 'answer-lost' } : undefined,
    });
    const access = { url, caBundle: tls.cert };
    const mirror = await mirrors.open(url);
    await mirror.fetch(access);
    const update = { ref: 'refs/heads/x', old: null, new: head };
    const error = await failure(mirror.push(access, [update], { atomic: true }));
    expect(error).toMatchObject({ errorClass: 'Interrupted' });
    expect(await plainGit(server.directory('repo'), ['rev-parse', 'refs/heads/x'])).toBe(head);
  });

  test('a remote that closes the connection', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x.git`;
    expect(await failure((await mirrors.open(url)).lsRemote({ url }))).toMatchObject({ errorClass: 'Interrupted' });
    server.close();
  });
});

/** Keeps what it is sent and answers 404. */
async function capturingServer(seen: string[]): Promise<{ url: string; close(): void }> {
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      seen.push(chunk.toString());
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x.git`,
    close: () => server.close(),
  };
}
