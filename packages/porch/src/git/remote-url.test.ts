import { describe, expect, test } from 'vitest';
import { mirrorName, validateRemoteUrl } from './remote-url.ts';

const remote = (url: string) => validateRemoteUrl(url, { allowLocal: false });
const anywhere = (url: string) => validateRemoteUrl(url, { allowLocal: true });

describe('validateRemoteUrl', () => {
  test.each([
    ['https://GitHub.com:443/org/repo.git/', 'https://github.com/org/repo.git'],
    ['http://git.example:3000/a%20b', 'http://git.example:3000/a%20b'],
    ['https://example.com//x//', 'https://example.com//x'],
    ['git@GitHub.com:org/repo.git', 'git@github.com:org/repo.git'],
    ['git@github.com:/org/repo.git', 'ssh://git@github.com/org/repo.git'],
    ['ssh://git@GitHub.com:22/org/repo/', 'ssh://git@github.com/org/repo'],
    ['ssh://git@[::1]:2222/~/repo', 'ssh://git@[::1]:2222/~/repo'],
  ])('%s has the normal form %s', (url, normal) => expect(remote(url)).toBe(normal));

  test.each([
    ['', 'is empty'],
    ['github.com:org/repo.git', 'scheme "github.com"'],
    ['ssh://github.com/org/repo', 'names no user'],
    ['git://github.com/org/repo', 'scheme "git"'],
    ['ext::sh -c true', 'spaces'],
    ['ext::sh', 'scheme "ext"'],
    ['--upload-pack=x', 'neither'],
    ['repo', 'neither'],
    ['https://example.com/x?token=1', 'query'],
    ['https://example.com/x#main', 'fragment'],
    ['/srv/git/x', '--allow-local-repositories'],
    ['file:///srv/git/x', '--allow-local-repositories'],
  ])('%j is refused: %s', (url, why) => expect(() => remote(url)).toThrow(why));

  test('user information is refused without being repeated', () => {
    const url = 'https://alice:hunter2@example.com/repo.git';
    expect(() => remote(url)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
    expect(() => remote(url)).toThrow('user information');
  });

  test('local repositories, where they are allowed, become paths', () => {
    expect(anywhere('/srv/git/../git/x/')).toBe('/srv/git/x');
    expect(anywhere('file:///srv/git/a%20b')).toBe('/srv/git/a b');
    expect(() => anywhere('file://host/x')).toThrow('host');
    expect(() => anywhere('relative/path')).toThrow('neither');
  });

  test('mirrors have names of their own', () => {
    expect(mirrorName('https://a/b')).toMatch(/^[0-9a-f]{64}$/);
    expect(mirrorName('https://a/b')).not.toBe(mirrorName('https://a/B'));
  });
});
