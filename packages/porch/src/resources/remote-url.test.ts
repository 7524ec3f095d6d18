import { describe, expect, test } from 'vitest';
import { redactedUrl, remoteKey, remoteUrlErrors } from './remote-url.ts';

const remote = { allowLocal: false };

test.each([
  'https://git.example/a/b.git',
  'http://127.0.0.1:3000/x',
  'https://git.example',
  'ssh://git@git.example:2222/a/b.git',
  'git@git.example:a/b.git',
  'git@[fd00::1]:a/b.git',
  'ssh://git@[fd00::1]:2222/a/b.git',
])('%s is accepted', (url) => {
  expect(remoteUrlErrors(url, remote)).toEqual([]);
});

test.each([
  ['', 'is empty'],
  ['ftp://host/x', 'scheme "ftp"'],
  ['ssh://host/x', 'names no user'],
  ['ssh://git:pass@host/x', 'must not contain a password'],
  ['ssh://git@host', 'has no path'],
  ['ssh://git@host/x?y', 'query'],
  ['ssh://-oProxyCommand=id@host/x', 'has a user'],
  ['ssh://%zz@host/x', 'has a user'],
  ['file:///srv/%zz', 'has a "%"'],
  ['ssh://git@-oProxyCommand=id/x', 'has no valid host'],
  ['git@-oProxyCommand=id:x', 'has no valid host'],
  ['git@[10.1]:x', 'has no valid host'],
  ['git@[2130706433]:x', 'has no valid host'],
  ['git@[fe80::1%eth0]:x', 'has no valid host'],
  ['git@host:-x', 'begins with "-"'],
  ['git@host::x', 'begins with "-"'],
  ['git@host:', 'has no path'],
  ['git@host:pass@other:x', 'has an "@"'],
  ['user:pass@host:x', 'has the scheme "user"'],
  ['ext::sh -c id', 'spaces or control characters'],
  ['--upload-pack=x', 'is neither a URL nor an ssh address'],
  ['https://u:p@host/x', 'user information'],
  ['https://u@host/x', 'user information'],
  ['https://host/x\n', 'spaces or control characters'],
  ['relative/path', 'is neither a URL nor an ssh address'],
])('%j is refused', (url, message) => {
  expect(remoteUrlErrors(url, remote)).toEqual([expect.stringContaining(message)]);
});

test('local repositories need permission', () => {
  for (const url of ['/srv/git/x', 'file:///srv/git/x']) {
    expect(remoteUrlErrors(url, remote)).toEqual([expect.stringContaining('--allow-local-repositories')]);
    expect(remoteUrlErrors(url, { allowLocal: true })).toEqual([]);
  }
});

describe('secrets', () => {
  test.each([
    ['https://user:p@ss@host/x', 'https://***@host/x'],
    ['https://user:p/ss@host/x', 'https://***@host/x'],
    ['user:pass@host:x', '***@host:x'],
    ['https://host/x', 'https://host/x'],
    ['git@host:a/b.git', 'git@host:a/b.git'],
    ['ssh://git@host/a', 'ssh://git@host/a'],
    ['ssh://git:pass@host/a', 'ssh://***@host/a'],
  ])('are left out of %s', (url, shown) => {
    expect(redactedUrl(url)).toBe(shown);
  });
});

test('URLs of one remote have one key', () => {
  const key = remoteKey('https://git.example/a/b');
  for (const same of ['https://GIT.example/a/b.git', 'https://git.example/a/b/', 'https://git.example:443/a/b.git/']) {
    expect(remoteKey(same)).toBe(key);
  }
  const overSsh = remoteKey('git@git.example:a/b.git');
  for (const same of ['ssh://git@GIT.example/a/b', 'ssh://other@git.example:22/a/b.git/', 'git@git.example:/a/b']) {
    expect(remoteKey(same)).toBe(overSsh);
  }
  expect(remoteKey('ssh://git@git.example:2222/a/b')).not.toBe(overSsh);
  expect(remoteKey('https://git.example/a/c')).not.toBe(key);
  expect(remoteKey('/srv/x.git')).toBe(remoteKey('file:///srv/x'));
});
