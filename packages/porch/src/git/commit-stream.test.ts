import { expect, test } from 'vitest';
import { CommitStream } from './commit-stream.ts';
import type { CommitInfo } from './types.ts';

const [A, B, C] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];

/** What `git rev-list --header` writes of a commit. */
function written(id: string, parents: readonly string[], message: readonly string[]): string {
  const headers = [`tree ${C}`, ...parents.map((parent) => `parent ${parent}`), 'author Jü <j@x> 5 +0000'];
  const lines = [id, ...headers, 'committer K <k@x> 6 +0000', '', ...message.map((line) => `    ${line}`)];
  return `${lines.join('\n')}\n\0`;
}

const output = Buffer.from(
  written(A, [B, C], ['Approving', '', 'kpt:{}', '  indented', '    ', 'Grüße']) +
    written(B, [], []) +
    written(C, [A], ['x']),
);

function read(pieces: readonly Buffer[]): CommitInfo[] {
  const commits: CommitInfo[] = [];
  const stream = new CommitStream((commit) => commits.push(commit));
  for (const piece of pieces) {
    const own = Buffer.from(piece);
    stream.push(own);
    own.fill(0); // what is kept must have been copied
  }
  return commits;
}

test.each([1, 7, 64, 100, output.length])('pieces of %i bytes', (length) => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < output.length; at += length) pieces.push(output.subarray(at, at + length));
  const who = {
    tree: C,
    author: { email: 'j@x', time: 5000 },
    committed: 6000,
  };
  expect(read(pieces)).toEqual([
    { id: A, parents: [B, C], ...who, message: 'Approving\n\nkpt:{}\n  indented\n    \nGrüße' },
    { id: B, parents: [], ...who, message: '' },
    { id: C, parents: [A], ...who, message: 'x' },
  ]);
});

test('what is not a commit is an error', () => {
  expect(() => read([Buffer.from('warning: what\n\0')])).toThrow('no tree');
});

test('of a commit that is larger than anybody writes only the beginning is read', () => {
  const long = Buffer.from(written(A, [B], ['kpt:{}', 'x'.repeat(3 << 20)]) + written(B, [], ['y']));
  const pieces: Buffer[] = [];
  for (let at = 0; at < long.length; at += 65_536) pieces.push(long.subarray(at, at + 65_536));
  for (const commits of [read(pieces), read([long])]) {
    expect(commits.map(({ id, parents }) => [id, parents])).toEqual([
      [A, [B]],
      [B, []],
    ]);
    const [first, second] = commits.map(({ message }) => message);
    expect(first?.startsWith('kpt:{}\nxxx')).toBe(true);
    expect(first?.length).toBeLessThanOrEqual(1 << 20);
    expect(second).toBe('y');
  }
});
