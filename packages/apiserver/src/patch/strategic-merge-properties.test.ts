import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../schema/read-json.ts';
import { prepareMergePatch } from './merge-patch.ts';
import { prepareStrategicMergePatch } from './strategic-merge-patch.ts';

type Json = Record<string, unknown>;
/** How the lists of a field merge, as kubectl knows it from the schema. */
type Lists = Readonly<Record<string, 'values' | 'items' | undefined>>;

const merge = { 'x-kubernetes-patch-strategy': 'merge' };
const items = { ...merge, 'x-kubernetes-patch-merge-key': 'name' };
const schema = {
  properties: {
    spec: {
      properties: {
        values: merge,
        items: { ...items, items: { properties: { values: merge, items } } },
        deep: { properties: { values: merge, items } },
      },
    },
  },
};
const lists: Lists = { values: 'values', items: 'items' };

const few = fc.constantFrom('a', 'b', 'c', 'd');
const values = fc.uniqueArray(few, { maxLength: 4 });
const itemsOf = <T extends Json>(item: fc.Arbitrary<T>) =>
  fc.uniqueArray(
    fc.tuple(few, item).map(([name, rest]): Json => ({ name, ...rest })),
    { maxLength: 4, selector: ({ name }) => name },
  );
const scalars = { text: few, number: fc.integer({ min: 0, max: 2 }), plain: fc.array(few, { maxLength: 3 }) };
const optional = { requiredKeys: [] };
const leaf = fc.record(scalars, optional);
const nested = fc.record({ ...scalars, values, items: itemsOf(leaf) }, optional);
const specs = fc.record({ ...scalars, values, items: itemsOf(nested), deep: nested }, optional);
const objects: fc.Arbitrary<Json> = specs.map((spec) => JSON.parse(JSON.stringify({ spec })) as Json);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The patch that turns one object into another, by the words of the definition ("Strategic merge patch", API conventions): what is gone
 * is null or deleted by name, and the order of merged lists is said in full.
 */
function difference(from: Json, to: Json): Json {
  const patch: Json = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, wanted] of Object.entries(to)) {
    const had = from[key];
    if (isDeepStrictEqual(had, wanted)) continue;
    if (isObject(wanted) && isObject(had)) patch[key] = difference(had, wanted);
    else if (!Array.isArray(wanted) || !Array.isArray(had) || lists[key] === undefined) patch[key] = wanted;
    else if (lists[key] === 'values') Object.assign(patch, differentValues(key, had, wanted));
    else Object.assign(patch, differentItems(key, had as Json[], wanted as Json[]));
  }
  return patch;
}

function differentValues(key: string, from: readonly unknown[], to: readonly unknown[]): Json {
  const gone = from.filter((value) => !to.includes(value));
  const added = to.filter((value) => !from.includes(value));
  return {
    [`$setElementOrder/${key}`]: to,
    ...(gone.length === 0 ? {} : { [`$deleteFromPrimitiveList/${key}`]: gone }),
    ...(added.length === 0 ? {} : { [key]: added }),
  };
}

function differentItems(key: string, from: readonly Json[], to: readonly Json[]): Json {
  const named = (all: readonly Json[], name: unknown) => all.find((item) => item['name'] === name);
  const changed = to.flatMap((item): Json[] => {
    const had = named(from, item['name']);
    if (isDeepStrictEqual(had, item)) return [];
    return [{ ...difference(had ?? {}, item), name: item['name'] }];
  });
  const gone = from.filter(({ name }) => named(to, name) === undefined).map(({ name }) => ({ $patch: 'delete', name }));
  return { [`$setElementOrder/${key}`]: to.map(({ name }) => ({ name })), [key]: [...changed, ...gone] };
}

const apply = (live: Json, patch: Json): Json =>
  prepareStrategicMergePatch(readJson(Buffer.from(JSON.stringify(patch))), schema).apply(live) as Json;

const identities = (list: unknown): unknown[] =>
  ((list ?? []) as readonly unknown[]).map((item) => (isObject(item) ? item['name'] : item));

/** Lists as somebody else has added to them meanwhile, here and there. */
function withForeign(object: Json, at: number): Json {
  const live = structuredClone(object);
  const spec = live['spec'] as Json;
  for (const [key, foreign] of [
    ['values', ['X', 'Y']],
    ['items', [{ name: 'X', text: 'theirs' }, { name: 'Y' }]],
  ] as const) {
    const list = spec[key];
    if (!Array.isArray(list)) continue;
    const place = at % (list.length + 1);
    spec[key] = [...list.slice(0, place), foreign[0], ...list.slice(place), foreign[1]];
  }
  return live;
}

describe('a strategic merge patch', () => {
  it('of the difference between two objects turns one into the other', () => {
    fc.assert(
      fc.property(objects, objects, (from, to) => {
        expect(apply(from, difference(from, to))).toEqual(to);
      }),
      { numRuns: 600 },
    );
  });

  it('leaves what others have added where it is, relative to one another, and its own in its order', () => {
    fc.assert(
      fc.property(objects, objects, fc.nat(4), (from, to, at) => {
        const spec = apply(withForeign(from, at), difference(from, to))['spec'] as Json;
        const wanted = to['spec'] as Json;
        for (const key of ['values', 'items']) {
          if (!Array.isArray((from['spec'] as Json)[key]) || !Array.isArray(wanted[key])) continue;
          const found = identities(spec[key]);
          expect(found.filter((name) => name !== 'X' && name !== 'Y')).toEqual(identities(wanted[key]));
          expect(found.filter((name) => name === 'X' || name === 'Y')).toEqual(['X', 'Y']);
        }
        const theirs = ((spec['items'] ?? []) as Json[]).filter(({ name }) => name === 'X');
        for (const item of theirs) expect(item).toEqual({ name: 'X', text: 'theirs' });
      }),
      { numRuns: 400 },
    );
  });

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(objects, objects, fc.nat(4), (from, to, at) => {
        const patch = difference(from, to);
        const once = apply(withForeign(from, at), patch);
        expect(apply(once, patch)).toEqual(once);
      }),
    );
  });

  it('is a merge patch where there are no lists that merge', () => {
    const plain = fc.record({
      spec: fc.record({ ...scalars, map: fc.dictionary(few, fc.oneof(few, leaf)) }, optional),
    });
    const nulls = fc.oneof(few, fc.constant(null), fc.record({ text: fc.oneof(few, fc.constant(null)) }, optional));
    const patches = fc.record({ spec: fc.record({ text: nulls, map: fc.dictionary(few, nulls) }, optional) });
    fc.assert(
      fc.property(plain, patches, (live, patch) => {
        const body = Buffer.from(JSON.stringify(patch));
        expect(apply(live, patch)).toEqual(prepareMergePatch(readJson(body)).apply(live));
      }),
    );
  });

  it('never changes the object it is applied to', () => {
    fc.assert(
      fc.property(objects, objects, (from, to) => {
        const before = structuredClone(from);
        apply(from, difference(from, to));
        expect(from).toEqual(before);
      }),
    );
  });
});
