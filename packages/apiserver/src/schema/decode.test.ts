import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../meta/object.ts';
import { StatusError } from '../meta/status.ts';
import { decodeObject, decodeValue, strictDecodingError } from './decode.ts';

interface Widget extends KubernetesObject {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const reference = Type.Object({ name: Type.String() });
const definition = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  schema: Type.Object({
    spec: Type.Optional(
      Type.Object({
        text: Type.Optional(Type.String()),
        count: Type.Optional(Type.Integer()),
        small: Type.Optional(Type.Integer({ format: 'int32' })),
        ratio: Type.Optional(Type.Number()),
        on: Type.Optional(Type.Boolean()),
        at: Type.Optional(Type.String({ format: 'date-time' })),
        bytes: Type.Optional(Type.String({ format: 'byte' })),
        color: Type.Optional(Type.Union([Type.Literal('red'), Type.Literal('blue')])),
        branch: Type.Optional(Type.String({ default: 'main' })),
        maybe: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        port: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
        files: Type.Optional(Type.Record(Type.String(), Type.String())),
        tasks: Type.Optional(
          Type.Array(
            Type.Object({
              type: Type.String(),
              ref: Type.Optional(reference),
              names: Type.Optional(Type.Array(Type.String())),
            }),
          ),
        ),
        free: Type.Optional(Type.Unknown()),
        either: Type.Optional(Type.Union([reference, Type.Array(Type.String())])),
        neither: Type.Optional(Type.Union([reference, Type.Array(Type.String()), Type.Null()])),
        both: Type.Optional(Type.Intersect([reference, Type.Object({ extra: Type.Optional(Type.Boolean()) })])),
      }),
    ),
    status: Type.Optional(Type.Object({ phase: Type.Optional(Type.String()) })),
  }),
};

const head = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } };

function decodeSpec(spec: unknown) {
  const { object, problems } = decodeObject<Widget>(definition, Buffer.from(JSON.stringify({ ...head, spec })), 'json');
  return { spec: object.spec, problems };
}

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ code: 400, reason: 'BadRequest' });
    return (error as StatusError).message;
  }
  return 'no error';
}

const body = (text: string) => () => decodeObject<Widget>(definition, Buffer.from(text), 'json');
const yaml = (text: string) => () => decodeObject<Widget>(definition, Buffer.from(text), 'yaml');

