import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileChange } from './changed-files.ts';
import { writeTogether } from './pending-files.ts';
import { readDirectory } from './read-directory.ts';
import { addChanges } from './write-changes.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'package-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const path = (name: string) => join(root, name);

/** The path of a new file that is no text. */
function written(name: string): string {
  writeFileSync(path(name), Buffer.from([0xff]));
  return path(name);
}

describe('reading a directory', () => {
  it('reads what rendering looks at and follows no links', () => {
    for (const directory of ['sub', '.git', 'other']) mkdirSync(path(directory));
    for (const name of ['Kptfile', 'a.yaml', 'sub/b.yml', 'sub/c.json', 'sub/.krmignore'])
      writeFileSync(path(name), name);
    for (const name of ['README.md', '.git/d.yaml', 'Kptfile.bak']) writeFileSync(path(name), name);
    symlinkSync('a.yaml', path('link.yaml'));
    symlinkSync('sub', path('linked'));
    expect([...readDirectory(root)]).toEqual(
      ['Kptfile', 'a.yaml', 'sub/.krmignore', 'sub/b.yml', 'sub/c.json'].map((name) => [name, name]),
    );
  });

  it('keeps byte order marks', () => {
    writeFileSync(path('a.yaml'), '\ufeffa: 1\n');
    expect(readDirectory(root).get('a.yaml')).toBe('\ufeffa: 1\n');
  });

  it.each([
    ['a directory that is missing', () => path('no'), /directory ".*no" cannot be read: it does not exist/],
    ['a file', () => written('f'), /directory ".*f" cannot be read: it is not a directory/],
    ['bytes', () => dirname(written('b.yaml')), /file ".*b.yaml" is not UTF-8 text/],
  ])('refuses %s', (_, prepare, message) => {
    expect(() => readDirectory(prepare())).toThrow(message);
  });

  it('passes over bytes that are hidden', () => {
    writeFileSync(path('a.yaml'), 'a: 1\n');
    written('b.json');
    writeFileSync(path('.krmignore'), 'b.json\n');
    expect([...readDirectory(root).keys()]).toEqual(['.krmignore', 'a.yaml']);
    writeFileSync(path('.krmignore'), 'c.json\n');
    expect(() => readDirectory(root)).toThrow(/b\.json" is not UTF-8 text/);
  });
});

function writeChanges(directory: string, changes: readonly FileChange[], stop = new AbortController()): Promise<void> {
  return writeTogether((files) => addChanges(files, directory, changes, stop.signal));
}

describe('writing changes', () => {
  it('writes, makes and removes files, and keeps permissions', async () => {
    writeFileSync(path('a.yaml'), 'old\n', { mode: 0o640 });
    chmodSync(path('a.yaml'), 0o640);
    writeFileSync(path('gone.yaml'), '');
    await writeChanges(root, [
      { path: 'a.yaml', before: 'old\n', after: 'new\n' },
      { path: 'gone.yaml', before: '' },
      { path: 'x/y/z.yaml', after: 'z\n' },
    ]);
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['a.yaml', 'x', 'x/y', 'x/y/z.yaml']);
    expect(readFileSync(path('a.yaml'), 'utf8')).toBe('new\n');
    expect(statSync(path('a.yaml')).mode & 0o777).toBe(0o640);
  });

  it('keeps permissions that new files do not get', async () => {
    writeFileSync(path('a.yaml'), 'old\n');
    chmodSync(path('a.yaml'), 0o666);
    await writeChanges(root, [{ path: 'a.yaml', before: 'old\n', after: 'new\n' }]);
    expect(statSync(path('a.yaml')).mode & 0o777).toBe(0o666);
  });

  it('writes files with names as long as they can be', async () => {
    const name = `${'n'.repeat(250)}.yaml`;
    await writeChanges(root, [{ path: name, after: 'a\n' }]);
    expect(readdirSync(root)).toEqual([name]);
  });

  const after = 'new\n';

  const inTheWay: [string, FileChange[], RegExp][] = [
    [
      'a file where a directory is needed',
      [{ path: 'b/c.yaml', after }],
      /c.yaml" cannot be written: "b" is not a dir/,
    ],
    [
      'a directory where a file is to be',
      [{ path: 'd', after }],
      /d" cannot be written: a directory stands there; move/,
    ],
    [
      'a directory where a file was',
      [{ path: 'd', before: '' }],
      /d" cannot be written: a directory stands there; move/,
    ],
    [
      'a link where a file is to be',
      [{ path: 'link', after }],
      /link" cannot be written: something that is no regular/,
    ],
    [
      'files in each other',
      [
        { path: 'x', after },
        { path: 'x/y', after },
      ],
      /x" cannot be written: a directory stands/,
    ],
    ['a name that is too long', [{ path: `x/${'n'.repeat(300)}/y`, after }], /y" cannot be written: ENAMETOOLONG/],
  ];
  const forbidden: typeof inTheWay = [
    ['a file that may not be written', [{ path: 'read-only', after }], /read-only" .*: permission denied/],
    ['a file that may not be removed', [{ path: 'closed/f', before: '' }], /f" .*: permission denied/],
    ['a directory that may not be written to', [{ path: 'closed/g', after }], /g" .*: permission denied/],
  ];
  // The administrator may do everything.
  const isRoot = process.getuid?.() === 0;

  it.each([...inTheWay, ...(isRoot ? [] : forbidden)])(
    'leaves everything as it was where there is %s',
    async (_, changes, message) => {
      for (const name of ['a.yaml', 'b', 'read-only']) writeFileSync(path(name), 'old\n');
      for (const name of ['d', 'closed']) mkdirSync(path(name));
      writeFileSync(path('closed/f'), '');
      symlinkSync('a.yaml', path('link'));
      chmodSync(path('read-only'), 0o400);
      chmodSync(path('closed'), 0o500);
      const before = readdirSync(root, { recursive: true }).sort();
      const all = [
        { path: 'a.yaml', before: 'old\n', after },
        { path: 'new/sub/a.yaml', after },
        ...changes,
        { path: 'z.yaml', after },
      ];
      try {
        await expect(writeChanges(root, all)).rejects.toThrow(message);
        expect(readdirSync(root, { recursive: true }).sort()).toEqual(before);
        expect(readFileSync(path('a.yaml'), 'utf8')).toBe('old\n');
      } finally {
        chmodSync(path('closed'), 0o700);
      }
    },
  );

  it('leaves everything as it was when it is told to stop', async () => {
    writeFileSync(path('a.yaml'), 'old\n');
    const stop = new AbortController();
    const changes = [
      { path: 'a.yaml', before: 'old\n', after: 'new\n' },
      {
        path: 'sub/b.yaml',
        get after() {
          stop.abort(new Error('enough'));
          return 'b\n';
        },
      },
    ];
    await expect(writeChanges(root, changes, stop)).rejects.toThrow('enough');
    expect(readdirSync(root)).toEqual(['a.yaml']);
    expect(readFileSync(path('a.yaml'), 'utf8')).toBe('old\n');
  });

  it('leaves the package by neither links nor paths', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    symlinkSync(outside, path('link'));
    await expect(writeChanges(root, [{ path: 'link/a.yaml', after: '' }])).rejects.toThrow('"link" is not a directory');
    await expect(writeChanges(root, [{ path: '../a.yaml', after: '' }])).rejects.toThrow('is not allowed');
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });
});
