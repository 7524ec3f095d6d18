import { expect, it } from 'vitest';
import { ageCell, SinceCell } from '../registry/resource.ts';
import { serveObject } from '../storage/served.ts';
import { createResourceEncoder, encodeAnswer } from './resource-encoder.ts';

const names = ['Last Seen', 'Reason', 'First Seen', 'Age', 'Never'];
const cells = () => [
  new SinceCell('2026-01-01T00:02:00Z'),
  'Done',
  new SinceCell('2026-01-01T00:01:00Z'),
  ageCell,
  new SinceCell(''),
];
const encoder = createResourceEncoder({
  group: '',
  version: 'v1',
  plural: 'happenings',
  kind: 'Happening',
  listKind: 'HappeningList',
  table: { columns: names.map((name) => ({ name, type: 'string', format: '', description: '', priority: 0 })), cells },
});
const metadata = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' };
const object = serveObject(
  { apiVersion: 'v1', kind: 'Happening', metadata },
  { resource: 'happenings', revision: 7, rules: { table: { cells } } },
);

it('an object as a table has columns, its revision, and each time as long ago as it is now', () => {
  const transform = { type: 'table', version: 'v1', includeObject: 'None' } as const;
  const at = (time: string) =>
    JSON.parse(
      encodeAnswer(encoder, object, { format: 'json', pretty: false, transform }, Date.parse(time)).toString(),
    );
  const table = at('2026-01-01T00:03:00Z');
  expect(table).toMatchObject({ kind: 'Table', metadata: { resourceVersion: '7' } });
  expect(table.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual(names);
  expect(table.rows).toEqual([{ cells: ['60s', 'Done', '2m', '3m', '<unknown>'] }]);
  expect(at('2026-01-01T00:04:00Z').rows).toEqual([{ cells: ['2m', 'Done', '3m', '4m', '<unknown>'] }]);
});
