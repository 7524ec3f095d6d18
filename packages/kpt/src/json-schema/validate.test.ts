import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SchemaDocument, SchemaError } from './schema-source.ts';
import { type ValidationOptions, validateValue } from './validate.ts';

function documentOf(content: unknown, others: Readonly<Record<string, unknown>> = {}): SchemaDocument {
  const open = (name: string) => (name in others ? documentOf(others[name], others) : undefined);
  return { content, title: 'schema', open };
}

/** What is wrong, as `path: message`. */
function check(value: unknown, schema: unknown, options: Partial<ValidationOptions> = {}, others = {}): string[] {
  const place = { schema, document: documentOf(schema, others) };
  return validateValue(value, place, { strict: false, ...options }).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('a value', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['type', 'x', { type: ['integer', 'null'] }, [': got string, want null or integer']],
    ['type', 1.5, { type: 'integer' }, [': got number, want integer']],
    ['type', 12345678901234567890n, { type: 'integer' }, []],
    ['type', [], { type: 'object' }, [': got array, want object']],
    ['nullable', null, { type: 'string', nullable: true }, []],
    ['nullable', null, { type: 'string' }, [': got null, want string']],
    ['nullable enum', null, { type: 'string', nullable: true, enum: ['a'] }, []],
    ['int-or-string', true, { 'x-kubernetes-int-or-string': true }, [': got boolean, want integer or string']],
    ['int-or-string', '50%', { type: 'string', format: 'int-or-string' }, []],
    ['int-or-string', 5, { type: 'string', format: 'int-or-string' }, []],
    ['enum', 'c', { enum: ['a', 'b'] }, [": value must be one of 'a', 'b'"]],
    ['enum', 'c', { enum: ['a'] }, [": value must be 'a'"]],
    ['const', { a: 2 }, { const: { a: 1 } }, [': value must be {"a":1}']],
    ['const', { b: 1, a: 2 }, { const: { a: 2, b: 1 } }, []],
    ['format', 'today', { format: 'date-time' }, [": 'today' is not valid date-time"]],
    ['format', '2024-02-03T04:05:06.7+01:00', { format: 'date-time' }, []],
    ['format', 2 ** 31, { type: 'integer', format: 'int32' }, [': 2147483648 is not valid int32']],
    ['format', -(2n ** 63n) - 1n, { format: 'int64' }, [': -9223372036854775809 is not valid int64']],
    ['format', 'a', { format: 'byte' }, [": 'a' is not valid byte"]],
    ['format', '!', { format: 'hostname-of-mars' }, []],
    ['required', {}, { required: ['a', 'b'] }, [": missing properties 'a', 'b'"]],
    ['required', { a: 1 }, { required: ['a', 'b'] }, [": missing property 'b'"]],
    [
      'properties',
      { a: { b: 'x' } },
      { properties: { a: { properties: { b: { type: 'number' } } } } },
      ['a.b: got string, want number'],
    ],
    [
      'additionalProperties',
      { a: 1, b: 2 },
      { properties: { a: {} }, additionalProperties: false },
      [": additional properties 'b' not allowed"],
    ],
    ['additionalProperties', { a: 1 }, { additionalProperties: { type: 'string' } }, ['a: got number, want string']],
    [
      'patternProperties',
      { 'x-a': 1, b: 1 },
      { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
      ['x-a: got number, want string', ": additional properties 'b' not allowed"],
    ],
    ['propertyNames', { A: 1 }, { propertyNames: { pattern: '^[a-z]+$' } }, [": invalid propertyName 'A'"]],
    ['minProperties', {}, { minProperties: 1 }, [': minProperties: got 0, want 1']],
    ['maxProperties', { a: 1, b: 1 }, { maxProperties: 1 }, [': maxProperties: got 2, want 1']],
    ['items', [1, 'a'], { items: { type: 'number' } }, ['1: got string, want number']],
    [
      'items',
      ['a', 'b'],
      { items: [{ type: 'string' }], additionalItems: { type: 'number' } },
      ['1: got string, want number'],
    ],
    [
      'prefixItems',
      ['a', 'b'],
      { prefixItems: [{ type: 'number' }], items: { type: 'string' } },
      ['0: got string, want number'],
    ],
    ['minItems', [], { minItems: 1 }, [': minItems: got 0, want 1']],
    ['maxItems', [1, 2], { maxItems: 1 }, [': maxItems: got 2, want 1']],
    ['uniqueItems', [{ a: 1, b: 2 }, 3, { b: 2, a: 1 }], { uniqueItems: true }, [': items at 0 and 2 are equal']],
    ['uniqueItems', [1, '1'], { uniqueItems: true }, []],
    ['contains', [1], { contains: { type: 'string' } }, [': no items match contains schema']],
    ['minLength', '👍', { minLength: 2 }, [': minLength: got 1, want 2']],
    ['maxLength', 'abc', { maxLength: 2 }, [': maxLength: got 3, want 2']],
    ['pattern', 'B', { pattern: '^[a-z]' }, [": 'B' does not match pattern '^[a-z]'"]],
    ['minimum', 0, { minimum: 1 }, [': minimum: got 0, want 1']],
    ['minimum', 1, { minimum: 1, exclusiveMinimum: true }, [': minimum: got 1, want 1']],
    ['maximum', 2, { maximum: 1 }, [': maximum: got 2, want 1']],
    ['maximum', 1, { maximum: 1, exclusiveMaximum: true }, [': maximum: got 1, want 1']],
    ['exclusiveMinimum', 1, { exclusiveMinimum: 1 }, [': exclusiveMinimum: got 1, want 1']],
    ['exclusiveMaximum', 1, { exclusiveMaximum: 1 }, [': exclusiveMaximum: got 1, want 1']],
    ['multipleOf', 7, { multipleOf: 2 }, [': multipleOf: got 7, want 2']],
    ['multipleOf', 0.3, { multipleOf: 0.1 }, []],
    ['multipleOf', -19.99, { multipleOf: 0.01 }, []],
    ['multipleOf', 1e21, { multipleOf: 5e-7 }, []],
    ['multipleOf', 0.35, { multipleOf: 0.1 }, [': multipleOf: got 0.35, want 0.1']],
    ['multipleOf', 2n ** 64n + 1n, { multipleOf: 2 }, [': multipleOf: got 18446744073709551617, want 2']],
    ['multipleOf', Number.POSITIVE_INFINITY, { multipleOf: 2 }, [': multipleOf: got Infinity, want 2']],
    [
      'allOf',
      5,
      { allOf: [{ minimum: 6 }, { type: 'string' }] },
      [': minimum: got 5, want 6', ': got number, want string'],
    ],
    ['anyOf', 5, { anyOf: [{ minimum: 6 }, { type: 'string' }] }, [': anyOf failed']],
    ['anyOf', 7, { anyOf: [{ minimum: 6 }, { type: 'string' }] }, []],
    ['oneOf', 5, { oneOf: [{ minimum: 6 }, { type: 'string' }] }, [': oneOf failed, none matched']],
    ['oneOf', 7, { oneOf: [{ minimum: 6 }, false, { type: 'number' }] }, [': oneOf failed, subschemas 0, 2 matched']],
    ['not', 5, { not: { type: 'number' } }, [': not failed']],
    ['if', { a: 1 }, JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]}}'), [": missing property 'b'"]],
    ['else', {}, { if: { required: ['a'] }, else: { required: ['c'] } }, [": missing property 'c'"]],
    ['dependencies', { a: 1 }, { dependencies: { a: ['b'] } }, [": properties 'b' required, if 'a' exists"]],
    ['dependencies', { a: 1 }, { dependencies: { a: { required: ['c'] } } }, [": missing property 'c'"]],
    ['false', 1, { properties: {}, not: {} }, [': not failed']],
    ['false', { a: 1 }, { properties: { a: false } }, ['a: false schema']],
    ['true', 1, true, []],
  ])('is held against %s (%#)', (_, value, schema, problems) => expect(check(value, schema)).toEqual(problems));

  it('follows references, also to other documents and in circles that values end', () => {
    const tree = {
      properties: { value: { $ref: '#/definitions/text' }, next: { $ref: '#' } },
      definitions: { text: { type: 'string' } },
    };
    expect(check({ next: { next: { value: 1 } } }, tree)).toEqual(['next.next.value: got number, want string']);
    const others = { '_definitions.json': { definitions: { 'a/b': { type: 'integer' }, '~1': { type: 'boolean' } } } };
    expect(check('x', { $ref: '_definitions.json#/definitions/a~1b' }, {}, others)).toEqual([
      ': got string, want integer',
    ]);
    expect(check('x', { $ref: '_definitions.json#/definitions/~01' }, {}, others)).toEqual([
      ': got string, want boolean',
    ]);
  });

  it('may have no fields but those that are named, when that is asked', () => {
    const schema = {
      properties: {
        open: { properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
        free: { type: 'object' },
        pod: { properties: { spec: {} }, 'x-kubernetes-embedded-resource': true },
        wrapped: { allOf: [{ $ref: '#/definitions/named' }] },
        either: { properties: { a: {}, b: {} }, anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
      },
      definitions: { named: { properties: { x: {} } } },
    };
    const fine = {
      open: { x: 1 },
      free: { x: 1 },
      pod: { kind: 'Pod', metadata: {} },
      wrapped: { x: 1 },
      either: { a: 1, b: 2 },
    };
    expect(check(fine, schema, { strict: true })).toEqual([]);
    expect(check({ more: 1, wrapped: { y: 1 }, pod: { status: 1 } }, schema, { strict: true })).toEqual([
      "wrapped: additional properties 'y' not allowed",
      "pod: additional properties 'status' not allowed",
      ": additional properties 'more' not allowed",
    ]);
  });

  it('may have the usual metadata of resources where a schema restricts some of it', () => {
    const metadata = { type: 'object', properties: { name: { maxLength: 3 } } };
    const schema = { properties: { metadata }, 'x-kubernetes-embedded-resource': true };
    const given = { kind: 'Foo', metadata: { name: 'abcd', labels: { a: 'b' }, more: 1 } };
    expect(check(given, schema, { strict: true })).toEqual([
      'metadata.name: maxLength: got 4, want 3',
      "metadata: additional properties 'more' not allowed",
    ]);
  });

  it('may be null where it is optional, when that is asked', () => {
    const schema = { properties: { a: { type: 'integer' }, b: { type: 'integer' } }, required: ['b'] };
    expect(check({ a: null, b: null }, schema, { optionalMayBeNull: true })).toEqual(['b: got null, want integer']);
    expect(check({ a: 'x', b: 1 }, schema, { optionalMayBeNull: true })).toEqual([
      'a: got string, want null or integer',
    ]);
  });
});

