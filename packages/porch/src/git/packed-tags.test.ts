import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MirrorTrial, startMirrorTrial } from './mirror.test-support.ts';
import { packedTags, tagLines } from './packed-tags.ts';
import { GitError } from './types.ts';

let trial: MirrorTrial;
beforeAll(async () => {
  trial = await startMirrorTrial();
});
afterAll(() => trial?.close());

const [tag, commit] = ['a'.repeat(40), 'b'.repeat(40)];

test('the lines of tags say what they name in the end, and are not written where Git would not read the file any more', async () => {
  const names = ['p/v2', 'p/v1', 'a..b', 'a b', 'x.lock', 'bro\ufffdken'].map((name) => `refs/tags/${name}`);
  const refs = new Map([...names, 'refs/heads/main'].map((name) => [name, tag]));
  const lines = await tagLines({ refs, peeled: new Map([['refs/tags/p/v1', commit]]), digest: '' });
  expect(lines.filter((one) => one.lines !== undefined)).toEqual([
    { id: tag, name: 'refs/mirror/tags/p/v1', lines: `${tag} refs/mirror/tags/p/v1\n^${commit}\n` },
    { id: tag, name: 'refs/mirror/tags/p/v2', lines: `${tag} refs/mirror/tags/p/v2\n` },
  ]);
  expect(lines).toHaveLength(names.length);
});

test('tags that cannot be written count as missing, as do those whose objects are not there', async () => {
  const { mirror, seed, access } = await trial.addRemote();
  const id = await seed();
  await mirror.fetch(access);
  const refs = new Map([
    ['refs/tags/a..b', id],
    ['refs/tags/p/v1', id],
    ['refs/tags/p/v2', commit],
  ]);
  const repository = { processes: trial.processes, directory: mirror.directory };
  const lines = await tagLines({ refs, peeled: new Map(), digest: '' });
  const found = { text: `${id} refs/mirror/tags/p/v1\n`, missing: 2 };
  expect(await packedTags(repository, lines)).toEqual(found);
  expect(await packedTags(repository, lines, new Set([id]))).toEqual(found);
});

test('nothing is taken to be there where Git cannot say it', async () => {
  const lines = await tagLines({ refs: new Map([['refs/tags/p/v1', commit]]), peeled: new Map(), digest: '' });
  const nowhere = { processes: trial.processes, directory: join(trial.directory, 'nowhere') };
  await expect(packedTags(nowhere, lines)).rejects.toThrow(GitError);
});

test('what is known to be there is not looked up', async () => {
  const lines = await tagLines({ refs: new Map([['refs/tags/p/v1', commit]]), peeled: new Map(), digest: '' });
  const nowhere = { processes: trial.processes, directory: join(trial.directory, 'nowhere') };
  const known = await packedTags(nowhere, lines, new Set([commit]));
  expect(known).toEqual({ text: `${commit} refs/mirror/tags/p/v1\n`, missing: 0 });
});
