import fc from 'fast-check';
import Type from 'typebox';
import type { JsonObject } from './shape.ts';
import { objectStructure } from './structure.ts';

/** A kind with every structure there is, for tests. */
export const trialSchema = Type.Object({
  spec: Type.Optional(
    Type.Object({
      color: Type.Optional(Type.String()),
      count: Type.Optional(Type.Integer()),
      port: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
      tags: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'set' })),
      args: Type.Optional(Type.Array(Type.String())),
      parts: Type.Optional(
        Type.Array(
          Type.Object({
            name: Type.String(),
            protocol: Type.Optional(Type.String({ default: 'tcp' })),
            size: Type.Optional(Type.Integer()),
            notes: Type.Optional(Type.Record(Type.String(), Type.String())),
          }),
          { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name', 'protocol'] },
        ),
      ),
      patched: Type.Optional(
        Type.Array(Type.Object({ id: Type.String(), value: Type.Optional(Type.String()) }), {
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-patch-merge-key': 'id',
        }),
      ),
      whole: Type.Optional(Type.Record(Type.String(), Type.String(), { 'x-kubernetes-map-type': 'atomic' })),
      shelves: Type.Optional(
        Type.Record(Type.String(), Type.Object({ books: Type.Optional(Type.Integer()) }, { description: 'A shelf.' })),
      ),
      free: Type.Optional(Type.Unknown()),
    }),
  ),
  status: Type.Optional(Type.Object({ phase: Type.Optional(Type.String()) })),
});

export const trialStructure = objectStructure(trialSchema);

const few = fc.constantFrom('a', 'b', 'c');
const part = fc.record(
  {
    name: few,
    protocol: fc.constantFrom('tcp', 'udp'),
    size: fc.integer({ min: 0, max: 2 }),
    notes: fc.dictionary(few, few, { maxKeys: 2 }),
  },
  { requiredKeys: ['name'] },
);
const protocolOf = (item: { protocol?: string }): string => item.protocol ?? 'tcp';

/** Configurations of the trial kind, with few enough values to have much in common. */
export const configurations: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      labels: fc.dictionary(few, few, { maxKeys: 3 }),
      finalizers: fc.uniqueArray(few, { maxLength: 3 }),
      spec: fc.record(
        {
          color: few,
          count: fc.integer({ min: 0, max: 2 }),
          tags: fc.uniqueArray(few, { maxLength: 3 }),
          args: fc.array(few, { maxLength: 2 }),
          parts: fc.uniqueArray(part, { maxLength: 3, selector: (item) => `${item.name}/${protocolOf(item)}` }),
          patched: fc.uniqueArray(fc.record({ id: few, value: few }, { requiredKeys: ['id'] }), {
            maxLength: 3,
            selector: (item) => item.id,
          }),
          whole: fc.dictionary(few, few, { maxKeys: 2 }),
          shelves: fc.dictionary(few, fc.record({ books: fc.integer({ min: 0, max: 1 }) }, { requiredKeys: [] }), {
            maxKeys: 2,
          }),
          free: fc.oneof(few, fc.dictionary(few, fc.oneof(few, fc.array(few, { maxLength: 2 })), { maxKeys: 2 })),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  .map(({ labels, finalizers, spec }) => ({
    apiVersion: 'example.com/v1',
    kind: 'Trial',
    metadata: {
      name: 'x',
      ...(labels === undefined ? {} : { labels }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    ...(spec === undefined ? {} : { spec }),
  }))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

/** A whole object of the trial kind. */
export function trial(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'example.com/v1', kind: 'Trial', metadata: { name: 'x', ...metadata }, spec };
}
