import { expect, test } from 'vitest';
import type { GitFile } from '../git/types.ts';
import { ContentTokens, mergedModes } from './content-tokens.ts';

const file = (path: string, bytes: Buffer | string, mode: GitFile['mode'] = '100644'): GitFile => ({
  path,
  mode,
  bytes: Buffer.from(bytes),
});
const binary = Buffer.from([0xff, 0xfe, 0]);

test('files that are no text come back as they were, wherever their token ends up', () => {
  const tokens = new ContentTokens();
  const texts = tokens.textsOf([
    file('a', binary),
    file('l', 'target', '120000'),
    file('m', 'id', '160000'),
    file('t', 'text'),
  ]);
  expect(texts.get('t')).toBe('text');
  const moved = new Map([
    ['z/a', texts.get('a') ?? ''],
    ['l2', texts.get('l') ?? ''],
    ['m2', texts.get('m') ?? ''],
    ['t', 'other'],
  ]);
  expect(tokens.contentOf(moved, () => '100755')).toEqual([
    file('l2', 'target', '120000'),
    file('m2', 'id', '160000'),
    file('t', 'other', '100755'),
    file('z/a', binary, '100755'),
  ]);
});

test('backslashes in paths come back, and no path of the texts has one', () => {
  const tokens = new ContentTokens();
  const files = [file('a\\b\\c', 'text'), file('a\udcff\\b', 'not UTF-8', '100755')];
  const texts = tokens.textsOf(files);
  expect([...texts.keys()].filter((path) => path.includes('\\'))).toEqual([]);
  expect(tokens.contentOf(texts, (path) => (path.includes('b\\') ? '100644' : '100755'))).toEqual(files);
});

test('the same file has the same token, another one, or a link or submodule of the same bytes, has not', () => {
  const tokens = new ContentTokens();
  const texts = tokens.textsOf([
    file('a', binary),
    file('b', binary),
    file('c', Buffer.from([0xff])),
    file('d', binary, '120000'),
    file('e', binary, '160000'),
  ]);
  expect(texts.get('a')).toBe(texts.get('b'));
  expect(new Set(texts.values()).size).toBe(4);
});

test('modes are those of upstream where it changed or added a file, otherwise the local ones', () => {
  const modeOf = mergedModes(
    [file('same', ''), file('up', '')],
    [file('same', ''), file('up', '', '100755'), file('new', '', '100755')],
    [file('same', '', '100755'), file('up', ''), file('mine', '', '100755')],
  );
  expect(['same', 'up', 'new', 'mine', 'other'].map(modeOf)).toEqual([
    '100755',
    '100755',
    '100755',
    '100755',
    '100644',
  ]);
});
