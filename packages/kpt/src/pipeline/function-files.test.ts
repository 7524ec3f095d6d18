import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createFunctionFiles } from './function-files.ts';
import { PackageError } from './job.ts';

const top = mkdtempSync(join(tmpdir(), 'function-files-'));
const directory = join(top, 'schemas');
mkdirSync(join(directory, 'deep'), { recursive: true });
writeFileSync(join(directory, 'deep', 'a.json'), 'shared');
writeFileSync(join(directory, 'own.json'), 'shared');
writeFileSync(join(top, 'secret.json'), 'secret');
symlinkSync(join(top, 'secret.json'), join(directory, 'link.json'));
symlinkSync('loop.json', join(directory, 'loop.json'));
mkdirSync(`${directory}-of-others`);
writeFileSync(join(`${directory}-of-others`, 'secret.json'), 'secret');
symlinkSync(join(`${directory}-of-others`, 'secret.json'), join(directory, 'neighbour.json'));
symlinkSync(join(directory, 'deep', 'a.json'), join(directory, 'inside.json'));
afterAll(() => rmSync(top, { recursive: true }));

const files = new Map([
  ['root/sub/own.json', 'own'],
  ['root/sub/own.schema', 'own'],
  ['root/other.json', 'of the parent'],
]);

function read(path: string, options: { readonly directory?: string } = { directory }): [string | undefined, boolean] {
  let asked = false;
  const onUnread = () => {
    asked = true;
  };
  return [createFunctionFiles({ files, root: 'root', ...options, onUnread })('sub', path), asked];
}

it.each<[string, string | undefined, boolean]>([
  ['own.json', 'own', false],
  ['./x/../own.json', 'own', false],
  ['own.schema', 'own', true],
  ['deep/a.json', 'shared', true],
  ['other.json', undefined, true],
  ['deep', undefined, true],
  ['own.json/x', undefined, true],
  ['../other.json', undefined, false],
  ['../secret.json', undefined, false],
  ['/etc/passwd', undefined, false],
  ['link.json', undefined, true],
  ['n'.repeat(300), undefined, true],
  ['neighbour.json', undefined, true],
  ['inside.json', 'shared', true],
])('the file %s is %s', (path, text, asked) => {
  expect(read(path)).toEqual([text, asked]);
});

it('what cannot be read is named as the function calls it', () => {
  expect(() => read('loop.json')).toThrow(new PackageError('file "loop.json" cannot be read: ELOOP', 'loop.json'));
});

it('without a directory there are only the files of the package', () => {
  expect(read('own.json', {})).toEqual(['own', false]);
  expect(read('deep/a.json', {})).toEqual([undefined, false]);
  expect(read('deep/a.json', { directory: join(top, 'gone') })).toEqual([undefined, true]);
});

it('a file of the directory that is too large is refused before it is read', () => {
  const large = join(directory, 'large.json');
  writeFileSync(large, '');
  truncateSync(large, 32 * 1024 * 1024 + 1);
  expect(() => read('large.json')).toThrow('file "large.json" is larger than 32 MiB');
});
