import { describe, expect, onTestFinished, test } from 'vitest';
import type { KubernetesObject } from '../meta/object.ts';
import { encodeObject } from './encode.ts';
import type { ExtractionRules } from './extraction.ts';
import { mergePatch } from './merge-patch.ts';
import { serveObject, serveStored, withRevision } from './served.ts';

const key = { resource: 'things.example.com', namespace: 'default', name: 'a' };

const thing: KubernetesObject & { spec: unknown } = {
  kind: 'Thing',
  spec: { b: 1, a: ['}', { d: 1, c: '"{' }] },
  apiVersion: 'example.com/v1',
  metadata: {
    name: 'a',
    namespace: 'default',
    resourceVersion: '9',
    creationTimestamp: '2026-01-02T03:04:05Z',
    labels: { tier: 'ü{"\\' },
    annotations: { text: 'a "quoted" } brace \\' },
  },
};

function stored(object: KubernetesObject, revision: number) {
  return { key, uid: 'u', revision, value: encodeObject(object), content: null, contentRevision: 0 };
}

describe('encodeObject', () => {
  test('begins with apiVersion, kind and metadata, sorts the rest, leaves the revision out', () => {
    expect(
      encodeObject({
        metadata: { resourceVersion: '1', name: 'x', creationTimestamp: null },
        kind: 'K',
        apiVersion: 'v1',
        z: 1,
        b: undefined,
        a: { d: 1, c: [2] },
      } as never),
    ).toBe('{"apiVersion":"v1","kind":"K","metadata":{"name":"x"},"a":{"c":[2],"d":1},"z":1}');
  });

  test('equal objects have equal text whatever the order of their keys', () => {
    const { metadata, ...rest } = thing;
    const turned = { ...Object.fromEntries(Object.entries(rest).reverse()), metadata: { ...metadata } };
    expect(encodeObject(turned as never)).toBe(encodeObject(thing));
  });

  test('keeps a key named __proto__ as data', () => {
    const object = JSON.parse('{"apiVersion":"v1","kind":"K","metadata":{},"data":{"__proto__":{"x":1}}}');
    expect(encodeObject(object)).toBe('{"apiVersion":"v1","kind":"K","metadata":{},"data":{"__proto__":{"x":1}}}');
  });

  test('refuses what is no object', () => {
    expect(() => encodeObject({ kind: 'K', metadata: {} } as never)).toThrow('needs apiVersion');
  });
});