describe('a schema that cannot be used', () => {
  const twice = (depth: number): unknown =>
    depth === 0 ? { type: 'string' } : { anyOf: [twice(depth - 1), twice(depth - 1)] };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  it.each<[string, unknown, unknown, string]>([
    ['a reference to nothing', 1, { $ref: '#/nowhere' }, 'reference "#/nowhere" leads nowhere'],
    ['a reference to a missing file', 1, { $ref: 'x.json#/a' }, 'reference "x.json#/a" leads nowhere'],
    ['a reference to itself', 1, { $ref: '#' }, 'nested too deep'],
    ['a value that is too deep', nested(400), { items: { $ref: '#' } }, 'nested too deep'],
    [
      'more work than is bearable',
      1,
      { items: {}, allOf: Array.from({ length: 40 }, () => twice(16)) },
      'takes too much work',
    ],
    ['a pattern of another language', 'a', { pattern: '(?=a)' }, 'pattern "(?=a)" cannot be used'],
    ['a pattern without end', 'a', { pattern: 'a'.repeat(5000) }, 'longer than 4096'],
  ])('is told of: %s', (_, value, schema, reason) => {
    expect(() => check(value, schema)).toThrow(SchemaError);
    expect(() => check(value, schema)).toThrow(reason);
  });

  it('ends soon where a pattern would run for ever elsewhere', () => {
    expect(check(`${'a'.repeat(20_000)}!`, { pattern: '^(a+)+$' })).toHaveLength(1);
  });

  it('is either used or told of, whatever it is', () => {
    const keyword = fc.constantFrom(
      'type',
      'items',
      'properties',
      'required',
      'enum',
      'allOf',
      'anyOf',
      'not',
      '$ref',
      'pattern',
      'minimum',
      'if',
      'then',
      'dependencies',
      'additionalProperties',
      'patternProperties',
      'format',
      'nullable',
    );
    const { schema } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('string', 'object', '#', '[', ['a'])),
      schema: fc.oneof(
        tie('leaf'),
        fc.dictionary(keyword, fc.oneof(tie('leaf'), tie('schema'), fc.array(tie('schema'), { maxLength: 3 })), {
          maxKeys: 4,
        }),
      ),
    }));
    fc.assert(
      fc.property(fc.jsonValue(), schema, fc.boolean(), (value, any, strict) => {
        try {
          expect(Array.isArray(check(value, any, { strict }))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(SchemaError);
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
    );
  });
});
