import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { type GitServer, type GitServerRequest, startGitServer } from '../../../../e2e/harness/git-server.ts';
import { type KeptLog, keptLog } from '../../../../e2e/harness/kept-log.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { REDIRECT_ADVICE } from './errors.ts';
import { createMirrors } from './mirror.ts';
import { redirectIn } from './redirects.ts';
import type { Mirror, Mirrors, RemoteAccess } from './types.ts';

const ask = '/info/refs?service=git-upload-pack';

function answer(location: string): string {
  return [
    '10:00:00.000000 http.c:684              <= Recv header: HTTP/2 301',
    `10:00:00.000001 http.c:684              <= Recv header: Location: ${location}`,
    '10:00:00.000002 http.c:684              <= Recv header: Date: today',
  ].join('\n');
}

describe('where an answer redirects to', () => {
  test.each([
    ['another name', 'https://h/old', `https://h/new.git${ask}`, 'https://h/new.git'],
    ['a path', 'https://h/old', `/new.git${ask}`, 'https://h/new.git'],
    ['the same port, spelt out', 'https://h/old', `https://H:443/new${ask}`, 'https://h/new'],
    ['https instead of http', 'http://h/x.git', `https://h/x.git${ask}`, 'https://h/x.git'],
    ['a path with slashes at its end', 'http://h:8080/x', `/x.git/${ask.slice(1)}`, 'http://h:8080/x.git'],
  ])('%s is gone to', (_what, asked, location, url) => {
    expect(redirectIn(answer(location), asked)).toEqual({ type: 'followed', url });
  });

  test.each([
    ['another host', 'https://h/x', `https://h.example/x${ask}`, 'another server', 'https://h.example/x'],
    ['another port', 'https://h/x', `https://h:8443/x${ask}`, 'another server', 'https://h:8443/x'],
    ['http instead of https', 'https://h/x', `http://h/x${ask}`, 'another server', 'http://h/x'],
    ['https at a port of its own', 'http://h:3000/x', `https://h/x${ask}`, 'another server', 'https://h/x'],
    ['a user', 'https://h/x', `https://me:secret@h/x${ask}`, 'another server', 'https://h/x'],
    ['a page', 'https://h/x', 'https://h/users/sign_in?next=/info/refs', 'no repository', 'https://h/users/sign_in'],
    ['another service', 'https://h/x', '/x/info/refs?service=other', 'no repository', 'https://h/x'],
    ['more than the question', 'https://h/x', `/x${ask}&token=secret`, 'no repository', 'https://h/x'],
    ['a file', 'https://h/x', `file:///etc${ask}`, 'another server', 'file:///etc'],
  ])('%s is not', (_what, asked, location, reason, shown) => {
    expect(redirectIn(answer(location), asked)).toEqual({ type: 'refused', shown, reason });
  });

  test('is the last answer, for the one before is of a proxy', () => {
    const answers = `${answer('http://proxy/elsewhere')}\n${answer(`/new${ask}`)}`;
    expect(redirectIn(answers, 'https://h/old')).toEqual({ type: 'followed', url: 'https://h/new' });
  });

  test.each([
    ['no address', '10:00:00.000000 http.c:684  <= Recv header: HTTP/2 404'],
    ['what is no address', answer('http://[')],
  ])('is unknown where there is %s', (_what, answers) => {
    expect(redirectIn(answers, 'https://h/old')).toBeUndefined();
  });
});

