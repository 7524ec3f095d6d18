import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenDigest } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writePrivateFile } from '../data-files.ts';
import { changeUsers, newToken, parseUsers, readUsers, type User, userNameProblem, usersByToken } from './user-file.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'users-'));
  path = join(directory, 'users.json');
});
afterEach(() => rm(directory, { recursive: true }));

const user = (name: string, ...tokens: User['tokens']): User => ({ name, groups: ['dev'], tokens });

test('users are kept in order, in a file that only the owner reads, without their tokens', async () => {
  expect(await readUsers(path)).toEqual([]);
  const { token, kept } = newToken(new Date('2026-01-02T03:04:05Z'));
  await changeUsers(path, (users) => [...users, user('joe')]);
  await changeUsers(path, (users) => [...users, user('jane', kept)]);
  expect((await readUsers(path)).map(({ name }) => name)).toEqual(['jane', 'joe']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).not.toContain(token);
  expect(usersByToken(await readUsers(path))).toEqual(
    new Map([[tokenDigest(token), { name: 'jane', groups: ['dev'] }]]),
  );
});

test('of changes that are made in the same moment none is lost', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `user-${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((name) => changeUsers(path, (users) => [...users, user(name)])));
  expect((await readUsers(path)).map(({ name }) => name)).toEqual(names);
});

test.runIf(process.getuid?.() === 0)('what root changes belongs to whom the directory does', async () => {
  await chown(directory, 65534, 65534);
  await changeUsers(path, () => [user('joe')]);
  const names = await readdir(directory);
  expect(names.sort()).toEqual(['users.json', 'users.json.lock']);
  const owners = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).uid));
  expect(owners).toEqual([65534, 65534]);
  await writePrivateFile(path, 'own', 'self');
  expect((await stat(path)).uid).toBe(0);
});

test('a change that fails lets others follow', async () => {
  const failing = changeUsers(path, () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await changeUsers(path, () => [user('joe')]);
  expect((await readUsers(path)).map(({ name }) => name)).toEqual(['joe']);
});

test.each([
  ['not json', '{"users": ['],
  ['another form', '{"users": [{"name": "jane"}]}'],
  ['a list', '[]'],
])('a damaged file (%s) is an error that says what to do', async (_what, text) => {
  expect(() => parseUsers(text)).toThrow();
  await writeFile(path, text);
  await expect(readUsers(path)).rejects.toThrow(`${path} is damaged`);
});

test('tokens are long, and no two are the same', () => {
  const tokens = Array.from({ length: 100 }, () => newToken(new Date()).token);
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^porch_[-_A-Za-z0-9]{43}$/);
});

test('names are fit for bindings and kubeconfigs', () => {
  for (const name of ['jane', 'j', 'jane.doe@example.com', 'A-1_b']) expect(userNameProblem(name)).toBeUndefined();
  for (const name of ['', 'system:admin', '-jane', 'jane.', 'a b', 'a/b', 'ü', 'a'.repeat(64), 'a\n']) {
    expect([name, userNameProblem(name)]).toEqual([name, expect.stringContaining('a user name has')]);
  }
});
