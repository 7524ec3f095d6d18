import { describe, expect, test } from 'vitest';
import { decodeCommit, decodeTagTarget, decodeTree, entryNamed } from './object-format.ts';

const ID = '0123456789abcdef0123456789abcdef01234567';

describe('trees', () => {
  const entry = (mode: string, name: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(ID, 'hex')]);

  test('have files, links, directories and submodules', () => {
    const bytes = Buffer.concat([
      entry('100644', 'a b'),
      entry('120000', 'link'),
      entry('40000', 'dir'),
      entry('160000', 'module'),
    ]);
    expect(decodeTree(bytes)).toEqual([
      { path: 'a b', mode: '100644', type: 'blob', id: ID },
      { path: 'link', mode: '120000', type: 'blob', id: ID },
      { path: 'dir', mode: '040000', type: 'tree', id: ID },
      { path: 'module', mode: '160000', type: 'commit', id: ID },
    ]);
  });

  test('that are cut off are refused', () => {
    const bytes = entry('100644', 'a');
    for (let end = 1; end < bytes.length; end++) expect(() => decodeTree(bytes.subarray(0, end))).toThrow('cut off');
    expect(decodeTree(Buffer.alloc(0))).toEqual([]);
  });
});

describe('an entry of a tree', () => {
  const entry = (mode: string, name: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(ID, 'hex')]);
  const bytes = Buffer.concat([
    entry('100644', 'Kptfil'),
    entry('100755', 'Kptfile'),
    entry('100644', 'Kptfile2'),
    entry('40000', 'd'),
  ]);

  test('is found by its whole name', () => {
    expect(entryNamed(bytes, 'Kptfile')).toEqual({ path: 'Kptfile', mode: '100755', type: 'blob', id: ID });
    expect(entryNamed(bytes, 'd')).toEqual({ path: 'd', mode: '040000', type: 'tree', id: ID });
    expect(entryNamed(bytes, 'pt')).toBeUndefined();
    expect(entryNamed(Buffer.alloc(0), 'd')).toBeUndefined();
  });

  test('cannot be told in a tree that is cut off before it', () => {
    expect(() => entryNamed(bytes.subarray(0, -5), 'd')).toThrow('cut off');
  });
});

describe('commits', () => {
  const signatures = ['author A B <a@x> 1700000000 +0100', 'committer C <c@x> 1700000001 +0000'];
  const decoded = {
    id: ID,
    tree: ID,
    author: { email: 'a@x', time: 1_700_000_000_000 },
    committed: 1_700_000_001_000,
  };

  test.each<[string, string[], string, string[]]>([
    ['as Git writes them', [`tree ${ID}`, `parent ${ID}`, `parent ${ID}`, ...signatures], 'm\n', [ID, ID]],
    ['without parents', [`tree ${ID}`, ...signatures], 'm\n\nparent none', []],
    ['without a message', [`tree ${ID}`, `parent ${ID}`, ...signatures], '', [ID]],
    ['with further headers', [`tree ${ID}`, ...signatures, 'mergetag object x', ' tree y', 'HG:extra z'], 'm', []],
    ['with headers in another order', [...signatures, `parent ${ID}`, `tree ${ID}`], 'm', [ID]],
    ['with a parent that is none', [`tree ${ID}`, 'parent x', ...signatures], 'm', ['x']],
  ])('%s', (_, headers, message, parents) => {
    const bytes = Buffer.from(`${headers.join('\n')}\n\n${message}`);
    expect(decodeCommit(ID, bytes)).toEqual({ ...decoded, parents, message });
  });

  test('that end with their headers have no message', () => {
    expect(decodeCommit(ID, Buffer.from([`tree ${ID}`, ...signatures].join('\n')))).toEqual({
      ...decoded,
      parents: [],
      message: '',
    });
  });

  test.each([
    ['A <b> <a@x> 5 +0000', 'a@x', 5],
    ['A<a@x> 5 +0000', 'a@x', 5],
    ['A  <a@x> 5', 'a@x', 5],
    ['<a@x> -5 +0000', 'a@x', -5],
    ['A <a@x 5 +0000', '', 0],
    ['A5 <a@x 5 +0000', '', 0],
    ['A> <b <a@x> 5 +0000', 'b <a@x', 5],
    ['A <a@x> soon', '', 0],
    ['A <a@x> -', '', 0],
    ['A', '', 0],
    [`A <${'a'.repeat(321)}> 5 +0000`, 'a'.repeat(320), 5],
    [`A <b> <${'a'.repeat(321)}> 5 +0000`, 'a'.repeat(320), 5],
  ])('of %s', (author, email, seconds) => {
    const bytes = Buffer.from(`tree ${ID}\nauthor ${author}\n${signatures[1]}\n\nm`);
    expect(decodeCommit(ID, bytes).author).toEqual({ email, time: seconds * 1000 });
  });

  test.each(['<', '>', '<>', '> ', '<> 5', ' <'])('are read at once also where a line is a long row of %j', (part) => {
    const line = part.repeat(300_000);
    const bytes = Buffer.from(`tree ${ID}\nauthor ${line}\ncommitter ${line}!\n\nm`);
    expect(decodeCommit(ID, bytes).message).toBe('m');
  });

  test('with signatures, odd names and an older encoding', () => {
    const text = [
      `tree ${ID}`,
      `parent ${ID}`,
      'author J\xfcrgen <\xfc@x> 1700000000 +0530',
      'committer  <> 1700000001 -0000',
      'encoding ISO-8859-1',
      'gpgsig -----BEGIN PGP SIGNATURE-----',
      ' tree not-this-one',
      '',
      'Gr\xfc\xdfe\n\nparent none\n',
    ].join('\n');
    expect(decodeCommit(ID, Buffer.from(text, 'latin1'))).toEqual({
      id: ID,
      tree: ID,
      parents: [ID],
      author: { email: 'ü@x', time: 1_700_000_000_000 },
      committed: 1_700_000_001_000,
      message: 'Grüße\n\nparent none\n',
    });
  });

  test.each([
    ['-62135596800', '0001-01-01T00:00:00.000Z'],
    ['253402300799', '9999-12-31T23:59:59.000Z'],
    ['-62135596801', '1970-01-01T00:00:00.000Z'],
    ['253402300800', '1970-01-01T00:00:00.000Z'],
    ['99999999999999999999999', '1970-01-01T00:00:00.000Z'],
  ])('dated %s are of %s', (seconds, time) => {
    const text = `tree ${ID}\nauthor a <b> ${seconds} +0000\n\nmessage`;
    expect(decodeCommit(ID, Buffer.from(text)).author.time).toBe(Date.parse(time));
  });

  test.each(['', `encoding UTF-8\n`])('with endless lines keep the beginnings (%j)', (more) => {
    const person = `A <a@x> 1700000000 +0000 ${'x'.repeat(9000)}`;
    const endless = `${'x'.repeat(9000)} <c@x> 1700000001 +0000`;
    const text = `tree ${ID}\nauthor ${person}\ncommitter ${endless}\n${more}\nm`;
    expect(decodeCommit(ID, Buffer.from(text))).toMatchObject({
      author: { email: 'a@x', time: 1_700_000_000_000 },
      committed: 0,
      message: 'm',
    });
  });

  test('without a tree are damaged', () => {
    expect(() => decodeCommit(ID, Buffer.from('author x\n\nmessage'))).toThrow('no tree');
    expect(() => decodeTagTarget(Buffer.from('type commit\n\nmessage'))).toThrow('no object');
  });
});