describe('served objects', () => {
  const rules: ExtractionRules = {
    selectableFields: { of: (object) => ({ 'spec.kind': object.kind }) },
    table: { cells: (object) => [object.metadata.name] },
  };

  test('carry the revision, and tell where their metadata is', () => {
    const served = serveStored(stored(thing, 17), rules);
    expect(served.decode()).toEqual({ ...thing, metadata: { ...thing.metadata, resourceVersion: '17' } });
    const metadata = served.bytes.subarray(served.metadataStart, served.metadataEnd).toString();
    expect(JSON.parse(metadata)).toEqual({ ...thing.metadata, resourceVersion: '17' });
  });

  test('metadata may be empty, also when the revision changes', () => {
    const empty = { apiVersion: 'v1', kind: 'K', metadata: {} };
    for (const [first, second] of [
      [5, 1234],
      [0, 7],
      [7, 0],
    ] as const) {
      for (const object of [empty, { ...empty, metadata: { name: 'n' } }]) {
        const served = withRevision(serveStored(stored(object, first), undefined), second);
        const resourceVersion = second === 0 ? {} : { resourceVersion: String(second) };
        expect(served.decode()).toEqual({ ...object, metadata: { ...object.metadata, ...resourceVersion } });
        expect(served.revision).toBe(second);
        expect(served.bytes.subarray(served.metadataStart, served.metadataEnd).toString()).toBe(
          JSON.stringify({ ...resourceVersion, ...object.metadata }),
        );
      }
    }
  });

  test('have their fields taken out once, also for other revisions of the same state', () => {
    let calls = 0;
    const counting: ExtractionRules = {
      table: {
        cells: () => {
          calls++;
          return ['cell'];
        },
      },
    };
    const served = serveStored(stored(thing, 1), counting);
    const deleted = withRevision(served, 2);
    expect(deleted.cells).toEqual(['cell']);
    expect(served.labels).toEqual(thing.metadata.labels);
    expect(deleted.creationTimestamp).toBe('2026-01-02T03:04:05Z');
    expect(calls).toBe(1);
  });

  test('are the same at another revision but for that', () => {
    const other = { uid: 'u', content: 'sha256:x', contentRevision: 3 };
    const served = serveStored({ ...stored(thing, 5), ...other }, rules);
    expect(withRevision(served, 6)).toMatchObject({ key, ...other, revision: 6, fields: served.fields });
    expect(withRevision(served, 5)).toBe(served);
  });

  test('selectable fields always have name and namespace', () => {
    const fields = { 'spec.kind': 'Thing', 'metadata.name': 'a', 'metadata.namespace': 'default' };
    expect(serveStored(stored(thing, 1), rules).fields).toEqual(fields);
    const { 'spec.kind': _, ...ofKey } = fields;
    const internal = serveStored(stored(thing, 1), undefined);
    expect([internal.fields, internal.labels, internal.cells]).toEqual([ofKey, {}, []]);
  });

  test('can be assembled', () => {
    const served = serveObject(thing, {
      resource: key.resource,
      revision: 4,
      contentRevision: 3,
      content: 'sha256:x',
      rules,
    });
    expect(served).toMatchObject({ key, revision: 4, contentRevision: 3, content: 'sha256:x', cells: ['a'] });
    expect(served.decode().metadata.resourceVersion).toBe('4');
  });

  test('have the same taken out of the object itself, where it is at hand', () => {
    const decode = Object.getOwnPropertyDescriptor(JSON, 'parse')?.value as typeof JSON.parse;
    const read = serveStored(stored(thing, 1), rules);
    const expected = [read.labels, read.fields, read.cells, read.creationTimestamp];
    let parsed = 0;
    JSON.parse = (...args) => {
      parsed++;
      return decode(...args);
    };
    onTestFinished(() => {
      JSON.parse = decode;
    });
    const atHand = serveStored(stored(thing, 1), rules, thing);
    expect([atHand.labels, atHand.fields, atHand.cells, atHand.creationTimestamp]).toEqual(expected);
    expect(parsed).toBe(0);
    expect(serveStored(stored(thing, 1), undefined, thing).labels).toEqual({});
  });

  test('are known to have nothing but the usual only where the object is at hand and says so', () => {
    const owner = { apiVersion: 'v1', kind: 'Owner', name: 'o', uid: 'o' };
    const isPlain = (metadata: Partial<KubernetesObject['metadata']>, decoded = true) => {
      const object = { ...thing, metadata: { ...thing.metadata, annotations: {}, ...metadata } };
      return serveStored(stored(object, 1), rules, decoded ? object : undefined).isPlain;
    };
    expect(isPlain({})).toBe(true);
    expect(isPlain({ ownerReferences: [] })).toBe(true);
    expect(isPlain({}, false)).toBe(false);
    expect(isPlain({ ownerReferences: [owner] })).toBe(false);
    expect(isPlain({ annotations: { a: '' } })).toBe(false);
    expect(isPlain({ deletionTimestamp: '2026-01-02T03:04:05Z' })).toBe(false);
  });

  test('a rule that fails names the object', () => {
    const failing: ExtractionRules = {
      table: {
        cells: () => {
          throw new Error('no such field');
        },
      },
    };
    expect(() => serveStored(stored(thing, 1), failing).cells).toThrow('things.example.com default/a');
    expect(() => serveStored(stored(thing, 1), failing, thing).cells).toThrow('things.example.com default/a');
  });
});

describe('mergePatch', () => {
  test.each([
    [
      { a: 1, b: 2 },
      { b: null, c: 3 },
      { a: 1, c: 3 },
    ],
    [{ a: { x: 1 } }, { a: { y: null, z: { w: null } } }, { a: { x: 1, z: {} } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['text', { a: 1 }, { a: 1 }],
    [{ a: 1 }, 'text', 'text'],
  ])('%j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  test('does not reach prototypes', () => {
    const result = mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as Record<string, unknown>;
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(result)).toEqual(['__proto__']);
  });
});
