import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuthenticationRequest } from '../authenticators.ts';
import type { UserInfo } from '../user.ts';
import { createBearerAuthenticator } from './bearer-authenticator.ts';
import { createFileTokens } from './file-tokens.ts';
import { tokenDigest } from './token-digest.ts';
import { parseTokenFile } from './token-file.ts';
import { openWatchedFile } from './watched-file.ts';

describe('a token file', () => {
  test('has a user in each line', () => {
    const users = parseTokenFile('# comment\nt1,jane,1\r\n\nt2, joe ,2,"dev, ""ops"""\nt3,robot,,bots\n');
    expect(Object.fromEntries(users)).toEqual({
      [tokenDigest('t1')]: { name: 'jane', uid: '1', groups: [] },
      [tokenDigest('t2')]: { name: 'joe', uid: '2', groups: ['dev', '"ops"'] },
      [tokenDigest('t3')]: { name: 'robot', groups: ['bots'] },
    });
  });

  test.each([
    ['secret-token,jane', 'line 1: has fewer than three fields'],
    ['a,b,c\n,jane,1', 'line 2: the token is empty'],
    ['secret-token,,1', 'line 1: the user is empty'],
    ['secret-token,a,1\nsecret-token,b,2', 'line 2: has the token of an earlier line'],
    ['secret-token,a,1,"b', 'line 1: a double quote is not closed'],
  ])('%j is refused without showing it', (text, message) => {
    expect(() => parseTokenFile(text)).toThrow(message);
    expect(() => parseTokenFile(text)).not.toThrow('secret-token');
  });
});

describe('tokens in a file that changes', () => {
  let directory: string;
  let path: string;
  let time: number;
  const errors: object[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tokens-'));
    path = join(directory, 'tokens.csv');
    time = 0;
    errors.length = 0;
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function write(text: string): Promise<void> {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  }

  async function open(missing?: Map<string, UserInfo>) {
    const logger = pino({ level: 'error' }, { write: (line: string) => void errors.push(JSON.parse(line)) });
    const now = () => time;
    const optional = missing === undefined ? {} : { missing };
    const file = await openWatchedFile({ path, parse: parseTokenFile, ...optional, logger, freshMs: 1000, now });
    const tokens = createFileTokens(file, now);
    return async (token: string) => (await tokens.userOf(token))?.name;
  }

  test('are found as soon as they are there, and gone within a second', async () => {
    await write('t1,jane,1');
    const userOf = await open();
    expect(await userOf('t1')).toBe('jane');
    await write('t2,joe,2');
    expect(await userOf('t1')).toBe('jane');
    expect(await userOf('t2')).toBe('joe');
    expect(await userOf('t1')).toBeUndefined();
    await write('t3,jim,3');
    expect([await userOf('t3'), await userOf('t2')]).toEqual([undefined, 'joe']);
    time += 1000;
    expect([await userOf('t3'), await userOf('t2')]).toEqual(['jim', undefined]);
  });

  test('go on to hold when the file becomes useless', async () => {
    await write('t1,jane,1');
    const userOf = await open();
    await write('t1,jane');
    time += 1000;
    expect(await userOf('t1')).toBe('jane');
    expect(errors).toMatchObject([{ path, msg: expect.stringContaining('cannot be used') }]);
    await rm(path);
    time += 1000;
    expect(await userOf('t1')).toBe('jane');
  });

  test('are read when that is allowed again, and said once not to be', async () => {
    await write('t1,jane,1');
    await chmod(directory, 0o755);
    await chmod(path, 0o644);
    const module = JSON.stringify(new URL('./watched-file.ts', import.meta.url).href);
    // Nobody is kept from reading by permissions who may do everything.
    const script = `
      import { createInterface } from 'node:readline';
      import { openWatchedFile } from ${module};
      const say = (text) => process.stdout.write(text + '\\n');
      const logger = { info() {}, error: (_fields, text) => say(text) };
      if (process.getuid() === 0) process.seteuid(65534);
      const file = await openWatchedFile({ path: process.argv[1], parse: (text) => text, logger, freshMs: 0, now: () => 0 });
      say(await file.latest());
      for await (const _line of createInterface(process.stdin)) say(await file.latest());`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    expect(await next()).toBe('t1,jane,1');
    await writeFile(`${path}.new`, 't2,joe,2', { mode: 0 });
    await rename(`${path}.new`, path);
    child.stdin.write('look\n');
    expect(await next()).toMatch('a changed file cannot be used');
    expect(await next()).toBe('t1,jane,1');
    child.stdin.write('look\n');
    expect(await next()).toBe('t1,jane,1');
    await chmod(path, 0o644);
    child.stdin.end('look\n');
    expect(await next()).toBe('t2,joe,2');
    await once(child, 'close');
  });

  test('may begin without a file where that is allowed', async () => {
    await expect(open()).rejects.toThrow(`${path} cannot be used: ENOENT`);
    const userOf = await open(new Map());
    expect(await userOf('t1')).toBeUndefined();
    await write('t1,jane,1');
    time += 1000;
    expect(await userOf('t1')).toBe('jane');
    await rm(path);
    time += 1000;
    expect(await userOf('t1')).toBeUndefined();
  });
});

describe('the Authorization header', () => {
  const source = {
    userOf: async (token: string) => (token === 'good' ? { name: 'jane', groups: ['dev'] } : undefined),
  };
  const { authenticate } = createBearerAuthenticator([{ userOf: async () => undefined }, source]);
  const ask = (authorization?: string) => authenticate({ headers: { authorization } } as AuthenticationRequest);

  test('proves an identity, proves nothing, or is wrong', async () => {
    expect(await ask('Bearer good')).toEqual({ name: 'jane', groups: ['dev', 'system:authenticated'] });
    expect(await ask('bearer  good')).toMatchObject({ name: 'jane' });
    for (const none of [undefined, '', 'Basic abc', 'Bearer', 'Bearer ']) expect(await ask(none)).toBeUndefined();
    for (const bad of ['Bearer bad', `Bearer ${'a'.repeat(20_000)}`]) {
      await expect(ask(bad)).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
    }
  });
});
