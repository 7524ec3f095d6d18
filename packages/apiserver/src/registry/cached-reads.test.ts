import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseFieldSelector } from '../meta/field-selector.ts';
import { parseLabelSelector } from '../meta/label-selector.ts';
import { pieceMs } from '../meta/turns.ts';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import { encodeObject } from '../storage/encode.ts';
import type { ServedEvent } from '../storage/served-object.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Store, WriteOperation } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { type CachedReads, createCachedReads } from './cached-reads.ts';
import { waitForRevision } from './fresh-revision.ts';
import type { ListOptions, RequestContext, WatchOptions } from './resource.ts';

const resource = 'things.example.com';

let directory: string;
let store: Store;
let cache: WatchCache;
let reads: CachedReads;
let aborts: AbortController;
let context: RequestContext;

function put(name: string, tier: string, namespace = 'default', n = 0): WriteOperation {
  const metadata = { name, namespace, labels: { tier } };
  const value = encodeObject({ apiVersion: 'example.com/v1', kind: 'Thing', metadata, spec: { n } } as never);
  return { type: 'put', key: { resource, namespace, name }, uid: `uid-${name}`, value };
}

function remove(name: string): WriteOperation {
  return { type: 'delete', key: { resource, namespace: 'default', name } };
}

function commit(...operations: WriteOperation[]) {
  return store.commit({ operations });
}

class Sink {
  readonly said: string[] = [];
  readonly events: ServedEvent[] = [];
  progressed = 0;
  failure: Error | undefined;

  event(event: ServedEvent): void {
    this.events.push(event);
    const { metadata } = event.object.decode();
    this.said.push(`${event.type} ${metadata.name} ${metadata.labels?.['tier']} ${metadata.resourceVersion}`);
  }

  initialDone(revision: number): void {
    this.said.push(`initial ${revision}`);
  }

  progress(revision: number): void {
    this.progressed = revision;
  }

  fail(error: Error): void {
    this.failure = error;
    this.said.push(`failed ${error.message}`);
  }
}

async function watch(options: WatchOptions, within: RequestContext = context): Promise<Sink> {
  const sink = new Sink();
  await reads.watch(within, options, sink);
  return sink;
}

const list = (options: Partial<ListOptions> = {}) => reads.list(context, { limit: 0, ...options });
const names = (page: { items: readonly { key: { name: string } }[] }) => page.items.map((item) => item.key.name);

async function compactedReads(): Promise<CachedReads> {
  const small = await createWatchCache({ store, definitions: new Map([[resource, {}]]), history: 0 });
  return createCachedReads({ cache: small, resource: { group: 'example.com', plural: 'things' } });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cached-reads-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map([[resource, {}]]) });
  reads = createCachedReads({ cache, resource: { group: 'example.com', plural: 'things' } });
  aborts = new AbortController();
  context = {
    user: { name: 'test', groups: [] },
    namespace: 'default',
    signal: aborts.signal,
    auditId: '',
    userAgent: 'test',
    warn: () => undefined,
    authorize: () => Promise.resolve(true),
  };
});

