import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseFieldSelector } from '../meta/field-selector.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { createWatchCache } from './create-watch-cache.ts';
import { encodeObject } from './encode.ts';
import type { ServedObject } from './served-object.ts';
import { openSqliteStore } from './sqlite/open.ts';
import type { Store, WriteOperation } from './store.ts';
import type { WatchCache } from './watch-cache-api.ts';

const things = 'things.example.com';

interface Thing extends KubernetesObject {
  readonly spec: { readonly color?: string; readonly size: string };
}

const selectableFields = {
  of(object: KubernetesObject): Record<string, string> {
    const { color, size } = (object as Thing).spec;
    if (size === 'unreadable') throw new Error('no size');
    return { 'spec.size': size, ...(color === undefined ? {} : { 'spec.color': color }) };
  },
};

let directory: string;
let store: Store;
let cache: WatchCache;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'field-index-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map([[things, { selectableFields }]]) });
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

function put(index: number, size: number | string, color?: string): WriteOperation {
  const key = { resource: things, namespace: `n${index % 3}`, name: `thing-${index}` };
  const spec = { size: String(size), ...(color === undefined ? {} : { color }) };
  const metadata = { namespace: key.namespace, name: key.name };
  return {
    type: 'put',
    key,
    uid: `uid-${index}`,
    value: encodeObject({ apiVersion: 'v1', kind: 'Thing', metadata, spec } as Thing),
  };
}

const places = (objects: readonly ServedObject[]): string[] => objects.map(({ key }) => `${key.namespace}/${key.name}`);

/** That a list is what reading all objects one by one finds. */
function expectFound(selector: string): void {
  const fields = parseFieldSelector(selector);
  const expected = cache.list(things).items.filter((object) => fields.matches(object.fields));
  expect(places(cache.list(things, { fields }).items), selector).toEqual(places(expected));
  const inNamespace = places(expected).filter((place) => place.startsWith('n1/'));
  const first = cache.list(things, { fields, namespace: 'n1', limit: 2 });
  expect(places(first.items)).toEqual(inNamespace.slice(0, 2));
  expect(first.more).toBe(inNamespace.length > 2);
}

function expectAllFound(): void {
  for (let size = 0; size <= 101; size++) expectFound(`spec.size=${size}`);
  for (const selector of [
    'spec.color=red',
    'spec.color=',
    'spec.color!=red',
    'spec.size=5,spec.color=red',
    'spec.size=5,spec.size=6',
    'spec.size=7,metadata.name=thing-7',
    'spec.size=nothing',
  ])
    expectFound(selector);
}

test('objects are found by their fields as they are now, whatever has become of them', async () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const color = (): string | undefined => [undefined, 'red', 'blue'][random(3)];
  await store.commit({ operations: Array.from({ length: 600 }, (_, index) => put(index, index % 100, color())) });
  expectAllFound();
  for (let round = 0; round < 5; round++) {
    const changed = new Set(Array.from({ length: 100 }, () => random(700)));
    await store.commit({
      operations: [...changed].map((index) => {
        const operation = put(index, random(102), color());
        const isThere = cache.get(operation.key) !== undefined;
        return isThere && random(3) === 0 ? { type: 'delete', key: operation.key } : operation;
      }),
    });
    expectAllFound();
  }
});

test('an object whose fields cannot be read is told to who asks for them, and harms nothing when it is gone', async () => {
  await store.commit({ operations: Array.from({ length: 300 }, (_, index) => put(index, index % 100)) });
  expectFound('spec.size=5');
  await store.commit({ operations: [put(5, 'unreadable')] });
  expect(() => cache.list(things, { fields: parseFieldSelector('spec.size=6') })).toThrow(
    'things.example.com n2/thing-5',
  );
  await store.commit({ operations: [put(5, 6)] });
  expectFound('spec.size=6');
});

test('objects are found by however many fields are asked for', async () => {
  await store.commit({ operations: Array.from({ length: 300 }, (_, index) => put(index, index % 100)) });
  for (let field = 0; field < 20; field++) expectFound(`spec.other-${field}=x`);
  expectFound('spec.size=5');
});
