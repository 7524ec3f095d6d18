import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { decodeAppliedBody, decodeObject, type ReadingBody } from './decode.ts';
import { readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';

const definition = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  schema: Type.Object({
    spec: Type.Object({
      name: Type.String(),
      branch: Type.Optional(Type.String({ default: 'main' })),
      parts: Type.Optional(Type.Array(Type.Object({ id: Type.String(), size: Type.Integer() }))),
    }),
  }),
  default: (object: object) => Object.assign(object, { defaulted: true }),
};

const reading: ReadingBody = async (body, format) => (format === 'json' ? readJson(body) : readYaml(body));
const decodeApplied = (text: string) => decodeAppliedBody(definition, Buffer.from(text), reading);

describe('decodeAppliedBody', () => {
  const text = 'apiVersion: example.com/v1\nkind: Widget\nspec:\n  parts: [{id: a}]\n  branch: null\n';

  it('leaves unsaid what is not said, and keeps what is to be absent', async () => {
    const { object, problems } = await decodeApplied(text);
    expect(object).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: {},
      spec: { parts: [{ id: 'a' }], branch: null },
    });
    expect(problems).toEqual([]);
    expect(decodeObject(definition, Buffer.from(text), 'yaml').object).toMatchObject({
      spec: { name: '', branch: 'main', parts: [{ id: 'a', size: 0 }] },
      defaulted: true,
    });
  });

  it('reads JSON, and YAML that begins like it', async () => {
    const json = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', spec: { name: 'x' } });
    expect((await decodeApplied(json)).object).toMatchObject({ spec: { name: 'x' } });
    const flow = '{apiVersion: example.com/v1, kind: Widget, spec: {name: x}}';
    expect((await decodeApplied(flow)).object).toMatchObject({ spec: { name: 'x' } });
  });

  it('notes unknown and repeated fields', async () => {
    const twice = '{"apiVersion":"example.com/v1","kind":"Widget","spec":{"name":"x","name":"y","other":1}}';
    expect((await decodeApplied(twice)).problems).toEqual([
      'unknown field "spec.other"',
      'duplicate field "spec.name"',
    ]);
  });

  it.each([
    ['', 'the request has no body'],
    ['apiVersion: example.com/v1\nkind: Gadget\n', 'kind must be "Widget" here'],
    ['{"apiVersion":"example.com/v1","kind":"Widget","spec":1}', 'want an object'],
  ])('refuses %j', async (body, message) => {
    await expect(decodeApplied(body)).rejects.toThrow(message);
  });
});
