import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fieldErrorMessage } from '../meta/field-error.ts';
import { parseFieldSelector } from '../meta/field-selector.ts';
import type { RequestContext, ResourceStorage, WatchSink } from '../registry/resource.ts';
import { serverContext } from '../registry/server-context.ts';
import { createStoreStorage } from '../registry/store-storage.ts';
import { decodeObject } from '../schema/decode.ts';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Store } from '../storage/store.ts';
import type { Event } from './event.ts';
import { eventKind } from './event-kind.ts';
import { type EventV1, eventConversion } from './event-v1.ts';
import { eventV1Definition, eventV1Kind } from './event-v1-kind.ts';
import { extractionOf, storedResource } from './resource-kind.ts';

const write = { dryRun: false, fieldManager: 'test' };

const told: EventV1 = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'told', namespace: 'default' },
  eventTime: '2026-01-02T03:04:05.000006Z',
  reportingController: 'example.com/gardener',
  reportingInstance: 'gardener-1',
  action: 'Water',
  reason: 'Dry',
  regarding: { kind: 'Plant', namespace: 'default', name: 'fern' },
  note: 'It was dry.',
  type: 'Normal',
};

describe('one event in two versions', () => {
  let directory: string;
  let store: Store;
  let events: Required<ResourceStorage<Event>>;
  let views: ResourceStorage<EventV1>;
  let context: RequestContext;
  const list = async (storage: Pick<ResourceStorage<EventV1>, 'list'>, selector: string) => {
    const found = await storage.list?.(context, { limit: 0, fields: parseFieldSelector(selector) });
    const names: string[] = [];
    for await (const { key } of found?.items ?? []) names.push(key.name);
    return names;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'events-v1-'));
    store = await openSqliteStore({ directory });
    const rules = new Map([extractionOf(eventKind)]);
    const cache = await createWatchCache({ store, definitions: rules });
    const own = rules.get('events');
    events = createStoreStorage<Event>({
      store,
      cache,
      resource: storedResource(eventKind),
      createOnUpdate: true,
      ...(own === undefined ? {} : { rules: own }),
    });
    views = eventV1Definition(events).storage;
    context = serverContext('test', 'default');
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('is read, found and watched as either, whichever it was written as', async () => {
    const watched: string[] = [];
    const sink: WatchSink = {
      event: ({ type, object, previous }) =>
        watched.push(`${type} ${object.decode<EventV1>().note} ${previous?.decode<EventV1>().note ?? '-'}`),
      initialDone: () => watched.push('done'),
      progress: () => undefined,
      fail: (error) => watched.push(String(error)),
    };
    await views.watch?.(context, { start: { initial: true } }, sink);
    const made = await views.create?.(context, structuredClone(told), write);
    expect(made?.object.decode()).toMatchObject(told);
    const core = (await events.get(context, 'told')).decode<Event>();
    expect(core).toMatchObject({
      apiVersion: 'v1',
      involvedObject: told.regarding,
      message: told.note,
      reportingComponent: told.reportingController,
      metadata: { uid: made?.object.uid, resourceVersion: String(made?.object.revision) },
    });
    expect(core).not.toHaveProperty('regarding');
    await events.update(
      context,
      'told',
      (current) => ({ ...(current as Event), message: 'It is wet.', count: 2 }),
      write,
    );
    const seen = (await views.get?.(context, 'told'))?.decode<EventV1>();
    expect(seen).toMatchObject({ ...told, note: 'It is wet.', deprecatedCount: 2 });
    expect(await list(views, 'regarding.name=fern,reportingController=example.com/gardener,type=Normal')).toEqual([
      'told',
    ]);
    expect(await list(views, 'regarding.name=moss')).toEqual([]);
    await views.update?.(context, 'told', (current) => ({ ...(current as EventV1), note: 'It grew.' }), write);
    expect((await events.get(context, 'told')).decode<Event>().message).toBe('It grew.');
    await views.delete?.(context, 'told', write);
    expect(watched).toEqual([
      'done',
      'ADDED It was dry. -',
      'MODIFIED It is wet. It was dry.',
      'MODIFIED It grew. It is wet.',
      'DELETED It grew. It grew.',
    ]);
    expect(await list(events as Pick<ResourceStorage<EventV1>, 'list'>, 'metadata.name=told')).toEqual([]);
  });

  test('has a time for readers, which is null where the core group was told of none', async () => {
    const core: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'timeless', namespace: 'default' },
      involvedObject: { kind: 'Plant', namespace: 'default', name: 'fern' },
    };
    const { object } = await events.create(context, core, write);
    const seen = (await views.get?.(context, 'timeless'))?.decode<EventV1>();
    expect(seen).toHaveProperty('eventTime', null);
    const same = await views.update?.(
      context,
      'timeless',
      (current) => {
        expect(current).not.toHaveProperty('eventTime');
        return current as EventV1;
      },
      write,
    );
    expect([same?.object.revision, same?.object.decode<EventV1>()]).toEqual([object.revision, seen]);
    expect((await events.get(context, 'timeless')).decode()).not.toHaveProperty('eventTime');
    const read = decodeObject(eventV1Kind, Buffer.from(JSON.stringify(seen)), 'json');
    expect([read.problems, read.object]).toEqual([[], eventConversion.toView(object.decode<Event>())]);
  });

  test('keeps the owners of fields for each version by itself', async () => {
    const entry = (apiVersion: string, manager: string) =>
      ({ manager, operation: 'Update', apiVersion, fieldsType: 'FieldsV1', fieldsV1: {} }) as const;
    const object = structuredClone(told);
    object.metadata.managedFields = [entry('events.k8s.io/v1', 'one')];
    await views.create?.(context, object, write);
    await events.update(
      context,
      'told',
      (current) => {
        const next = current as Event;
        return {
          ...next,
          message: 'x',
          metadata: { ...next.metadata, managedFields: [...(next.metadata.managedFields ?? []), entry('v1', 'two')] },
        };
      },
      write,
    );
    await views.update?.(context, 'told', (current) => ({ ...(current as EventV1), note: 'y' }), write);
    const managers = (owned: Event | EventV1 | undefined) =>
      owned?.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers((await views.get?.(context, 'told'))?.decode<EventV1>())).toEqual(['one']);
    expect(managers((await events.get(context, 'told')).decode<Event>())?.sort()).toEqual(['one', 'two']);
  });
});

