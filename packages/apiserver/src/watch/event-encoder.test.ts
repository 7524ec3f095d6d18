import { expect, it } from 'vitest';
import { createResourceEncoder } from '../negotiation/resource-encoder.ts';
import { ageCell } from '../registry/resource.ts';
import { serveObject } from '../storage/served.ts';
import type { ServedEvent } from '../storage/served-object.ts';
import { createEventEncoder } from './event-encoder.ts';

const columns = [{ name: 'Age', type: 'string', format: '', description: '', priority: 0 }] as const;
const encoder = createResourceEncoder({
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Widget',
  listKind: 'WidgetList',
  table: { columns, cells: () => [ageCell] },
});

function event(name: string): ServedEvent {
  const object = serveObject(
    { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' } },
    { resource: 'widgets.example.com', revision: 7, rules: { table: { cells: () => [ageCell] } } },
  );
  return { type: 'ADDED', revision: 7, object, previous: undefined };
}

const json = { type: 'none' } as const;
const table = { type: 'table', version: 'v1', includeObject: 'None' } as const;

it('gives all watchers of an event the same bytes', () => {
  const events = createEventEncoder(() => Date.parse('2026-01-01T00:00:30Z'));
  const one = event('a');
  expect(events.shared(encoder, one, json)).toBe(events.shared(encoder, one, json));
  expect(events.shared(encoder, one, json).toString()).toBe(
    `{"type":"ADDED","object":${one.object.bytes.toString()}}\n`,
  );
  expect(events.shared(encoder, { ...one, type: 'MODIFIED' }, json)).not.toBe(events.shared(encoder, one, json));
});

it('makes the rows of tables again when ages have changed', () => {
  let now = Date.parse('2026-01-01T00:00:30Z');
  const events = createEventEncoder(() => now);
  const one = event('a');
  const before = events.shared(encoder, one, table);
  expect(before).toBe(events.shared(encoder, one, table));
  expect(JSON.parse(before.toString()).object.rows).toEqual([{ cells: ['30s'] }]);
  now += 5000;
  expect(JSON.parse(events.shared(encoder, one, table).toString()).object.rows).toEqual([{ cells: ['35s'] }]);
});

it('gives each watcher the form that it has asked for', () => {
  const events = createEventEncoder(() => Date.parse('2026-01-01T00:00:30Z'));
  const one = event('a');
  const forms = [
    json,
    ...(['v1', 'v1beta1'] as const).flatMap((version) => [
      { type: 'partial', version } as const,
      ...(['None', 'Metadata', 'Object'] as const).map(
        (includeObject) => ({ type: 'table', version, includeObject }) as const,
      ),
    ]),
  ];
  const once = forms.map((form) => events.shared(encoder, one, form).toString());
  expect(new Set(once).size).toBe(forms.length);
  expect(forms.map((form) => events.shared(encoder, one, form).toString())).toEqual(once);
});

it('remembers a few megabytes of what was sent last', () => {
  const events = createEventEncoder(() => 0);
  const sent = Array.from({ length: 6 }, (_, index) => event(`${index}${'x'.repeat(1024 * 1024)}`));
  const first = sent.map((one) => events.shared(encoder, one, json));
  const isKnown = (index: number): boolean => {
    const one = sent[index];
    return one !== undefined && events.shared(encoder, one, json) === first[index];
  };
  // From the last one on: what is not known any more is made again, and takes the place of others.
  expect([5, 4, 3, 0].map(isKnown)).toEqual([true, true, true, false]);
});
