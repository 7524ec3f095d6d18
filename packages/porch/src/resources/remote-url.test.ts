import { describe, expect, test } from 'vitest';
import { redactedUrl, remoteKey, remoteUrlErrors } from './remote-url.ts';

const remote = { allowLocal: false };

test.each(['https://git.example/a/b.git', 'http://127.0.0.1:3000/x', 'https://git.example'])(
  '%s is accepted',
  (url) => {
    expect(remoteUrlErrors(url, remote)).toEqual([]);
  },
);

test.each([
  ['', 'is empty'],
  ['ssh://git@host/x', 'scheme "ssh"'],
  ['ext::sh -c id', 'spaces or control characters'],
  ['--upload-pack=x', 'is neither an http nor an https URL'],
  ['https://u:p@host/x', 'user information'],
  ['https://u@host/x', 'user information'],
  ['https://host/x\n', 'spaces or control characters'],
  ['relative/path', 'is neither an http nor an https URL'],
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
  ])('are left out of %s', (url, shown) => {
    expect(redactedUrl(url)).toBe(shown);
  });
});

test('URLs of one remote have one key', () => {
  const key = remoteKey('https://git.example/a/b');
  for (const same of ['https://GIT.example/a/b.git', 'https://git.example/a/b/', 'https://git.example:443/a/b.git/']) {
    expect(remoteKey(same)).toBe(key);
  }
  expect(remoteKey('https://git.example/a/c')).not.toBe(key);
  expect(remoteKey('/srv/x.git')).toBe(remoteKey('file:///srv/x'));
});
