import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startBroker } from '../../git/broker/start-broker.ts';
import { UserManager } from './manage-users.ts';

const logger = pino({ level: 'silent' });
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-users-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Makes a kubeconfig with a token in it, as for a server that has run before. */
function kubeconfig(users: UserManager, revokeOthers = false): Promise<string> {
  mkdirSync(join(directory, 'pki'), { recursive: true });
  writeFileSync(join(directory, 'pki', 'ca.crt'), 'certificate');
  return users.kubeconfig({ name: 'jane', server: 'https://porch:9443', namespace: 'default', revokeOthers });
}

test('tokens are good until others are revoked, also when the user gets another role', async () => {
  const users = await UserManager.open(directory, '', logger);
  const tokens = async () => (await users.list()).flatMap(({ user }) => user.tokens.map(({ digest }) => digest));
  await users.add({ user: 'jane', role: 'porch-editor', namespace: '' }, ['devs']);
  const texts = [await kubeconfig(users), await kubeconfig(users)];
  const before = await tokens();
  expect(new Set(before).size).toBe(2);
  for (const digest of before) expect(texts.join()).not.toContain(digest);
  await users.add({ user: 'jane', role: 'porch-approver', namespace: '' }, ['leads']);
  expect(await tokens()).toEqual(before);
  expect((await users.list())[0]?.user.groups).toEqual(['devs', 'leads']);
  await kubeconfig(users, true);
  const after = await tokens();
  expect(after).toHaveLength(1);
  expect(before).not.toContain(after[0]);
});

test('a user who is removed takes no roles from others', async () => {
  const users = await UserManager.open(directory, '', logger);
  for (const user of ['jane', 'joe']) await users.add({ user, role: 'porch-editor', namespace: '' }, []);
  const nowhere = users.add({ user: 'joe', role: 'porch-viewer', namespace: 'nowhere' }, []);
  await expect(nowhere).rejects.toThrow('there is no namespace nowhere');
  await users.remove('jane');
  const left = await users.list();
  expect(left.map(({ user, grants }) => [user.name, grants.map(({ role }) => role)])).toEqual([
    ['joe', ['porch-editor']],
  ]);
});

test('a user whose roles cannot be taken away now has no token, and is removed by trying again', async () => {
  const users = await UserManager.open(directory, '', logger);
  await users.add({ user: 'jane', role: 'porch-editor', namespace: '' }, []);
  await kubeconfig(users);
  // As a server that does not answer.
  const held = await startBroker({ directory, logger });
  await expect(users.remove('jane')).rejects.toThrow();
  await held.close();
  expect(await users.list()).toMatchObject([
    { user: { name: 'jane', tokens: [] }, grants: [{ role: 'porch-editor' }] },
  ]);
  await users.remove('jane');
  await users.add({ user: 'jane', role: 'porch-viewer', namespace: '' }, []);
  expect((await users.list()).flatMap(({ grants }) => grants.map(({ role }) => role))).toEqual(['porch-viewer']);
});

test('users of a server that keeps the key of its Secrets elsewhere need that key, and say so', async () => {
  const keyFile = join(directory, 'own.key');
  const otherFile = join(directory, 'other.key');
  for (const file of [keyFile, otherFile]) writeFileSync(file, randomBytes(32).toString('base64'));
  const data = join(directory, 'data');
  const open = (file: string) => UserManager.open(data, file, logger);
  await (await open(keyFile)).add({ user: 'jane', role: 'porch-editor', namespace: '' }, []);
  expect(await (await open(keyFile)).list()).toMatchObject([{ user: { name: 'jane' } }]);
  const errors = [
    ['', /^the encryption key .* is missing; .* with --encryption-key-file$/],
    [otherFile, /^the encryption key is not the one .* that the server had with --encryption-key-file, or leave/],
  ] as const;
  for (const [file, message] of errors) {
    await expect((await open(file)).list()).rejects.toThrow(
      expect.objectContaining({ name: 'StartupError', message: expect.stringMatching(message) }),
    );
  }
});

test('a directory that is not there, or has nothing of a server, is left as it is until a user is added', async () => {
  const kubeconfig = { name: 'jane', namespace: 'default', revokeOthers: false };
  for (const data of [join(directory, 'mistyped'), directory]) {
    const users = await UserManager.open(data, '', logger);
    expect(await users.list()).toEqual([]);
    await expect(users.remove('jane')).rejects.toThrow(`there is no user "jane" in ${data}; add one with`);
    await expect(users.kubeconfig(kubeconfig)).rejects.toThrow(`there is no user "jane" in ${data}`);
  }
  expect(readdirSync(directory)).toEqual([]);
  await expect(UserManager.open(import.meta.filename, '', logger)).rejects.toThrow('a file stands where');
});

test('no user is added in a directory of something else', async () => {
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  const users = await UserManager.open(directory, '', logger);
  const added = users.add({ user: 'jane', role: 'porch-viewer', namespace: '' }, []);
  await expect(added).rejects.toThrow(`${directory} is no data directory of a server: it has other files and no store`);
  expect(readdirSync(directory)).toEqual(['notes.txt']);
});

test('a kubeconfig is written through a link, and to a pipe that stays one', async () => {
  const data = join(directory, 'data');
  const users = await UserManager.open(data, '', logger);
  await users.add({ user: 'jane', role: 'porch-viewer', namespace: '' }, []);
  mkdirSync(join(data, 'pki'), { recursive: true });
  writeFileSync(join(data, 'pki', 'ca.crt'), 'certificate');
  const write = (out: string) =>
    users.kubeconfig({ name: 'jane', server: 'https://porch:9443', namespace: 'default', revokeOthers: false, out });
  const [file, link, pipe] = ['file', 'link', 'pipe'].map((name) => join(directory, name)) as [string, string, string];
  writeFileSync(file, 'before');
  symlinkSync(file, link);
  const text = await write(link);
  expect([readFileSync(file, 'utf8'), lstatSync(link).isSymbolicLink()]).toEqual([text, true]);
  execFileSync('mkfifo', [pipe]);
  const [read, piped] = await Promise.all([readFile(pipe, 'utf8'), write(pipe)]);
  expect([read, lstatSync(pipe).isFIFO()]).toEqual([piped, true]);
});

test.each(['', '{', 'text', 'clusters: []'])(
  'a kubeconfig of the server that is damaged (%j) is said to be',
  async (text) => {
    const users = await UserManager.open(directory, '', logger);
    await users.add({ user: 'jane', role: 'porch-viewer', namespace: '' }, []);
    writeFileSync(join(directory, 'kubeconfig'), text);
    const made = users.kubeconfig({ name: 'jane', namespace: 'default', revokeOthers: false });
    await expect(made).rejects.toThrow(
      `${join(directory, 'kubeconfig')} names no server, or is damaged; start the server`,
    );
  },
);
