import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ArrivingPack, arrivingCommits } from './arriving-commits.ts';
import { startTestRemotes, type TestRemote, type TestRemotes } from './discovery.test-support.ts';
import type { CommitInfo } from './types.ts';

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

let directory: string;
let remote: TestRemote;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-arriving-'));
  remote = await remotes.open();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A pack of everything in the remote, as a Git server sends it. */
async function packed(...options: string[]): Promise<Buffer> {
  const target = mkdtempSync(join(directory, 'packed-'));
  await remote.git('repack', '-adfq', ...options);
  await remote.git('pack-objects', '--all', '--delta-base-offset', '-q', join(target, 'p'));
  const name = readdirSync(target).find((file) => file.endsWith('.pack')) ?? '';
  return readFileSync(join(target, name));
}

/** Reads a pack that arrives in pieces, each when what was there before is read. */
async function read(pieces: readonly Buffer[], most = Number.POSITIVE_INFINITY, pack: Partial<ArrivingPack> = {}) {
  // Git makes the file before it has something to write.
  const left = [Buffer.alloc(0), ...pieces];
  const isOver = () => {
    const next = left.shift();
    if (next === undefined) return true;
    appendFileSync(join(directory, 'tmp_pack_1'), next);
    return left.length === 0;
  };
  const commits: CommitInfo[] = [];
  await arrivingCommits({ directory, isOver, afterwards: Promise.resolve(), ...pack }, (commit) => {
    commits.push(commit);
    return commits.length < most;
  });
  return commits;
}

/** The bytes in so many pieces. */
function inPieces(bytes: Buffer, count: number): Buffer[] {
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

async function history(count: number, message: (index: number) => string): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const parents = ids.slice(-1);
    ids.push(await remote.commit({ message: message(index), parents, files: { [`${index}/file`]: String(index) } }));
  }
  await remote.git('update-ref', 'refs/heads/main', ids.at(-1) ?? '');
  await remote.git('tag', '-a', '-m', 'annotated', 'a/v1', ids[0] ?? '');
  await remote.references();
  return ids;
}

describe('the commits of a pack that arrives', () => {
  test.each([1, 7, 400])('are handed over as they are in the end (%i pieces)', async (count) => {
    const ids = await history(12, (index) => `commit ${index}, as different from the others as ${'x'.repeat(index)}`);
    const commits = await read(inPieces(await packed('--depth=0'), count));
    expect(commits.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const commit of commits) expect(commit).toEqual(await remote.mirror.commit(commit.id));
  });

  test('that are stored as differences are left out, and the others are not', async () => {
    const words = Array.from({ length: 300 }, (_, index) => `word${(index * 7919) % 1009}`).join(' ');
    const ids = await history(12, (index) => `${words} ${index}`);
    const bytes = await packed();
    const listed = await remote.git('verify-pack', '-v', ...packsOf(remote));
    const whole = ids.filter((id) => new RegExp(`^${id} commit \\d+ \\d+ \\d+$`, 'm').test(listed));
    const commits = await read(inPieces(bytes, 3));
    expect(whole.length).toBeLessThan(ids.length);
    expect(commits.map(({ id }) => id).sort()).toEqual(whole.sort());
  });

  test('are read while what comes after them is still on its way', async () => {
    const ids = await history(3, (index) => String(index));
    const bytes = await packed('--depth=0');
    writeFileSync(join(directory, 'tmp_pack_1'), bytes.subarray(0, bytes.length - 100));
    const commits = await read([], undefined, { isOver: () => false });
    expect(commits).toHaveLength(ids.length);
  });

  test('are no more than are wanted', async () => {
    await history(5, (index) => String(index));
    expect(await read([await packed('--depth=0')], 2)).toHaveLength(2);
  });

  test('are no more than there is time for', async () => {
    await history(5, (index) => `${index}`.repeat(1000));
    const bytes = await packed('--depth=0');
    expect(await read([bytes], undefined, { mostBytes: 4000 })).toHaveLength(3);
  });

  test('wait for what has waited for Git, once that is done', async () => {
    await history(3, (index) => String(index));
    writeFileSync(join(directory, 'tmp_pack_1'), await packed('--depth=0'));
    const [asked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // It is asked when the pack is looked for, when it is read, and then for each commit.
    let times = 0;
    const isOver = () => {
      times++;
      if (times === 3) asked.resolve();
      return times > 1;
    };
    let taken = 0;
    const reading = arrivingCommits({ directory, isOver, afterwards: done.promise }, () => ++taken > 0);
    await asked.promise;
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(taken).toBe(0);
    done.resolve();
    await reading;
    expect(taken).toBe(3);
  });

  test('are those before one that is too large', async () => {
    const [first = ''] = await history(1, () => 'first');
    const large = await remote.commit({ message: 'x'.repeat(2 << 20), parents: [first] });
    await remote.git('update-ref', 'refs/heads/main', large);
    const ids = (await read([await packed('--depth=0')])).map(({ id }) => id);
    expect(ids).not.toContain(large);
  });

  test('are none where there is no pack, where Git has gone, and where it is none', async () => {
    expect(await read([], undefined, { directory: join(directory, 'nowhere') })).toEqual([]);
    expect(await read([])).toEqual([]);
    for (const bytes of [Buffer.from('PACK'), Buffer.from('no pack at all'), Buffer.alloc(0)]) {
      rmSync(join(directory, 'tmp_pack_1'), { force: true });
      expect(await read([bytes])).toEqual([]);
    }
  });

  test('are those before something that is broken', async () => {
    const ids = await history(6, (index) => `commit ${index}`);
    const bytes = await packed('--depth=0');
    const whole = (await read([bytes])).map(({ id }) => id);
    expect(whole).toHaveLength(ids.length);
    for (let at = 12; at < 400; at += 3) {
      rmSync(join(directory, 'tmp_pack_1'));
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 0x55;
      const found = (await read([broken])).map(({ id }) => id);
      // What is broken has another id, if it is read at all.
      for (const id of found) if (!whole.includes(id)) expect(await remote.mirror.has(id)).toBe(false);
    }
  });
});

function packsOf({ directory: place }: TestRemote): string[] {
  const packs = join(place, 'objects', 'pack');
  return readdirSync(packs)
    .filter((file) => file.endsWith('.idx'))
    .map((file) => join(packs, file));
}