describe('a remote that redirects', () => {
  const password = 'correct horse';
  let directory: string;
  let processes: GitProcesses;
  let mirrors: Mirrors;
  let server: GitServer;
  let log: KeptLog;
  let asked: string[];
  let redirect: (request: GitServerRequest) => string | undefined;
  let head: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'porch-redirects-'));
    log = keptLog('trace');
    const { logger } = log;
    processes = await startBroker({ directory, logger });
    mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: false } });
    asked = [];
    redirect = () => undefined;
    server = await startGitServer({
      users: { alice: password },
      onRequest: (request) => {
        asked.push(request.url.replace(/\/info\/refs.*|\/git-.*/, ''));
        const location = redirect(request);
        return location === undefined ? undefined : { status: 301, headers: { location }, body: '<html>moved</html>' };
      },
    });
    await server.createRepository('new');
    const tree = await plainGit(server.directory('new'), ['write-tree']);
    head = await plainGit(server.directory('new'), ['commit-tree', tree, '-m', 'first']);
    await plainGit(server.directory('new'), ['update-ref', 'refs/heads/main', head]);
  });

  afterEach(async () => {
    await mirrors?.close();
    await processes?.close();
    await server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function opened(name: string): Promise<{ mirror: Mirror; access: RemoteAccess }> {
    const url = server.url(name);
    return {
      mirror: await mirrors.open(url),
      access: { url, credentials: { type: 'basic', username: 'alice', password } },
    };
  }

  const renamed = ({ url }: GitServerRequest): string | undefined =>
    url.startsWith('/old.git') ? url.replace('/old.git', '/new.git') : undefined;

  test('is listed, fetched, cloned and pushed to where it leads, with its credentials', async () => {
    redirect = renamed;
    const { mirror, access } = await opened('old');
    await mirror.fetch(access);
    expect(await mirror.has(head)).toBe(true);
    const { refs } = await mirror.lsRemote(access);
    expect(refs).toEqual(new Map([['refs/heads/main', head]]));
    expect(await mirror.defaultBranch(access)).toBe('main');
    asked = [];
    const update = { ref: 'refs/heads/x', old: null, new: head };
    expect(await mirror.push(access, [update], { atomic: true })).toEqual({ type: 'accepted' });
    await mirror.fetch(access);
    expect(await plainGit(server.directory('new'), ['rev-parse', 'refs/heads/x'])).toBe(head);
    expect(new Set(asked)).toEqual(new Set(['/new.git']));
    expect(log.text).toContain('redirects to another address');
    expect(log.text).not.toContain(Buffer.from(`alice:${password}`).toString('base64'));
  });

  test('is asked at its own address whenever its references are listed: another repository may have its name now', async () => {
    redirect = renamed;
    const { mirror, access } = await opened('old');
    await mirror.lsRemote(access);
    redirect = () => undefined;
    await server.createRepository('old');
    expect((await mirror.lsRemote(access)).refs.size).toBe(0);
    asked = [];
    await mirror.fetch(access);
    expect(new Set(asked)).toEqual(new Set(['/old.git']));
  });

  test('is asked at its own address again when there is nothing left where it led', async () => {
    redirect = renamed;
    const { mirror, access } = await opened('old');
    await mirror.lsRemote(access);
    redirect = ({ url }) => (url.startsWith('/old.git') ? url.replace('/old.git', '/newest.git') : undefined);
    renameSync(server.directory('new'), server.directory('newest'));
    const update = { ref: 'refs/heads/x', old: null, new: head };
    await mirror.fetch(access);
    expect(await mirror.push(access, [update], { atomic: true })).toEqual({ type: 'accepted' });
    expect(await plainGit(server.directory('newest'), ['rev-parse', 'refs/heads/x'])).toBe(head);
  });

  test('may lead over several addresses, but not without end', async () => {
    redirect = ({ url }) => {
      const step = Number(/^\/step(\d)/.exec(url)?.[1] ?? Number.NaN);
      if (Number.isNaN(step)) return undefined;
      return url.replace(/^\/step\d/, step === 4 ? '/new' : `/step${step + 1}`);
    };
    const { mirror, access } = await opened('step0');
    expect((await mirror.lsRemote(access)).refs.get('refs/heads/main')).toBe(head);
    redirect = ({ url }) => url;
    await expect(mirror.lsRemote(access)).rejects.toMatchObject({
      errorClass: 'NotFound',
      message: expect.stringContaining(`it redirects to '${server.url('step0')}', which is one redirect too many`),
    });
  });

  test('to another server is not followed, and gets no credentials there', async () => {
    const seen: string[] = [];
    const other = await startGitServer({
      onRequest: ({ url }) => {
        seen.push(url);
        return { status: 404 };
      },
    });
    redirect = ({ url }) => `${other.url('x')}${url.replace('/old.git', '')}`;
    const { mirror, access } = await opened('old');
    for (const work of [() => mirror.lsRemote(access), () => mirror.fetch(access)]) {
      await expect(work()).rejects.toMatchObject({
        errorClass: 'NotFound',
        message: expect.stringContaining(`it redirects to '${other.url('x')}', which is another server`),
        advice: REDIRECT_ADVICE,
      });
    }
    expect(seen).toEqual([]);
    await other.close();
  });
});
