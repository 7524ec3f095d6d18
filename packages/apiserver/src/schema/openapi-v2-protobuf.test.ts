import { expect, it } from 'vitest';
import { readFields } from '../negotiation/protobuf/wire.ts';
import { openApiV2Message } from './openapi-v2-protobuf.ts';

/** The fields of a message under a path of field numbers. */
function* fieldsAt(bytes: Buffer, ...path: readonly number[]): Generator<Buffer | bigint> {
  const [first, ...rest] = path;
  for (const { number, value } of readFields(bytes)) {
    if (number !== first) continue;
    if (rest.length === 0) yield value;
    else if (typeof value !== 'bigint') yield* fieldsAt(value, ...rest);
  }
}

const texts = (bytes: Buffer, ...path: readonly number[]): string[] =>
  [...fieldsAt(bytes, ...path)].map((value) => value.toString());

const thing = {
  description: 'A thing.',
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', format: 'int32', minimum: 1.5, maxLength: 300, default: { a: 1 } },
    kind: { type: 'string', enum: ['a', 'b'], readOnly: true },
    parts: { type: 'array', items: { $ref: '#/definitions/Part' }, 'x-kubernetes-list-type': 'atomic' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    any: { type: 'object', additionalProperties: true },
    both: { allOf: [{ $ref: '#/definitions/Part' }] },
  },
  'x-kubernetes-group-version-kind': [{ group: '', kind: 'Thing', version: 'v1' }],
};

const operation = {
  operationId: 'readThing',
  consumes: ['*/*'],
  parameters: [
    { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Thing' } },
    { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true },
  ],
  responses: { 200: { description: 'Done.', schema: { $ref: '#/definitions/Thing' } } },
  'x-kubernetes-action': 'get',
};

const document = {
  swagger: '2.0',
  info: { title: 'Things', version: 'v1' },
  paths: {
    '/things/{name}': {
      get: operation,
      parameters: [{ name: 'name', in: 'path', required: true, type: 'string' }],
    },
  },
  definitions: { Thing: thing },
};

it('writes every part where the messages of gnostic have it', () => {
  const bytes = openApiV2Message(document);
  expect(texts(bytes, 1)).toEqual(['2.0']);
  expect([texts(bytes, 2, 1), texts(bytes, 2, 2)]).toEqual([['Things'], ['v1']]);
  // Document.definitions.additional_properties: a name and a schema each.
  expect(texts(bytes, 9, 1, 1)).toEqual(['Thing']);
  const [schema] = fieldsAt(bytes, 9, 1, 2);
  if (!Buffer.isBuffer(schema)) throw new Error('there is no schema');
  expect([texts(schema, 4), texts(schema, 19), texts(schema, 22, 1)]).toEqual([['A thing.'], ['size'], ['object']]);
  expect(texts(schema, 31, 1)).toEqual(['x-kubernetes-group-version-kind']);
  expect(JSON.parse(texts(schema, 31, 2, 2)[0] ?? '')).toEqual([{ group: '', kind: 'Thing', version: 'v1' }]);
  expect(texts(schema, 25, 1, 1)).toEqual(['size', 'kind', 'parts', 'labels', 'any', 'both']);
  const property = [...fieldsAt(schema, 25, 1, 2)].map((value) => value as Buffer);
  const at = (index: number, ...path: number[]) => texts(property[index] ?? Buffer.alloc(0), ...path);
  expect([at(0, 2), at(0, 11), at(0, 5, 2)]).toEqual([['int32'], ['300'], ['{"a":1}']]);
  expect(([...fieldsAt(property[0] ?? Buffer.alloc(0), 9)][0] as Buffer).readDoubleLE()).toBe(1.5);
  expect([at(1, 20, 2), at(1, 27)]).toEqual([['"a"', '"b"'], ['1']]);
  expect([at(2, 23, 1, 1), at(2, 31, 1)]).toEqual([['#/definitions/Part'], ['x-kubernetes-list-type']]);
  expect([at(3, 21, 1, 22, 1), at(4, 21, 2), at(5, 24, 1)]).toEqual([['string'], ['1'], ['#/definitions/Part']]);
  // Document.paths.path: a name and a path item each.
  expect(texts(bytes, 8, 2, 1)).toEqual(['/things/{name}']);
  expect(texts(bytes, 8, 2, 2, 2, 5)).toEqual(['readThing']);
  expect(texts(bytes, 8, 2, 2, 2, 8, 1, 1, 5, 1)).toEqual(['#/definitions/Thing']);
  expect(texts(bytes, 8, 2, 2, 2, 8, 1, 2, 3, 4)).toEqual(['dryRun']);
  expect(texts(bytes, 8, 2, 2, 9, 1, 2, 4, 4)).toEqual(['name']);
  expect(texts(bytes, 8, 2, 2, 2, 9, 1, 1)).toEqual(['200']);
  expect(texts(bytes, 8, 2, 2, 2, 9, 1, 2, 1, 2, 1, 1)).toEqual(['#/definitions/Thing']);
  expect(texts(bytes, 8, 2, 2, 2, 13, 1)).toEqual(['x-kubernetes-action']);
});

it('leaves nothing out in silence', () => {
  const odd = { ...document, definitions: { Thing: { type: 'object', oneOf: [] } } };
  expect(() => openApiV2Message(odd)).toThrow('a schema of the OpenAPI document has oneOf, which is not encoded');
  expect(() => openApiV2Message({ ...document, definitions: { Thing: 1 } })).toThrow(
    'a schema of the OpenAPI document',
  );
});
