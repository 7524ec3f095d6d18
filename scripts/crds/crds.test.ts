import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { manifests } from './manifests.ts';
import { structuralSchema, withField } from './structural-schema.ts';

const directory = join(import.meta.dirname, '../../deploy/crds');

it('the manifests in deploy/crds are what the schemas say (npm run crds)', () => {
  const made = manifests();
  expect(
    readdirSync(directory)
      .filter((name) => name !== 'kustomization.yaml')
      .sort(),
  ).toEqual([...made.keys()].sort());
  for (const [name, text] of made) expect(readFileSync(join(directory, name), 'utf8'), name).toBe(text);
});

it('says in a structural schema what JSON Schema says, or fails', () => {
  const schema = {
    type: 'object',
    required: ['a'],
    properties: {
      a: {
        anyOf: [
          { const: 'x', type: 'string' },
          { const: 'y', type: 'string' },
        ],
        description: 'One of two.',
      },
      b: { type: 'object', patternProperties: { '^.*$': { type: 'string', minLength: 1 } } },
      c: { description: 'Anything.' },
      d: { type: 'array', items: { type: 'object' } },
      e: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    },
  };
  expect(structuralSchema(schema)).toEqual({
    type: 'object',
    required: ['a'],
    properties: {
      a: { type: 'string', enum: ['x', 'y'], description: 'One of two.' },
      b: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
      c: { description: 'Anything.', 'x-kubernetes-preserve-unknown-fields': true },
      d: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      e: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    },
  });
  const choice = { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'boolean' }] } } };
  expect(() => structuralSchema(choice)).toThrow('.a: a choice of types');
  expect(withField({ type: 'array', items: { type: 'string' } }, '[]', { pattern: 'x' })).toEqual({
    type: 'array',
    items: { type: 'string', pattern: 'x' },
  });
  expect(() => withField({ type: 'object' }, 'spec.git', {})).toThrow('there is no field spec');
});
