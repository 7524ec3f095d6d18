import { describe, expect, it } from 'vitest';
import type { ManagedFieldsEntry } from '../meta/object.ts';
import { pathsOf } from './field-set.ts';
import { capUpdaters } from './manager-cap.ts';
import { type Managers, managersOfWrite, noManagers, readManagers, writeManagers } from './managers.ts';

const entry = (manager: string, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'example.com/v1',
  time: '2026-01-02T03:04:05Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { [`f:${manager}`]: {} } },
  ...more,
});

function read(...entries: ManagedFieldsEntry[]): Managers {
  return readManagers(entries) ?? expect.fail('the entries make no sense');
}
const namesOf = (managers: Managers): string[] => (writeManagers(managers) ?? []).map(({ manager = '' }) => manager);

describe('entries of managed fields', () => {
  it('are read and written', () => {
    const entries = [entry('a', { operation: 'Apply' }), entry('b', { subresource: 'status' })];
    expect(writeManagers(read(...entries))).toEqual(entries);
    expect(writeManagers(noManagers)).toBeUndefined();
  });

  it('are told apart by manager, operation and subresource, and by version for updates only', () => {
    const apart = read(
      entry('a'),
      entry('b'),
      entry('a', { operation: 'Apply' }),
      entry('a', { subresource: 'status' }),
      entry('a', { apiVersion: 'example.com/v2' }),
    );
    expect(apart.size).toBe(5);
    const same = read(
      entry('a', { operation: 'Apply' }),
      entry('a', { operation: 'Apply', apiVersion: 'example.com/v2' }),
    );
    expect(same.size).toBe(1);
  });

  it('stand in order of operation, time, name, version and subresource', () => {
    const late = '2026-01-02T03:04:06Z';
    const sorted = [
      entry('z', { operation: 'Apply' }),
      entry('c', { time: undefined } as Partial<ManagedFieldsEntry>),
      entry('a'),
      entry('b'),
      entry('b', { subresource: 'status' }),
      entry('b', { apiVersion: 'example.com/v2' }),
      entry('a', { time: late, apiVersion: 'example.com/v3' }),
    ].map((each) => JSON.parse(JSON.stringify(each)) as ManagedFieldsEntry);
    expect(writeManagers(read(...sorted.toReversed()))).toEqual(sorted);
  });

  it.each<[string, ManagedFieldsEntry]>([
    ['an operation that there is not', { ...entry('a'), operation: 'Other' as 'Update' }],
    ['fields of another type', entry('a', { fieldsType: 'FieldsV2' })],
    ['fields of no type', entry('a', { fieldsType: '' })],
    ['fields that make no sense', entry('a', { fieldsV1: { 'f:a': 1 } })],
    ['a name that is too long', entry('a'.repeat(129))],
  ])('make no sense with %s', (_, broken) => {
    expect(readManagers([entry('b'), broken])).toBeUndefined();
  });
});

describe('the managers that a write starts from', () => {
  const live = [entry('live')];
  it.each<[string, ManagedFieldsEntry[] | undefined, string[]]>([
    ['are those of the object when none are sent', undefined, ['live']],
    ['are those that are sent', [entry('sent')], ['sent']],
    ['are none after an empty list', [], []],
    ['are none after one empty entry', [{}], []],
    ['are those of the object when what is sent makes no sense', [entry('sent', { fieldsType: 'x' })], ['live']],
    ['are those of the object when what is sent has no fields', [entry('sent', { fieldsV1: {} })], ['live']],
  ])('%s', (_, sent, expected) => {
    expect(namesOf(managersOfWrite(sent, live, ''))).toEqual(expected);
  });

  it('are those of the object for a subresource, whatever is sent', () => {
    expect(namesOf(managersOfWrite([], live, 'status'))).toEqual(['live']);
    expect(namesOf(managersOfWrite([entry('sent')], live, 'status'))).toEqual(['live']);
  });

  it('are none where those of the object make no sense', () => {
    expect(managersOfWrite(undefined, [entry('live', { fieldsType: 'x' })], '')).toBe(noManagers);
  });
});

describe('managers that update', () => {
  const at = (second: number) => `2026-01-02T03:04:${String(second).padStart(2, '0')}Z`;
  const many = (count: number, more: (index: number) => Partial<ManagedFieldsEntry> = () => ({})) =>
    Array.from({ length: count }, (_, index) => entry(`m${index}`, { time: at(index), ...more(index) }));

  it('stay apart up to ten', () => {
    const ten = read(...many(10), entry('applier', { operation: 'Apply' }));
    expect(capUpdaters(ten)).toBe(ten);
  });

  it('are merged beyond that, the oldest first', () => {
    const capped = writeManagers(capUpdaters(read(...many(12), entry('old', { operation: 'Apply' })))) ?? [];
    expect(capped.map(({ manager }) => manager)).toEqual([
      'old',
      'ancient-changes',
      ...many(12)
        .slice(3)
        .map((e) => e.manager),
    ]);
    expect(capped[1]).toEqual(
      entry('ancient-changes', { time: at(2), fieldsV1: { 'f:spec': { 'f:m0': {}, 'f:m1': {}, 'f:m2': {} } } }),
    );
  });

  it('join those that were merged before', () => {
    let managers: Managers = noManagers;
    for (const each of many(30)) managers = capUpdaters(new Map([...managers, ...read(each)]));
    const entries = writeManagers(managers) ?? [];
    expect(entries).toHaveLength(10);
    const owned = entries.flatMap(({ fieldsV1 }) => Object.keys((fieldsV1?.['f:spec'] ?? {}) as object));
    expect(owned.sort()).toEqual(
      many(30)
        .map(({ manager }) => `f:${manager}`)
        .sort(),
    );
    expect(entries[0]).toMatchObject({ manager: 'ancient-changes', time: at(20) });
  });

  it('join those that were merged before, also where others are older', () => {
    const fields = { 'f:spec': { 'f:merged': {} } };
    const capped = writeManagers(
      capUpdaters(read(...many(12), entry('ancient-changes', { time: at(2), fieldsV1: fields }))),
    );
    expect(capped).toHaveLength(10);
    expect(capped?.[0]).toEqual(
      entry('ancient-changes', {
        time: at(2),
        fieldsV1: { 'f:spec': { 'f:m0': {}, 'f:m1': {}, 'f:m2': {}, 'f:merged': {} } },
      }),
    );
  });

  it('can be as many as a request can say', () => {
    const managers = read(
      ...many(60_000, (index) => ({ time: at(0), fieldsV1: { 'f:spec': { [`f:m${index}`]: {} } } })),
    );
    const sets = [...capUpdaters(managers).values()];
    expect(sets.map(({ name, fields }) => [name, pathsOf(fields).length])).toContainEqual(['ancient-changes', 59_991]);
    expect(sets).toHaveLength(10);
  });

  it('are merged by version', () => {
    const capped = capUpdaters(read(...many(12, (index) => ({ apiVersion: `example.com/v${index % 2}` }))));
    const merged = (writeManagers(capped) ?? []).filter(({ manager }) => manager === 'ancient-changes');
    expect(merged.map(({ apiVersion }) => apiVersion).sort()).toEqual(['example.com/v0', 'example.com/v1']);
    expect(capped.size).toBe(10);
  });
});
