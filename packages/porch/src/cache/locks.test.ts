import { describe, expect, test } from 'vitest';
import { LocalLocks, Mutexes } from './locks.ts';

describe('mutexes', () => {
  test('let one in after the other, also who comes when others have waited', async () => {
    const mutexes = new Mutexes();
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const work = (name: string): Promise<string> =>
      mutexes.run('one', async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        return name;
      });
    const first = work('first');
    const second = work('second');
    await expect.poll(() => begun).toEqual(['first']);
    ends.get('first')?.();
    await expect(first).resolves.toBe('first');
    const third = work('third');
    await mutexes.run('another', async () => undefined);
    expect(begun).toEqual(['first', 'second']);
    ends.get('second')?.();
    await second;
    await expect.poll(() => begun).toEqual(['first', 'second', 'third']);
    ends.get('third')?.();
    await third;
  });

  test('are let go of by work that fails', async () => {
    const mutexes = new Mutexes();
    const failing = mutexes.run('one', () => Promise.reject(new Error('failed')));
    const next = mutexes.run('one', async () => 'next');
    await expect(failing).rejects.toThrow('failed');
    await expect(next).resolves.toBe('next');
  });
});

test('a revision has one writer, who is known by namespace and name', async () => {
  const locks = new LocalLocks();
  const release = await locks.tryAcquire('a', 'r.p.w');
  expect(await locks.tryAcquire('a', 'r.p.w')).toBeUndefined();
  expect(await locks.tryAcquire('b', 'r.p.w')).toBeDefined();
  expect(await locks.tryAcquire('a', 'r.p.v')).toBeDefined();
  expect(locks.holds('a', 'r.p.w')).toBe(true);
  await release?.();
  expect(locks.holds('a', 'r.p.w')).toBe(false);
  expect(await locks.tryAcquire('a', 'r.p.w')).toBeDefined();
});
