/** Writers for the tests with several processes. */
import { setTimeout as wait } from 'node:timers/promises';
import { untilCurrent } from '../../registry/fresh-revision.ts';
import { encodeObject } from '../encode.ts';
import { PreconditionFailedError, type Store, StoreUnavailableError } from '../store.ts';
import type { WatchCache } from '../watch-cache-api.ts';

const writers = 4;

export const counterKey = { resource: 'things.example.com', namespace: 'default', name: 'counter' };

function counterValue(count: number): string {
  return encodeObject({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'counter' }, count } as never);
}

/**
 * Creates `count` objects, several at a time, each exactly once: what fails because the database is away is tried again, and what is there
 * already when it is tried again was written though its writer was told otherwise.
 */
export async function writeThings(
  store: Store,
  prefix: string,
  count: number,
  written: (name: string, revision: number) => void,
): Promise<void> {
  let next = 0;
  const write = async () => {
    for (let n = next++; n < count; n = next++) {
      const name = `${prefix}-${n}`;
      written(name, await writeThing(store, name));
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

async function writeThing(store: Store, name: string): Promise<number> {
  const value = encodeObject({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name } });
  const key = { resource: 'things.example.com', namespace: 'default', name };
  for (;;) {
    try {
      const { changes } = await store.commit({ operations: [{ type: 'put', key, uid: name, value, expected: 0 }] });
      return changes[0]?.revision ?? 0;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || error.outcomeUnknown) throw error;
      await wait(10);
    }
  }
}

/** Reads the counter object, adds one, and writes it if nobody was faster; so many times. */
export async function countUp(store: Store, cache: WatchCache, times: number): Promise<void> {
  const { signal } = new AbortController();
  for (let done = 0; done < times; ) {
    await untilCurrent(cache, signal);
    const current = cache.get(counterKey);
    const { count = 0 } = (current?.decode() as { count?: number } | undefined) ?? {};
    const put = { type: 'put', key: counterKey, uid: 'counter', value: counterValue(count + 1) } as const;
    try {
      await store.commit({ operations: [{ ...put, expected: current?.revision ?? 0 }] });
      done++;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }
}
