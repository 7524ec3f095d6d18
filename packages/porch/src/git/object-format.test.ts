import { describe, expect, test } from 'vitest';
import { decodeCommit, decodeTagTarget, decodeTree } from './object-format.ts';

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

describe('commits', () => {
  test('with signatures, odd names and an older encoding', () => {
    const text = [
      `tree ${ID}`,
      `parent ${ID}`,
      'author J\xfcrgen <j@x> 1700000000 +0530',
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
      author: { name: 'Jürgen', email: 'j@x', time: new Date(1_700_000_000_000) },
      committer: { name: '', email: '', time: new Date(1_700_000_001_000) },
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
    expect(decodeCommit(ID, Buffer.from(text)).author.time.toISOString()).toBe(time);
  });

  test('without a tree are damaged', () => {
    expect(() => decodeCommit(ID, Buffer.from('author x\n\nmessage'))).toThrow('no tree');
    expect(() => decodeTagTarget(Buffer.from('type commit\n\nmessage'))).toThrow('no object');
  });
});
