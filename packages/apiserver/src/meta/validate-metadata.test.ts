import { describe, expect, it } from 'vitest';
import { fieldErrorMessage } from './field-error.ts';
import { dns1123LabelErrors } from './names.ts';
import type { ObjectMeta } from './object.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-metadata.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'u' };
const meta: ObjectMeta = { name: 'a', namespace: 'default' };

function messages(changes: ObjectMeta, namespaced = true): string[] {
  return validateObjectMeta({ ...meta, ...changes }, { namespaced }).map(fieldErrorMessage);
}

describe('validateObjectMeta', () => {
  it('finds as much wrong as there can be in a request', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `a b${index}`);
    expect(messages({ labels: Object.fromEntries(many.map((key) => [key, ''])), finalizers: many })).toHaveLength(
      400_000,
    );
  });

  it('accepts what is fine', () => {
    expect(
      messages({
        labels: { 'example.com/a': 'b', c: '' },
        annotations: { 'Example.com/Any': 'text of any kind\n' },
        finalizers: ['example.com/f', 'orphan'],
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, uid: 'v' },
          { ...owner, apiVersion: 'v1' },
        ],
        managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsType: 'FieldsV1' }],
        generation: 1,
      }),
    ).toEqual([]);
    expect(validateObjectMeta({ generateName: 'a-', namespace: 'x' }, { namespaced: true })).toEqual([]);
    expect(validateObjectMeta({ name: 'a' }, { namespaced: false })).toEqual([]);
  });

  it.each<[string, ObjectMeta, string]>([
    ['no name', { name: '' }, 'metadata.name: Required value: name or generateName is required'],
    ['bad name', { name: 'A' }, 'metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain'],
    ['bad prefix', { name: '', generateName: 'A-' }, 'metadata.generateName: Invalid value: "A-": a lowercase RFC'],
    ['no namespace', { namespace: '' }, 'metadata.namespace: Required value'],
    ['bad namespace', { namespace: 'a.b' }, 'metadata.namespace: Invalid value: "a.b": a lowercase RFC 1123 label'],
    ['label key', { labels: { '-': 'x' } }, 'metadata.labels: Invalid value: "-": name part must consist of'],
    ['label value', { labels: { a: 'b c' } }, 'metadata.labels: Invalid value: "b c": a valid label must be'],
    ['annotation key', { annotations: { 'a b': '' } }, 'metadata.annotations: Invalid value: "a b": name part'],
    [
      'annotations too large',
      { annotations: { a: 'x'.repeat(262_144) } },
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
    ['finalizer', { finalizers: ['/f'] }, 'metadata.finalizers: Invalid value: "/f": prefix part must be non-empty'],
    [
      'both finalizers',
      { finalizers: ['orphan', 'foregroundDeletion'] },
      'metadata.finalizers: Invalid value: ["orphan"',
    ],
    [
      'owner version',
      { ownerReferences: [{ ...owner, apiVersion: 'apps/' }] },
      'metadata.ownerReferences[0].apiVersion: Inv',
    ],
    [
      'owner kind',
      { ownerReferences: [{ ...owner, kind: '' }] },
      'metadata.ownerReferences[0].kind: Invalid value: ""',
    ],
    ['owner uid', { ownerReferences: [{ ...owner, uid: '' }] }, 'metadata.ownerReferences[0].uid: Invalid value: ""'],
    [
      'owner event',
      { ownerReferences: [{ ...owner, apiVersion: 'v1', kind: 'Event' }] },
      'metadata.ownerReferences[0]: Inv',
    ],
    [
      'two controllers',
      {
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'e', controller: true },
        ],
      },
      'metadata.ownerReferences: Invalid value: [',
    ],
    ['generation', { generation: -1 }, 'metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
    [
      'manager',
      { managedFields: [{ operation: 'Apply', manager: 'm'.repeat(129) }] },
      'metadata.managedFields[0].manager',
    ],
    ['operation', { managedFields: [{ manager: 'm' }] }, 'metadata.managedFields[0].operation: Invalid value: ""'],
  ])('refuses: %s', (_, changes, message) => {
    const found = messages(changes);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(message), found[0]).toBe(true);
  });

  it('refuses a namespace on what has none', () => {
    expect(messages({}, false)).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
  });

  it('needs no name where the server composes it', () => {
    expect(validateObjectMeta({ namespace: 'a' }, { namespaced: true, nameOptional: true })).toEqual([]);
  });

  it('takes another rule for names', () => {
    const errors = validateObjectMeta({ name: 'a.b' }, { namespaced: false, nameErrors: dns1123LabelErrors });
    expect(errors.map((e) => e.field)).toEqual(['metadata.name']);
  });
});

describe('validateObjectMetaUpdate', () => {
  const old: ObjectMeta = {
    ...meta,
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 2,
    finalizers: ['f'],
  };

  it('accepts changes of what clients own', () => {
    expect(
      validateObjectMetaUpdate({ ...old, labels: { a: 'b' }, finalizers: ['f', 'g'], generation: 3 }, old),
    ).toEqual([]);
  });

  it.each<[keyof ObjectMeta, ObjectMeta]>([
    ['name', { name: 'b' }],
    ['namespace', { namespace: 'b' }],
    ['uid', { uid: 'v' }],
    ['creationTimestamp', { creationTimestamp: '2026-01-01T00:00:01Z' }],
    ['deletionTimestamp', { deletionTimestamp: '2026-01-01T00:00:01Z' }],
    ['deletionGracePeriodSeconds', { deletionGracePeriodSeconds: 1 }],
  ])('keeps %s as it is', (field, change) => {
    const errors = validateObjectMetaUpdate({ ...old, ...change }, old);
    expect(errors.map((e) => [e.field, e.detail])).toEqual([[`metadata.${field}`, 'field is immutable']]);
  });

  it('refuses a lower generation and bad labels', () => {
    const errors = validateObjectMetaUpdate({ ...old, generation: 1, labels: { a: '-' } }, old);
    expect(errors.map((e) => e.field)).toEqual(['metadata.generation', 'metadata.labels']);
  });

  it('takes no new finalizers while deleting, and lets them go', () => {
    const deleting: ObjectMeta = { ...old, deletionTimestamp: '2026-01-02T00:00:00Z' };
    expect(validateObjectMetaUpdate({ ...deleting, finalizers: [] }, deleting)).toEqual([]);
    expect(validateObjectMetaUpdate({ ...deleting, finalizers: ['f', 'g'] }, deleting).map(fieldErrorMessage)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"g"}',
    ]);
  });
});
