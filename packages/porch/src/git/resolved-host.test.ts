import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../../../e2e/harness/git-server.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { createMirrors } from './mirror.ts';
import { resolvedHost } from './resolved-host.ts';
import type { Mirrors } from './types.ts';

const rules = { allowed: [], denied: ['127.0.0.0/8', '::1'] };

describe('the addresses of a host', () => {
  test('are those that git uses', async () => {
    const { settings, unknown } = await resolvedHost('https://localhost:8443/x', { allowed: [], denied: [] });
    expect(settings).toEqual([
      ['http.curloptResolve', expect.stringMatching(/^localhost:8443:(127\.0\.0\.1|\[::1\])/)],
    ]);
    expect(unknown).toBeUndefined();
  });

  test.each([
    ['http://git.example/x', 'git.example:80:192.0.2.7,[2001:db8::7]'],
    ['https://git.example/x', 'git.example:443:192.0.2.7,[2001:db8::7]'],
    ['http://git.example:8080/x', 'git.example:8080:192.0.2.7,[2001:db8::7]'],
  ])('of %s are those of its port', async (url, resolve) => {
    const lookUp = async () => [{ address: '192.0.2.7' }, { address: '2001:db8::7' }];
    expect(await resolvedHost(url, rules, lookUp)).toEqual({ settings: [['http.curloptResolve', resolve]] });
  });

  test('are looked at also where git is not told them: over SSH', async () => {
    const url = 'ssh://git@git.example/x';
    expect(await resolvedHost(url, rules, async () => [{ address: '192.0.2.7' }])).toEqual({ settings: [] });
    const both = async () => [{ address: '192.0.2.7' }, { address: '127.0.0.1' }];
    await expect(resolvedHost(url, rules, both)).rejects.toThrow('git.example stands for 127.0.0.1');
  });

  test('are none where there are none now, so that git finds no others a moment later', async () => {
    expect(await resolvedHost('https://nowhere.invalid/x', rules)).toEqual({
      settings: [['http.curloptResolve', 'nowhere.invalid:443:255.255.255.255']],
      unknown: 'nowhere.invalid',
    });
  });
});

test('a name is looked up once for all who ask for it meanwhile, and again for who asks later', async () => {
  const answers: (() => void)[] = [];
  const lookUp = () =>
    new Promise<{ address: string }[]>((resolve) => answers.push(() => resolve([{ address: '192.0.2.7' }])));
  const ask = (path: string) => resolvedHost(`https://git.example/${path}`, rules, lookUp);
  const first = [ask('a'), ask('b')];
  expect(answers).toHaveLength(1);
  answers.pop()?.();
  for (const { settings } of await Promise.all(first)) {
    expect(settings).toEqual([['http.curloptResolve', 'git.example:443:192.0.2.7']]);
  }
  const later = ask('a');
  expect(answers).toHaveLength(1);
  answers.pop()?.();
  expect((await later).unknown).toBeUndefined();
});

describe('a remote', () => {
  let directory: string;
  let server: GitServer;
  let processes: GitProcesses;
  let mirrors: Mirrors;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'porch-host-'));
    const logger = pino({ level: 'silent' });
    server = await startGitServer({});
    processes = await startBroker({ directory, logger });
    mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: false, hosts: rules } });
  });

  afterAll(async () => {
    await mirrors?.close();
    await processes?.close();
    await server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test.each(['localhost', 'git.localhost'])(
    'of %s is on this machine, also where no resolver says so',
    async (host) => {
      const url = (await server.createRepository(host)).replace('127.0.0.1', host);
      const mirror = await mirrors.open(url);
      const update = { ref: 'refs/heads/x', old: null, new: 'a'.repeat(40) };
      for (const work of [
        () => mirror.lsRemote({ url }),
        () => mirror.defaultBranch({ url }),
        () => mirror.fetch({ url }),
        () => mirror.push({ url }, [update], { atomic: true }),
      ]) {
        await expect(work()).rejects.toThrow(/is on a host that the operator has denied.*: \S+ stands for/);
      }
    },
  );

  test('whose host has no address is unreachable, and says why', async () => {
    const url = 'http://nowhere.invalid:3000/x';
    const mirror = await mirrors.open(url);
    await expect(mirror.lsRemote({ url })).rejects.toMatchObject({
      errorClass: 'Unreachable',
      message: expect.stringMatching(/: Could not resolve host: nowhere\.invalid$/),
    });
  });
});
