import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileMode, GitFile } from '../git/types.ts';
import { hiddenPaths, textsExceed, textsOf, withTexts } from './content.ts';
import { decodeContent, encodeContent } from './content-encoding.ts';
import { comparePaths, contentPathErrors, contentTreeErrors } from './content-path.ts';

const file = (path: string, content: string | Buffer, mode: FileMode = '100644'): GitFile => ({
  path,
  mode,
  bytes: Buffer.from(content),
});

const anyContent = fc.uniqueArray(
  fc.record({
    path: fc.string({ minLength: 1, unit: 'binary' }),
    mode: fc.constantFrom<FileMode>('100644', '100755', '120000', '160000'),
    bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
  { selector: (one) => one.path, maxLength: 8 },
);

describe('the texts of a package', () => {
  it.each([
    ['plain', 'x'.repeat(100)],
    ['escaped', '"\\\n\r\t\b\f\u000b\u0001'.repeat(10)],
  ])('are as long as they are in JSON: %s', (_, text) => {
    const bytes = JSON.stringify(text).length - 2;
    const content = [file('a', text), file('b', Buffer.alloc(100, 0xff)), file('c', 'x'.repeat(100), '120000')];
    expect([textsExceed(content, bytes - 1), textsExceed(content, bytes)]).toEqual([true, false]);
    expect(textsExceed([...content, file('d', 'x')], bytes)).toBe(true);
  });
});

describe('encoded content', () => {
  it('comes back as it was, in the order of its paths', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, async (content) => {
        const { digest, bytes } = await encodeContent(content);
        const sorted = [...content].sort((a, b) => comparePaths(a.path, b.path));
        expect(await decodeContent(bytes)).toEqual(sorted);
        expect((await encodeContent([...content].reverse())).digest).toBe(digest);
      }),
      { numRuns: 50 },
    );
  });

  it('has a digest of its own for every difference', async () => {
    const variants = [
      [],
      [file('a', '')],
      [file('a', 'b')],
      [file('ab', '')],
      [file('a', 'b', '100755')],
      [file('a', ''), file('b', '')],
    ];
    const digests = await Promise.all(variants.map(async (content) => (await encodeContent(content)).digest));
    expect(new Set(digests).size).toBe(variants.length);
    expect(digests[2]).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('is refused when damaged', async () => {
    const { bytes } = await encodeContent([file('a', 'text')]);
    await expect(decodeContent(bytes.subarray(0, bytes.length - 3))).rejects.toThrow();
    await expect(decodeContent(Buffer.from('no'))).rejects.toThrow();
  });
});

describe('texts', () => {
  const binary = Buffer.from([0xff, 0xfe, 0]);
  const content = [
    file('Kptfile', 'k'),
    file('bin', binary),
    file('bom', '\ufeffx'),
    file('link', 'Kptfile', '120000'),
    file('run.sh', 'r', '100755'),
  ];

  it('are what the API shows; binary files and links are named', () => {
    expect([...textsOf(content)]).toEqual([
      ['Kptfile', 'k'],
      ['bom', '\ufeffx'],
      ['run.sh', 'r'],
    ]);
    expect(hiddenPaths(content)).toEqual(['bin', 'link']);
    expect(withTexts(content, textsOf(content))).toEqual(content);
  });

  it('replace each other, and leave modes and hidden files alone', () => {
    const after = withTexts(
      content,
      new Map([
        ['run.sh', 'new'],
        ['z/new.yaml', 'n'],
        ['Kptfile', 'k'],
      ]),
    );
    expect(after).toEqual([
      content[0],
      file('bin', binary),
      file('link', 'Kptfile', '120000'),
      file('run.sh', 'new', '100755'),
      file('z/new.yaml', 'n'),
    ]);
    expect(after[0]).toBe(content[0]);
  });

  it('displace hidden files that are in their way', () => {
    const hidden = [file('a', binary), file('b/c', binary), file('d', 'x', '120000')];
    const after = withTexts(
      hidden,
      new Map([
        ['a/x', '1'],
        ['b', '2'],
        ['d', '3'],
      ]),
    );
    expect(after).toEqual([file('a/x', '1'), file('b', '2'), file('d', '3')]);
  });
});

describe('paths of files', () => {
  it('stay in the package and are ones that Git can keep', () => {
    const fine = [
      'Kptfile',
      'a/b.yaml',
      '.gitignore',
      'a/.github/x',
      '...',
      'ünï/日本',
      ' a ',
      `${'x'.repeat(255)}/y`,
      '-rf',
    ];
    for (const path of fine) expect(contentPathErrors(path), path).toEqual([]);
    const bad = [
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      'a/../b',
      './a',
      '.git/config',
      'a/.GIT',
      'a/.g\u200cit/x',
      'git~1',
      '.git ',
      '.git::$INDEX',
      'a\0b',
      'a\nb',
      'a\\b',
      'x'.repeat(256),
      'a/'.repeat(600) + 'b',
      '\ud800',
    ];
    for (const path of bad) expect(contentPathErrors(path), JSON.stringify(path)).not.toEqual([]);
  });

  it('are not files and directories at once', () => {
    expect(contentTreeErrors(['a', 'b/c', 'bc'])).toEqual([]);
    expect(contentTreeErrors(['a/b/c', 'a', 'x'])).toEqual(['"a" cannot be a file, because "a/b/c" is below it']);
  });
});