describe('decodeObject', () => {
  it('gives back a good object as it is', () => {
    const object = {
      ...head,
      metadata: {
        name: 'a',
        labels: { a: 'b' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: 'n', uid: 'u' }],
      },
      spec: {
        text: 'x',
        count: 3,
        ratio: 0.5,
        on: false,
        at: '2026-01-02T03:04:05Z',
        color: 'red',
        branch: 'b',
        files: { 'a/b.yaml': 'x: 1\n' },
        tasks: [{ type: 't', ref: { name: 'r' }, names: ['n'] }],
        free: { any: [1, null, { x: 'y' }] },
        both: { name: 'n', extra: true },
      },
      status: { phase: 'p' },
    };
    for (const format of ['json', 'yaml'] as const) {
      expect(decodeObject<Widget>(definition, Buffer.from(JSON.stringify(object)), format)).toEqual({
        object,
        problems: [],
      });
    }
    expect(decodeValue<Widget>(definition, object)).toEqual({ object, problems: [] });
  });

  it('adds empty metadata, and puts apiVersion, kind and metadata first', () => {
    const { object } = decodeValue<Widget>(definition, {
      spec: { branch: 'x' },
      kind: 'Widget',
      apiVersion: 'example.com/v1',
    });
    expect(Object.keys(object)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(object.metadata).toEqual({});
  });

  it.each<[string, unknown, unknown]>([
    ['applies defaults', {}, { branch: 'main' }],
    ['takes null as absent', { text: null, branch: null }, { branch: 'main' }],
    ['keeps null where the schema has it', { maybe: null }, { maybe: null, branch: 'main' }],
    [
      'fills in demanded fields',
      { tasks: [{ ref: {} }] },
      { tasks: [{ type: '', ref: { name: '' } }], branch: 'main' },
    ],
    ['fills in what parts of a schema demand', { both: {} }, { both: { name: '' }, branch: 'main' }],
    ['makes null elements zero', { files: { a: null } }, { files: { a: '' }, branch: 'main' }],
    ['takes either type', { port: 8080 }, { port: 8080, branch: 'main' }],
    ['takes an object of a union', { either: { name: 'x' } }, { either: { name: 'x' }, branch: 'main' }],
    ['takes a list of a union', { either: ['x'] }, { either: ['x'], branch: 'main' }],
    ['takes null of a union', { neither: null }, { neither: null, branch: 'main' }],
    ['takes what else a union with null has', { neither: ['x'] }, { neither: ['x'], branch: 'main' }],
    ['takes a whole number for a number', { ratio: 2 }, { ratio: 2, branch: 'main' }],
    ['writes times in UTC', { at: '2026-01-02T05:04:05.678+02:00' }, { at: '2026-01-02T03:04:05Z', branch: 'main' }],
    ['joins base64', { bytes: 'YWJj\nZGVm' }, { bytes: 'YWJjZGVm', branch: 'main' }],
    ['leaves enumerations to validation', { color: 'green' }, { color: 'green', branch: 'main' }],
  ])('%s', (_, given, wanted) => {
    expect(decodeSpec(given)).toEqual({ spec: wanted, problems: [] });
  });

  it.each<[unknown, string]>([
    [{ text: 1 }, 'field "spec.text": found a whole number, want a string'],
    [{ count: '1' }, 'field "spec.count": found a string, want a whole number'],
    [{ count: 1.5 }, 'field "spec.count": found a fraction, want a whole number'],
    [{ count: 2 ** 60 }, 'field "spec.count": the number is out of range'],
    [{ small: 2 ** 31 }, 'field "spec.small": the number is out of range'],
    [{ on: 'yes' }, 'field "spec.on": found a string, want a boolean'],
    [{ files: [] }, 'field "spec.files": found a list, want an object'],
    [{ files: { a: 1 } }, 'field "spec.files.a": found a whole number, want a string'],
    [{ tasks: {} }, 'field "spec.tasks": found an object, want a list'],
    [{ tasks: [{ type: 't' }, { type: {} }] }, 'field "spec.tasks[1].type": found an object, want a string'],
    [{ tasks: [{ names: ['a', 1] }] }, 'field "spec.tasks[0].names[1]": found a whole number, want a string'],
    [{ port: true }, 'field "spec.port": found a boolean, want a string or a whole number'],
    [{ ratio: 'half' }, 'field "spec.ratio": found a string, want a number'],
    [{ both: { name: 1 } }, 'field "spec.both.name": found a whole number, want a string'],
    [{ both: { extra: 'x' } }, 'field "spec.both.extra": found a string, want a boolean'],
    [{ either: 1 }, 'field "spec.either": found a whole number, want an object or a list'],
    ...['0000-01-01T00:59:59+01:00', '9999-12-31T23:00:00-01:00'].map((at): [object, string] => [
      { at },
      'field "spec.at": the time is out of range',
    ]),
    [{ at: 'yesterday' }, 'field "spec.at": found a string that is no time'],
    ...['2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-02T24:00:00Z', '2026-01-02T03:04:05'].map(
      (at): [object, string] => [{ at }, 'field "spec.at": found a string that is no time'],
    ),
    [{ bytes: 'a' }, 'field "spec.bytes": found a string that is not base64'],
    [[], 'field "spec": found a list, want an object'],
  ])('refuses %j', (spec, wanted) => {
    expect(message(() => decodeSpec(spec))).toContain(
      `Widget in version "v1" cannot be handled as a Widget: ${wanted}`,
    );
  });

  it('drops unknown fields and reports them, repeated ones too', () => {
    const text =
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a","nme":1},' +
      '"spec":{"foo":1,"text":"a","t\\u0065xt":"b","tasks":[{"type":"x","bar":{}},{"type":"y","type":"z"}]},"other":2}';
    const { object, problems } = decodeObject<Widget>(definition, Buffer.from(text), 'json');
    expect(object).toEqual({
      ...head,
      spec: { text: 'b', branch: 'main', tasks: [{ type: 'x' }, { type: 'z' }] },
    });
    expect(problems).toEqual([
      'unknown field "metadata.nme"',
      'unknown field "spec.foo"',
      'unknown field "spec.tasks[0].bar"',
      'unknown field "other"',
      'duplicate field "spec.text"',
      'duplicate field "spec.tasks[1].type"',
    ]);
    expect(strictDecodingError(definition, ['unknown field "spec.foo"']).status).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: 'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.foo"',
    });
  });

  it('finds repeated keys in YAML', () => {
    const { object, problems } = yaml(
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec:\n  text: a\n  text: b\n  tasks:\n  - {type: x, type: y}\n',
    )();
    expect(object.spec).toEqual({ text: 'b', branch: 'main', tasks: [{ type: 'y' }] });
    expect(problems).toEqual(['duplicate field "spec.text"', 'duplicate field "spec.tasks[0].type"']);
  });

  it('calls the default of the definition', () => {
    const { object } = decodeValue<Widget>(
      { ...definition, default: (o: Widget) => void (o.status ??= { phase: 'New' }) },
      head,
    );
    expect(object.status).toEqual({ phase: 'New' });
  });

  it.each([
    ['', 'the object provided is unrecognized (must be of type Widget): the request has no body'],
    ['{', 'the body is not valid JSON'],
    ['{"a":1,}', 'the body is not valid JSON at line 1, column 8'],
    ['[]', 'the body must be an object'],
    ['null', 'the body must be an object'],
    ['{}', 'kind is missing, set it to "Widget"'],
    ['{"kind":""}', 'kind is missing, set it to "Widget"'],
    ['{"kind":"Widget","apiVersion":null}', 'apiVersion is missing, set it to "example.com/v1"'],
    ['{"kind":"Widget"}', 'apiVersion is missing, set it to "example.com/v1"'],
    ['{"kind":1,"apiVersion":"v1"}', 'field "kind": want a string'],
    [
      '{"kind":"Widget","apiVersion":"v1"}',
      'the API version in the data (v1) does not match the expected API version (example.com/v1)',
    ],
    [
      '{"kind":"Gadget","apiVersion":"example.com/v1"}',
      'Gadget in version "v1" cannot be handled as a Widget: kind must be "Widget" here',
    ],
    ['{"kind":"Widget","apiVersion":"example.com/v1","metadata":[]}', 'field "metadata": found a list, want an object'],
  ])('refuses the body %j', (text, wanted) => {
    expect(message(body(text))).toContain(wanted);
  });

  it('does not quote the body in errors, which may hold secrets', () => {
    for (const text of [
      '{"data":{"password":"hunter2"',
      '{"password":hunter2}',
      '{"kind":"Widget","x":"hunter2" "y"}',
    ]) {
      expect(message(body(text))).not.toContain('hunter');
    }
    expect(message(() => decodeSpec({ at: 'hunter2' }))).not.toContain('hunter');
  });

  it('refuses bytes that are not UTF-8, lone surrogates and numbers that overflow', () => {
    expect(message(() => decodeObject(definition, Buffer.from([0x7b, 0xff, 0x7d]), 'json'))).toContain(
      'not valid UTF-8',
    );
    for (const spec of [
      { text: '\ud800' },
      { files: { '\ud800': '' } },
      { free: ['\ud800'] },
      { free: { '\ud800': 1 } },
    ]) {
      expect(message(() => decodeSpec(spec))).toContain('lone surrogate');
    }
    for (const field of ['ratio', 'free']) {
      const text = JSON.stringify(head).replace('{', `{"spec":{"${field}":1e999},`);
      expect(message(body(text))).toContain(`field "spec.${field}": the number is out of range`);
    }
  });

  it('refuses deep nesting quickly, in known and unknown fields', () => {
    const deep = (open: string, close: string, levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
    const around = (value: string) =>
      JSON.stringify({ ...head, spec: { free: 0 } }).replace('"free":0', `"free":${value}`);
    expect(message(body(around(deep('[', ']', 95))))).toBe('no error');
    expect(message(body(around(deep('[', ']', 101))))).toContain('nested more than 100 levels');
    expect(message(body(around(deep('{"a":', '}', 1_000_000))))).toContain('nested more than 100 levels');
    expect(message(body('['.repeat(2_000_000)))).toContain('nested more than 100 levels');
    expect(message(yaml(around(deep('[', ']', 101))))).toContain('nested more than 100 levels');
    expect(message(yaml(`a: ${'['.repeat(20_000)}`))).not.toBe('no error');
    let value: unknown = 1;
    for (let i = 0; i < 200; i++) value = [value];
    expect(message(() => decodeValue(definition, { ...head, spec: { free: value } }))).toContain(
      'nested more than 100',
    );
  });

  it('never touches a prototype', () => {
    const text = JSON.stringify(head).replace('{', '{"spec":{"files":{"__proto__":"x"}},');
    expect(message(body(text))).toContain('the name "__proto__" cannot be used');
    const free = JSON.stringify(head).replace('{', '{"spec":{"free":{"__proto__":{"polluted":1}}},');
    expect(message(body(free))).toContain('the name "__proto__" cannot be used');
    const unknown = JSON.stringify(head).replace('{', '{"__proto__":{"polluted":1},"constructor":{},');
    const { object, problems } = body(unknown)();
    expect(problems).toEqual(['unknown field "__proto__"', 'unknown field "constructor"']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
  });

  it('reads YAML with comments, anchors and types of the core schema', () => {
    const { object, problems } = yaml(
      `# a comment\napiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: a\nspec:\n  text: "1"\n  count: 0x10\n  maybe: ~\n` +
        `  tasks:\n  - &task {type: yes, names: [a]}\n  - *task\n  files:\n    1: |\n      x\n---\n`,
    )();
    expect(problems).toEqual([]);
    expect(object.spec).toEqual({
      text: '1',
      count: 16,
      maybe: null,
      branch: 'main',
      tasks: [
        { type: 'yes', names: ['a'] },
        { type: 'yes', names: ['a'] },
      ],
      files: { 1: 'x\n' },
    });
  });

  it.each([
    ['kind: Widget\n---\nkind: Widget\n', 'several YAML documents'],
    ['a: [\n', 'the body is not valid YAML at line'],
    ['a: b: c\n', 'the body is not valid YAML at line 1'],
    ['? [a]\n: b\n', 'found a key that is not a string'],
    ['a: *nowhere\n', 'the alias *nowhere has no anchor'],
    ['a: &a [*a]\n', 'contains itself'],
    ['a: .nan\n', 'found a value that JSON does not have'],
    [
      `a: &a [${'1,'.repeat(100)}]\nb: &b [${'*a,'.repeat(100)}]\nc: [${'*b,'.repeat(100)}]\n`,
      'aliases of the document repeat too much',
    ],
    ['<<: {kind: Widget}\n', 'kind is missing'],
    ['just text\n', 'the body must be an object'],
    ['# nothing\n', 'the body must be an object'],
  ])('refuses the YAML %j', (text, wanted) => {
    expect(message(yaml(text))).toContain(wanted);
  });

  const anyJson = fc.json().map((text) => Buffer.from(text));
  const nearMiss = fc
    .record({
      apiVersion: fc.constant('example.com/v1'),
      kind: fc.constant('Widget'),
      metadata: fc.jsonValue(),
      spec: fc.oneof(
        fc.jsonValue(),
        fc.record(
          {
            text: fc.jsonValue(),
            count: fc.jsonValue(),
            tasks: fc.oneof(fc.jsonValue(), fc.array(fc.record({ type: fc.jsonValue(), ref: fc.jsonValue() }))),
            files: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.jsonValue())),
            either: fc.jsonValue(),
            free: fc.jsonValue(),
            at: fc.oneof(
              fc.string(),
              fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
            ),
          },
          { requiredKeys: [] },
        ),
      ),
    })
    .map((value) => Buffer.from(JSON.stringify(value)));
  const anyBytes = fc.uint8Array().map((bytes) => Buffer.from(bytes));

  it('throws nothing but a StatusError for any body, and what it gives decodes again to the same', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyJson, nearMiss, anyBytes),
        fc.constantFrom('json' as const, 'yaml' as const),
        (input, format) => {
          try {
            const { object } = decodeObject<Widget>(definition, input, format);
            expect(decodeValue<Widget>(definition, object)).toEqual({ object, problems: [] });
          } catch (error) {
            if (!(error instanceof StatusError)) throw error;
            expect(error.code).toBe(400);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds the same repeated keys in JSON, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 6 }), (keys) => {
        const wanted = [...new Set(keys.filter((k, i) => keys.indexOf(k) < i))];
        const members = keys.map((k) => `${JSON.stringify(k)}:""`).join(',');
        const text = JSON.stringify(head).replace('{', `{"spec":{"files":{${members}}},`);
        if (keys.includes('__proto__')) return;
        expect(body(text)().problems).toEqual(
          wanted.map((k) => `duplicate field ${JSON.stringify(`spec.files.${k}`)}`),
        );
      }),
    );
  });
});