test('what is converted there and back is the same', () => {
  const text = fc.string();
  const reference = fc.record({ kind: text, name: text, namespace: text }, { requiredKeys: [] });
  const source = fc.record({ component: text, host: text }, { requiredKeys: [] });
  const event = fc.record(
    {
      eventTime: text,
      series: fc.record({ count: fc.nat(), lastObservedTime: text }),
      reportingController: text,
      reportingInstance: text,
      action: text,
      reason: text,
      regarding: reference,
      related: reference,
      note: text,
      type: text,
      deprecatedSource: source,
      deprecatedFirstTimestamp: text,
      deprecatedLastTimestamp: text,
      deprecatedCount: fc.nat(),
    },
    { requiredKeys: ['regarding'] },
  );
  fc.assert(
    fc.property(event, (given) => {
      const view: EventV1 = { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'x' }, ...given };
      expect(eventConversion.toView(eventConversion.toStored(view, undefined))).toEqual(view);
    }),
  );
});

describe('the rules of events.k8s.io', () => {
  const context = serverContext('test', 'default');
  const errors = (change: Partial<EventV1>) =>
    (eventV1Kind.strategy.validate?.(context, { ...told, ...change }) ?? []).map(fieldErrorMessage);

  test.each<[string, Partial<EventV1>, string]>([
    ['a time', { eventTime: '' }, 'eventTime: Required value'],
    ['a controller', { reportingController: '' }, 'reportingController: Required value'],
    ['a controller with a name', { reportingController: 'a b' }, 'reportingController: Invalid value: "a b"'],
    ['an instance', { reportingInstance: '' }, 'reportingInstance: Required value'],
    ['an action', { action: '' }, 'action: Required value'],
    ['a reason', { reason: '' }, 'reason: Required value'],
    ['a short reason', { reason: 'x'.repeat(129) }, 'reason: Too long'],
    ['a short note', { note: 'x'.repeat(1025) }, 'note: Too long'],
    ['a type', { type: 'Odd' }, 'type: Unsupported value: "Odd": supported values: "Normal", "Warning"'],
    ['its own namespace', { regarding: { namespace: 'other' } }, 'regarding.namespace: Invalid value: "other"'],
    ['no deprecated fields', { deprecatedCount: 2 }, 'deprecatedCount: Forbidden'],
    ['a series of two', { series: { count: 1, lastObservedTime: 'x' } }, 'series.count: Invalid value: 1'],
    ['a time of its series', { series: { count: 2 } }, 'series.lastObservedTime: Required value'],
  ])('want %s', (_, change, message) => {
    expect(errors({})).toEqual([]);
    expect(errors(change)).toEqual([expect.stringContaining(message)]);
  });

  const change = (next: Partial<EventV1>, old = told) =>
    (eventV1Kind.strategy.validateUpdate?.(context, { ...old, ...next }, old) ?? []).map(fieldErrorMessage);

  test('take what says nothing for what is not there, as clients send it that write every field', () => {
    const nothing = { deprecatedSource: { component: '', host: '' }, deprecatedCount: 0 };
    expect(errors(nothing)).toEqual([]);
    expect(errors({ deprecatedSource: {} })).toEqual([]);
    const { reportingController: _, reportingInstance: __, ...ofCoreGroup } = told;
    const empty = { ...nothing, reportingController: '', reportingInstance: '', related: { fieldPath: '' } };
    expect(change(empty, ofCoreGroup)).toEqual([]);
    expect(change({ deprecatedSource: { component: 'x', host: '' } })).toEqual([
      expect.stringContaining('deprecatedSource: Invalid value'),
    ]);
  });

  test('let the series go on, and nothing else change', () => {
    expect(change({ series: { count: 2, lastObservedTime: '2026-01-02T03:04:06.000000Z' } })).toEqual([]);
    expect(change({ note: 'other', reason: 'Wet' })).toEqual([
      'note: Invalid value: "other": field is immutable',
      'reason: Invalid value: "Wet": field is immutable',
    ]);
  });
});
