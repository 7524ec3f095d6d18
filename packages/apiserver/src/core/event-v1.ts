import Type from 'typebox';
import type { KubernetesObject, ManagedFieldsEntry } from '../meta/object.ts';
import type { Conversion } from '../registry/converted-storage.ts';
import { fields } from '../schema/fields.ts';
import type { Event } from './event.ts';
import { type ObjectReference, objectReferenceSchema } from './object-reference.ts';

/** The same happening in the words of the group events.k8s.io. */
export interface EventV1 extends KubernetesObject {
  /** Null for readers of an event that was told to the core group without: clients demand that the field is there. */
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  reportingController?: string;
  reportingInstance?: string;
  action?: string;
  reason?: string;
  regarding?: ObjectReference;
  related?: ObjectReference;
  note?: string;
  type?: string;
  deprecatedSource?: { component?: string; host?: string };
  deprecatedFirstTimestamp?: string;
  deprecatedLastTimestamp?: string;
  deprecatedCount?: number;
}

const eventV1ApiVersion = 'events.k8s.io/v1';

/** Schema of events of events.k8s.io. */
export const eventV1Schema = Type.Object({
  eventTime: Type.Optional(
    Type.Union([Type.String({ format: 'date-time', microseconds: true }), Type.Null()], {
      description: 'When it first happened; null for an event of the core group that does not say.',
    }),
  ),
  series: Type.Optional(
    Type.Object(
      {
        count: fields.integer('How often it has happened in this series.'),
        lastObservedTime: fields.microTime('When it last happened.'),
      },
      { description: 'What is known of an event that goes on happening.' },
    ),
  ),
  reportingController: fields.text('Controller that reports the event, for instance example.com/gardener.'),
  reportingInstance: fields.text('Which instance of the controller it is.'),
  action: fields.text('What was done, or failed, in one word for programs.'),
  reason: fields.text('Why it happened, in one word for programs.'),
  regarding: Type.Optional(objectReferenceSchema('The object that the event is about.')),
  related: Type.Optional(objectReferenceSchema('Another object that the event is about.')),
  note: fields.text('What happened, for people.'),
  type: fields.text('Normal or Warning.'),
  deprecatedSource: Type.Optional(
    Type.Object(
      { component: fields.text('Program that reports the event.'), host: fields.text('Machine it runs on.') },
      { description: 'The source of an event of the core group.' },
    ),
  ),
  deprecatedFirstTimestamp: fields.time('firstTimestamp of an event of the core group.'),
  deprecatedLastTimestamp: fields.time('lastTimestamp of an event of the core group.'),
  deprecatedCount: fields.integer('count of an event of the core group.'),
});

/** Names of the fields that differ: that of events.k8s.io, and that of the core group. */
const renamed = [
  ['reportingController', 'reportingComponent'],
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

const same = ['eventTime', 'series', 'reportingInstance', 'action', 'reason', 'related', 'type'] as const;

function take(from: object, to: object, name: string, as: string): void {
  const value: unknown = (from as Record<string, unknown>)[name];
  if (value !== undefined && value !== null) Object.assign(to, { [as]: structuredClone(value) });
}

function withOwners<T extends KubernetesObject>(object: T, owners: readonly ManagedFieldsEntry[]): T {
  const { managedFields: _, ...metadata } = structuredClone(object.metadata);
  object.metadata = owners.length === 0 ? metadata : { ...metadata, managedFields: structuredClone([...owners]) };
  return object;
}

const ownersOf = (object: KubernetesObject | undefined, view: boolean): ManagedFieldsEntry[] =>
  (object?.metadata.managedFields ?? []).filter(({ apiVersion }) => (apiVersion === eventV1ApiVersion) === view);

/**
 * Events are stored as those of the core group. Owners of fields are kept for each version by itself: the paths of one mean nothing in
 * the other.
 */
export const eventConversion: Conversion<EventV1, Event> = {
  toView(event) {
    const view: EventV1 = { apiVersion: eventV1ApiVersion, kind: 'Event', metadata: event.metadata };
    for (const name of same) take(event, view, name, name);
    for (const [name, stored] of renamed) take(event, view, stored, name);
    return withOwners(view, ownersOf(event, true));
  },
  toReader: (view) => ({ ...view, eventTime: view.eventTime ?? null }),
  toStored(view, current) {
    const event: Event = { apiVersion: 'v1', kind: 'Event', metadata: view.metadata, involvedObject: {} };
    for (const name of same) take(view, event, name, name);
    for (const [name, stored] of renamed) take(view, event, name, stored);
    return withOwners(event, [...ownersOf(current, false), ...ownersOf(view, true)]);
  },
  fields: {
    reportingController: 'reportingComponent',
    ...Object.fromEntries(
      ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((name) => [
        `regarding.${name}`,
        `involvedObject.${name}`,
      ]),
    ),
  },
};
