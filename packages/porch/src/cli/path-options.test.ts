import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkPaths, PathOption } from './path-options.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porch-paths-'));
  writeFileSync(join(root, 'file'), '');
  mkdirSync(join(root, 'dir'));
});
afterEach(() => rmSync(root, { recursive: true }));

type Kind = ConstructorParameters<typeof PathOption>[2];

/** What is said of a path, without the place of it all. */
function said(kind: Kind, path: string): string | undefined {
  const command = new Command('serve').addOption(new PathOption('--flag <path>', 'it', kind));
  command.parse(['--flag', path], { from: 'user' });
  try {
    checkPaths(command);
    return undefined;
  } catch (error) {
    return String(error).replaceAll(`${root}/`, '');
  }
}

const choose = 'choose another one with --flag';

test.each<[Kind, string, string | undefined]>([
  ['a file', 'file', undefined],
  ['a file', '/dev/null', undefined],
  ['a file', 'dir', `StartupError: file dir cannot be used: it is a directory, and a file is needed; ${choose}`],
  ['a file', 'none', `StartupError: file none cannot be used: it does not exist; ${choose}`],
  [
    'a file',
    'file/none',
    `StartupError: file file/none cannot be used: a file stands where a directory is needed; ${choose}`,
  ],
  ['a file or -', '-', undefined],
  ['a file or -', 'none', `StartupError: file none cannot be used: it does not exist; ${choose}`],
  ['a directory', 'dir', undefined],
  [
    'a directory',
    'file',
    `StartupError: directory file cannot be used: it is a file, and a directory is needed; ${choose}`,
  ],
  ['a directory', 'none', `StartupError: directory none cannot be used: it does not exist; ${choose}`],
  ['the data directory of a server', 'dir', undefined],
  [
    'the data directory of a server',
    'none',
    `StartupError: data directory none cannot be used: it does not exist; ${choose}, or start a server that makes it: porch serve --data-dir none`,
  ],
  ['a file to write', 'file', undefined],
  ['a file to write', 'dir/new', undefined],
  [
    'a file to write',
    'dir',
    `StartupError: file dir cannot be used: it is a directory, and a file is needed; ${choose}`,
  ],
  [
    'a file to write',
    'none/new',
    `StartupError: file none/new cannot be used: the directory that it would be in does not exist; ${choose}`,
  ],
  ['a file to write or -', '-', undefined],
  ['a directory to write to', 'dir', undefined],
  ['a directory to write to', 'dir/new/below', undefined],
  [
    'a directory to write to',
    'file/new',
    `StartupError: directory file/new cannot be used: a file stands where a directory is needed; ${choose}`,
  ],
  ['a command', 'none', `StartupError: command none cannot be used: it does not exist; ${choose}`],
  ['a command', 'file', `StartupError: command file cannot be used: permission denied; ${choose}`],
])('of %s, %j is told %j', (kind, path, message) => {
  const isRelative = /^[a-z]/.test(path);
  expect(said(kind, isRelative ? join(root, path) : path)).toBe(message);
});

test.skipIf(process.getuid?.() === 0).each<[Kind, string]>([
  ['a file', 'file'],
  ['a directory', 'dir'],
  ['a file to write', 'file'],
  ['a file to write', 'dir/new'],
  ['a directory to write to', 'dir/new'],
])('of %s, %j is refused without permission', (kind, path) => {
  for (const name of ['file', 'dir']) chmodSync(join(root, name), 0);
  expect(said(kind, join(root, path))).toContain('cannot be used: permission denied');
  chmodSync(join(root, 'dir'), 0o700);
});

test('what is not given is not looked at', () => {
  const command = new Command('serve').addOption(new PathOption('--flag <path>', 'it', 'a file').default('', 'none'));
  command.addOption(new PathOption('--other <path>', 'it', 'a file'));
  command.parse([], { from: 'user' });
  expect(() => checkPaths(command)).not.toThrow();
});