afterEach(async () => {
  aborts.abort();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

test('get finds an object of the namespace, or says 404', async () => {
  await commit(put('a', 'x'), put('b', 'x', 'other'));
  expect((await reads.get(context, 'a')).key.name).toBe('a');
  expect(() => reads.get(context, 'b')).toThrow('things.example.com "b" not found');
});

describe('list', () => {
  beforeEach(async () => {
    await commit(put('a', 'x'), put('b', 'y'), put('c', 'x'), put('d', 'y'), put('e', 'x'));
  });

  test('goes on, page by page, at the revision it began with', async () => {
    const first = await list({ limit: 2 });
    expect(names(first)).toEqual(['a', 'b']);
    expect(first).toMatchObject({ revision: 6, remainingItemCount: 3, continueAfter: { revision: 6, name: 'b' } });
    await commit(remove('c'), put('ca', 'x'), put('d', 'changed'));
    const second = await list({ limit: 2, continueAfter: first.continueAfter! });
    expect([names(second), second.revision, second.remainingItemCount]).toEqual([['c', 'd'], 6, 1]);
    expect(second.items[1]?.labels).toEqual({ tier: 'y' });
    const third = await list({ limit: 2, continueAfter: second.continueAfter! });
    expect([names(third), third.revision, third.continueAfter]).toEqual([['e'], 6, undefined]);
  });

  test('with selectors does not tell what remains', async () => {
    const page = await list({ limit: 2, labels: parseLabelSelector('tier=x') });
    expect([names(page), page.remainingItemCount]).toEqual([['a', 'c'], undefined]);
    expect(
      names(await list({ limit: 2, labels: parseLabelSelector('tier=x'), continueAfter: page.continueAfter! })),
    ).toEqual(['e']);
  });

  test.each<[string, Partial<ListOptions>, number, number]>([
    ['nothing asked: latest', {}, 7, 6],
    ['0: any', { resourceVersion: 0 }, 7, 6],
    ['N: not older', { resourceVersion: 6 }, 7, 6],
    ['N, NotOlderThan', { resourceVersion: 6, resourceVersionMatch: 'NotOlderThan', limit: 9 }, 7, 6],
    ['N, Exact', { resourceVersion: 6, resourceVersionMatch: 'Exact' }, 6, 5],
    ['N with a limit', { resourceVersion: 6, limit: 9 }, 6, 5],
  ])('%s', async (_, options, revision, count) => {
    await commit(put('f', 'x'));
    const page = await list(options);
    expect([page.revision, page.items.length]).toEqual([revision, count]);
  });

  test('waits for a revision that is on its way', async () => {
    const waiting = list({ resourceVersion: 7 });
    await commit(put('f', 'x'));
    expect((await waiting).revision).toBe(7);
    const page = list({ limit: 2, continueAfter: { revision: 8, namespace: 'default', name: 'd' } });
    await commit(put('g', 'x'));
    expect([names(await page), (await page).revision]).toEqual([['e', 'f'], 8]);
  });

  test('a revision that does not come is a 504, an aborted wait fails with its reason', async () => {
    await expect(waitForRevision(cache, 99, context.signal, 1)).rejects.toMatchObject({
      status: {
        code: 504,
        message: 'Timeout: Too large resource version: 99, current: 6',
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
      },
    });
    const waiting = list({ resourceVersion: 99 });
    aborts.abort(new Error('client gone'));
    await expect(waiting).rejects.toThrow('client gone');
  });

  test('compacted revisions are 410; a page token comes with a fresh one', async () => {
    const old = await list({ limit: 2 });
    await commit(put('bb', 'x'));
    reads = await compactedReads();
    await expect(list({ resourceVersion: 6, resourceVersionMatch: 'Exact' })).rejects.toMatchObject({
      status: { code: 410, reason: 'Expired', message: 'too old resource version: 6 (7)' },
    });
    const error = await list({ limit: 2, continueAfter: old.continueAfter! }).catch((reason) => reason);
    expect(error.status).toMatchObject({ code: 410, reason: 'Expired' });
    expect(JSON.parse(Buffer.from(error.status.metadata.continue, 'base64url').toString())).toMatchObject({ rv: -1 });
    const rest = await list({ limit: 2, continueAfter: { ...old.continueAfter!, revision: -1 } });
    expect([names(rest), rest.revision, rest.continueAfter?.revision]).toEqual([['bb', 'c'], 7, 7]);
  });
});

describe('watch', () => {
  test('others are answered between the beginnings of many', async () => {
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    class Long extends Sink {
      override initialDone(revision: number): void {
        // As long as thousands of objects take.
        for (const end = performance.now() + 2 * pieceMs; performance.now() < end; );
        super.initialDone(revision);
      }
    }
    const sinks = Array.from({ length: 20 }, () => new Long());
    await Promise.all(sinks.map((sink) => reads.watch(context, { start: { initial: true } }, sink)));
    clearInterval(count);
    expect(turns).toBeGreaterThan(10);
    expect(new Set(sinks.map(({ said }) => String(said))).size).toBe(1);
  });

  test('from a position hands over what came after it', async () => {
    await commit(put('a', 'x'), put('b', 'x', 'other'));
    const all = await watch({ start: { after: 2 } });
    const own = await watch({ namespace: 'default', start: { after: 1 } });
    await commit(put('a', 'y'), remove('a'));
    expect(all.said).toEqual(['ADDED b x 3', 'MODIFIED a y 4', 'DELETED a y 5']);
    expect(own.said).toEqual(['ADDED a x 2', 'MODIFIED a y 4', 'DELETED a y 5']);
    expect(all.events[1]).toBe(own.events[1]);
  });

  test('with initial events begins with what is there', async () => {
    await commit(put('b', 'x'), put('a', 'x'), put('c', 'y'));
    const sink = await watch({ labels: parseLabelSelector('tier=x'), start: { initial: true } });
    const other = await watch({ start: { initial: true, notOlderThan: 4 } });
    await commit(put('d', 'x'));
    expect(sink.said).toEqual(['ADDED a x 3', 'ADDED b x 2', 'initial 4', 'ADDED d x 5']);
    expect(other.said).toHaveLength(5);
    expect(other.events[0]).toBe(sink.events[0]);
  });

  test('with selectors shows coming and going', async () => {
    await commit(put('a', 'x'), put('b', 'y'));
    const options: WatchOptions = { labels: parseLabelSelector('tier=x'), start: { after: 3 } };
    const [sink, twin] = [await watch(options), await watch(options)];
    await commit(put('a', 'x', 'default', 1));
    await commit(put('a', 'y'));
    await commit(put('a', 'y', 'default', 2));
    await commit(put('b', 'x'));
    await commit(remove('a'));
    await commit(remove('b'));
    expect(sink.said).toEqual(['MODIFIED a x 4', 'DELETED a x 5', 'ADDED b x 7', 'DELETED b x 9']);
    expect(twin.events.map((event, at) => event === sink.events[at])).toEqual([true, true, true, true]);
  });

  test('by name hears of that object alone', async () => {
    const sink = await watch({ fields: parseFieldSelector('metadata.name=b'), start: { after: 1 } });
    await commit(put('a', 'x'), put('b', 'x'));
    expect(sink.said).toEqual(['ADDED b x 3']);
  });

  test('hears of progress, also by other resources, until it is aborted', async () => {
    const gone = new AbortController();
    const sink = await watch({ start: { after: 1 } }, { ...context, signal: gone.signal });
    const stays = await watch({ start: { after: 1 } });
    expect(sink.progressed).toBe(1);
    const operation = put('a', 'x');
    await commit({ ...operation, key: { ...operation.key, resource: 'others.example.com' } });
    expect([sink.progressed, sink.said]).toEqual([2, []]);
    gone.abort();
    await commit(put('b', 'x'));
    expect([sink.progressed, sink.said, stays.progressed]).toEqual([2, [], 3]);
  });

  test('hears of progress also when there was one before it, and has left', async () => {
    const gone = new AbortController();
    await watch({ start: { after: 1 } }, { ...context, signal: gone.signal });
    gone.abort();
    const sink = await watch({ start: { after: 1 } });
    await commit(put('a', 'x'));
    expect(sink.progressed).toBe(2);
  });

  test('does not begin for a client that has left', async () => {
    await commit(put('a', 'x'));
    aborts.abort(new Error('client gone'));
    const sink = await watch({ start: { initial: true } });
    await commit(put('b', 'x'));
    expect([sink.said, sink.progressed]).toEqual([[], 0]);
  });

  test('from a compacted position ends with 410, from one that does not come is 504', async () => {
    await commit(put('a', 'x'));
    await commit(put('a', 'y'));
    reads = await compactedReads();
    const { failure, said } = await watch({ start: { after: 2 } });
    expect(failure).toMatchObject({
      status: { code: 410, reason: 'Expired', message: 'too old resource version: 2 (3)' },
    });
    expect(said).toEqual(['failed too old resource version: 2 (3)']);
    const waiting = watch({ start: { after: 99 } });
    aborts.abort(new Error('client gone'));
    await expect(waiting).rejects.toThrow('client gone');
  });

  test('a selector that fails ends the watch with its error', async () => {
    const failing = {
      requirements: parseLabelSelector('tier').requirements,
      matches: () => {
        throw new Error('selector');
      },
    };
    const sink = await watch({ labels: failing, start: { after: 1 } });
    await commit(put('a', 'x'));
    await commit(put('a', 'y'));
    expect(sink.said).toEqual(['failed selector']);
  });
});
