import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { serveObject } from '../storage/served.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { listBody } from './list-body.ts';
import { createResourceEncoder } from './resource-encoder.ts';

const encoder = createResourceEncoder({
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  listKind: 'ThingList',
  table: { columns: [], cells: () => [] },
});
const object = serveObject(
  { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } },
  { resource: 'things.example.com', revision: 1 },
);
const length = 200;

/** Objects that take a while, each of them. */
function* slowly(): Generator<ServedObject, undefined> {
  for (let count = 0; count < length; count++) {
    for (const end = performance.now() + 0.2; performance.now() < end; );
    yield object;
  }
}

async function* madeForIt(): AsyncGenerator<ServedObject> {
  yield* slowly();
}

function allThere(): readonly ServedObject[] {
  return Object.assign([], { [Symbol.iterator]: slowly });
}

async function itemsOf(items: readonly ServedObject[] | AsyncIterable<ServedObject>): Promise<number> {
  const chunks: Buffer[] = [];
  const form = { format: 'json', pretty: false, transform: { type: 'none' } } as const;
  for await (const chunk of listBody(encoder, items, { resourceVersion: '1' }, form, 0)) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()).items.length;
}

test.each<[string, () => readonly ServedObject[] | AsyncIterable<ServedObject>]>([
  ['of objects that are there', allThere],
  ['of objects that are made for them', madeForIt],
])('others have their turn while many lists %s are made', async (_, items) => {
  let turns = 0;
  const count = setInterval(() => turns++, 0);
  const lists = await Promise.all(Array.from({ length: 10 }, () => itemsOf(items())));
  clearInterval(count);
  expect(new Set(lists)).toEqual(new Set([length]));
  expect(turns).toBeGreaterThan(10);
});

test('an object that was made for a list is not held on to while its bytes are sent, and the next one is made', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const objects: WeakRef<ServedObject>[] = [];
  const alive = async (): Promise<boolean[]> => {
    await nextTurn();
    collect();
    return objects.map((reference) => reference.deref() !== undefined);
  };
  const { promise: nextWanted, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: asked, resolve: askedForNext } = Promise.withResolvers<void>();
  const make = async (): Promise<ServedObject> => {
    const large = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x'.repeat(1_000_000) } };
    const made = serveObject(large, { resource: 'things.example.com', revision: 1 });
    objects.push(new WeakRef(made));
    return made;
  };
  async function* two(): AsyncGenerator<ServedObject> {
    yield await make();
    askedForNext();
    await nextWanted;
    yield await make();
  }
  const form = { format: 'json', pretty: false, transform: { type: 'none' } } as const;
  const body = listBody(encoder, two(), { resourceVersion: '1' }, form, 0);
  await body.next();
  expect(await alive()).toEqual([false]);
  const rest = buffer(body);
  await asked;
  expect(await alive()).toEqual([false]);
  goOn();
  expect((await rest).length).toBeGreaterThan(1_000_000);
});
