import { utimes } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type MirrorTrial, startMirrorTrial, type TrialRemote } from './mirror.test-support.ts';
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
    await expect(mirror.fetch({ url: 'http://127.0.0.1:1/other.git' })).rejects.toThrow('another repository');
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
});
