import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type MirrorTrial, startMirrorTrial, type TrialRemote } from './mirror.test-support.ts';
import { mirrorName } from './remote-url.ts';
import type { Mirror, RemoteAccess } from './types.ts';

let trial: MirrorTrial;
let mirror: Mirror;
let access: RemoteAccess;
let seed: TrialRemote['seed'];

beforeAll(async () => {
  trial = await startMirrorTrial();
});

afterAll(() => trial?.close());

beforeEach(async () => {
  ({ mirror, access, seed } = await trial.addRemote());
});

describe('mirrors', () => {
  test('opening one twice gives the same mirror, and an access for another is refused', async () => {
    expect(await trial.mirrors.open(`${access.url}/`)).toBe(mirror);
    const other = { url: 'http://127.0.0.1:1/other.git' };
    const update = { ref: 'refs/heads/x', old: null, new: 'a'.repeat(40) };
    for (const work of [
      () => mirror.fetch(other),
      () => mirror.lsRemote(other),
      () => mirror.defaultBranch(other),
      () => mirror.push(other, [update], { atomic: true }),
    ]) {
      await expect(work()).rejects.toThrow('the access is for another repository');
    }
  });

  test('one that could not be opened can be opened later', async () => {
    const url = `${access.url.slice(0, access.url.lastIndexOf('/'))}/later.git`;
    const obstacle = join(trial.directory, 'mirrors', mirrorName(url));
    await writeFile(obstacle, '');
    await expect(trial.mirrors.open(url)).rejects.toThrow();
    await rm(obstacle);
    expect((await trial.mirrors.open(url)).directory).toBe(obstacle);
  });

  test('those that are needed stay, and of the others go no more than are told to', async () => {
    const [second, third] = [await trial.addRemote(), await trial.addRemote()];
    const unused = [mirror, second.mirror].map(({ directory }) => directory);
    // Addresses that cannot be used, of Repositories that are not Ready, are in nobody's way.
    const needed = ['/srv/git', 'nonsense', `${third.access.url}/`];
    const remove = (unusedMs: number, most: number) => trial.mirrors.removeUnused({ needed, unusedMs, most });
    expect((await remove(3_600_000, 99)).removed).toEqual([]);
    const before = (await remove(-1, 1)).removed.map(({ directory }) => directory);
    expect(before).toHaveLength(1);
    const after = (await remove(-1, 99)).removed.map(({ directory }) => directory);
    expect([...before, ...after]).toEqual(expect.arrayContaining(unused));
    expect([...before, ...after]).not.toContain(third.mirror.directory);
    const again = await trial.mirrors.open(access.url);
    expect(again).not.toBe(mirror);
    const id = await seed();
    await again.fetch(access);
    expect(await again.has(id)).toBe(true);
    expect(await trial.mirrors.open(third.access.url)).toBe(third.mirror);
  });

  test('one that is opened in the moment in which it would have been removed stays', async () => {
    const id = await seed();
    await utimes(mirror.directory, new Date(0), new Date(0));
    const soon = Date.now() + 7_200_000;
    const opened: Promise<Mirror>[] = [];
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
      clock.mockImplementation(() => soon);
      opened.push(trial.mirrors.open(access.url));
      return soon;
    });
    try {
      const { removed } = await trial.mirrors.removeUnused({ needed: [], unusedMs: 3_600_000, most: 10 });
      expect(removed).toEqual([]);
    } finally {
      clock.mockRestore();
    }
    const [again] = await Promise.all(opened);
    expect(again).toBe(mirror);
    expect(await again?.has(id)).toBe(true);
  });

  test('one that is opened while it is being removed is made anew', async () => {
    const id = await seed();
    let removing = true;
    const removal = trial.mirrors.removeUnused({ needed: [], unusedMs: -1, most: 99 }).finally(() => {
      removing = false;
    });
    const opened: Promise<Mirror>[] = [];
    while (removing) {
      opened.push(trial.mirrors.open(access.url));
      await setImmediate();
    }
    expect((await removal).removed.map(({ directory }) => directory)).toContain(mirror.directory);
    const [again, ...others] = (await Promise.all(opened)).reverse();
    expect(again).not.toBe(mirror);
    expect(others.filter((other) => other !== again && other !== mirror)).toEqual([]);
    await again?.fetch(access);
    expect(await again?.has(id)).toBe(true);
  });
});

test('none is opened any more when they are closed', async () => {
  const own = await startMirrorTrial();
  const { access: theirs } = await own.addRemote();
  await own.mirrors.close();
  await expect(own.mirrors.open(theirs.url)).rejects.toMatchObject({ errorClass: 'Interrupted' });
  await own.close();
});
