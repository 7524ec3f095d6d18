import { ageCell, fieldErrorMessage } from '@porch/apiserver';
import { describe, expect, test } from 'vitest';
import type { Secret } from '../../resources/secret.ts';
import { requestContext } from '../request-context.test-support.ts';
import { maxSecretSize, mergeStringData } from './data-rules.ts';
import { secretStrategy as strategy } from './strategy.ts';
import { secretTable } from './table.ts';

const context = requestContext();
const base64 = (text: string) => Buffer.from(text).toString('base64');

function secret(fields: Partial<Secret>): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, ...fields };
}

function create(object: Secret): string[] {
  mergeStringData(object);
  strategy.prepareForCreate?.(context, object);
  return (strategy.validate?.(context, object) ?? []).map(fieldErrorMessage);
}

function update(object: Secret, old: Secret): string[] {
  mergeStringData(object);
  strategy.prepareForUpdate?.(context, object, old);
  return (strategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
}

test('stringData is merged into data and gone', () => {
  const object = secret({ data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new', c: 'ü' } });
  expect(create(object)).toEqual([]);
  expect(object).toEqual(secret({ type: 'Opaque', data: { a: base64('new'), b: base64('b'), c: base64('ü') } }));
});

test('stringData that a configuration says is null is gone and changes no data', () => {
  const object = secret({ data: { a: base64('a') } });
  Reflect.set(object, 'stringData', null);
  mergeStringData(object);
  expect(object).toEqual(secret({ data: { a: base64('a') } }));
});

describe('refuses', () => {
  test.each<[string, Partial<Secret>, string]>([
    ['what is not base64', { data: { a: 'not base64!' } }, 'data[a]: Invalid value: "<secret contents redacted>"'],
    ['base64 that is cut off', { data: { a: 'abc' } }, 'data[a]: Invalid value'],
    ['a key with a slash', { data: { 'a/b': '' } }, 'data[a/b]: Invalid value: "a/b"'],
    ['a key that climbs', { data: { '..a': '' } }, 'data[..a]: Invalid value'],
    ['basic-auth without either', { type: 'kubernetes.io/basic-auth' }, 'data[username]: Required value'],
    [
      'a registry configuration that is no JSON',
      { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('not base64!') } },
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>"',
    ],
    ['a registry configuration without one', { type: 'kubernetes.io/dockercfg' }, 'data[.dockercfg]: Required value'],
    [
      'a token of no account',
      { type: 'kubernetes.io/service-account-token' },
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ],
    [
      'a certificate without its key',
      { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
      'data[tls.key]: Required value',
    ],
    [
      'a key without its certificate',
      { type: 'kubernetes.io/tls', data: { 'tls.key': '' } },
      'data[tls.crt]: Required value',
    ],
    [
      'values that are too large together',
      { data: { a: Buffer.alloc(maxSecretSize).toString('base64'), b: base64('b'), c: '' } },
      'data: Too long: may not be more than 1048576 bytes',
    ],
    ['ssh-auth without a key', { type: 'kubernetes.io/ssh-auth' }, 'data[ssh-privatekey]: Required value'],
    [
      'what is too large',
      { data: { a: Buffer.alloc(maxSecretSize + 1).toString('base64') } },
      'data: Too long: may not be more than 1048576 bytes',
    ],
  ])('%s', (_what, fields, message) => {
    const errors = create(secret(fields));
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(errors.join()).not.toContain('not base64!');
  });

  test('changes of the type and of what is immutable', () => {
    const old = secret({ type: 'Opaque', immutable: true, data: { a: base64('a') } });
    expect(update(secret({ data: { a: base64('b') } }), old)).toEqual([
      expect.stringContaining('immutable: Forbidden: field is immutable'),
      expect.stringContaining('data: Forbidden: field is immutable'),
    ]);
    expect(update(secret({ immutable: true, data: { ...old.data, b: '' } }), old)).toHaveLength(1);
    expect(update(secret({ immutable: false, data: old.data ?? {} }), old)).toEqual([
      expect.stringContaining('immutable: Forbidden: field is immutable'),
    ]);
    expect(update(secret({ immutable: true }), old)).toEqual([
      expect.stringContaining('data: Forbidden: field is immutable'),
    ]);
    expect(update(secret({ type: 'other', immutable: true, data: old.data ?? {} }), old)).toEqual([
      'type: Invalid value: "other": field is immutable',
    ]);
  });
});

test('an update is held to the same rules', () => {
  const old = secret({ type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': base64('key') } });
  expect(update(secret({ data: { 'ssh-privatekey': 'not base64!' } }), old)).toEqual([
    expect.stringContaining('data[ssh-privatekey]: Invalid value'),
  ]);
  expect(update(secret({ data: {} }), old)).toEqual([expect.stringContaining('data[ssh-privatekey]: Required value')]);
});

test('a full megabyte, a password alone and unknown types are accepted', () => {
  expect(create(secret({ data: { a: Buffer.alloc(maxSecretSize).toString('base64') } }))).toEqual([]);
  expect(create(secret({ type: 'kubernetes.io/basic-auth', stringData: { password: 'x' } }))).toEqual([]);
  expect(create(secret({ type: 'kpt.dev/workload-identity-auth' }))).toEqual([]);
});

test('an update may leave out the type, and change everything else', () => {
  const old = secret({ type: 'kubernetes.io/basic-auth', data: { username: base64('a') } });
  const object = secret({ stringData: { username: 'b' }, immutable: true });
  expect(update(object, old)).toEqual([]);
  expect(object).toMatchObject({ type: 'kubernetes.io/basic-auth', data: { username: base64('b') } });
});

test('the table shows no data', () => {
  const object = secret({ type: 'Opaque', data: { a: base64('a'), b: base64('b') } });
  expect(secretTable.cells(object)).toEqual(['s', 'Opaque', 2, ageCell]);
  expect(secretTable.columns.map(({ name }) => name)).toEqual(['Name', 'Type', 'Data', 'Age']);
});
