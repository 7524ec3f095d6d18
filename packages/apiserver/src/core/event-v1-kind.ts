import { isDeepStrictEqual } from 'node:util';
import { type FieldError, fieldError } from '../meta/field-error.ts';
import { qualifiedNameErrors } from '../meta/names.ts';
import { convertedStorage } from '../registry/converted-storage.ts';
import type { ResourceDefinition, ResourceStorage, Strategy } from '../registry/resource.ts';
import type { Event } from './event.ts';
import { eventKind } from './event-kind.ts';
import { type EventV1, eventConversion, eventV1Schema } from './event-v1.ts';
import { extractionOf, type ResourceKind, withStorage } from './resource-kind.ts';

const longest = { reportingInstance: 128, action: 128, reason: 128, note: 1024 } as const;
const required = ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason'] as const;
const deprecated = [
  'deprecatedSource',
  'deprecatedFirstTimestamp',
  'deprecatedLastTimestamp',
  'deprecatedCount',
] as const;
const types = ['Normal', 'Warning'];

/** A value without what says nothing: clients in Go send empty texts, zeros and empty objects for fields that nobody has set. */
function said(value: unknown): unknown {
  if (value === null || value === '' || value === 0) return undefined;
  if (typeof value !== 'object') return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const kept = said(member);
    return kept === undefined ? [] : [[name, kept]];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function seriesErrors({ series }: EventV1): FieldError[] {
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) errors.push(fieldError.invalid('series.count', series.count, 'should be at least 2'));
  if ((series.lastObservedTime ?? '') === '') errors.push(fieldError.required('series.lastObservedTime'));
  return errors;
}

function newErrors(event: EventV1): FieldError[] {
  const errors: FieldError[] = [];
  const about = event.regarding?.namespace ?? '';
  const { namespace = '' } = event.metadata;
  if (about !== namespace && !(about === '' && (namespace === 'default' || namespace === 'kube-system'))) {
    errors.push(fieldError.invalid('regarding.namespace', about, 'does not match event.namespace'));
  }
  for (const name of required) if ((event[name] ?? '') === '') errors.push(fieldError.required(name));
  const controller = event.reportingController ?? '';
  if (controller !== '') {
    for (const detail of qualifiedNameErrors(controller)) {
      errors.push(fieldError.invalid('reportingController', controller, detail));
    }
  }
  for (const [name, most] of Object.entries(longest) as [keyof typeof longest, number][]) {
    if ((event[name] ?? '').length > most) errors.push(fieldError.tooLong(name, most));
  }
  if (!types.includes(event.type ?? '')) errors.push(fieldError.notSupported('type', event.type ?? '', types));
  for (const name of deprecated) {
    if (said(event[name]) !== undefined) errors.push(fieldError.forbidden(name, 'is of events of the core group'));
  }
  return [...errors, ...seriesErrors(event)];
}

/** Only the series of an event goes on. */
function changeErrors(event: EventV1, old: EventV1): FieldError[] {
  const fixed = ['regarding', 'related', 'note', 'type', ...required, ...deprecated] as const;
  const errors = fixed
    .filter((name) => !isDeepStrictEqual(said(event[name]), said(old[name])))
    .map((name) => fieldError.invalid(name, event[name], 'field is immutable'));
  return [...errors, ...seriesErrors(event)];
}

const strategy: Strategy<EventV1> = {
  validate: (_context, object) => newErrors(object),
  validateUpdate: (_context, object, old) => changeErrors(object, old),
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: true,
};

const stored = (event: EventV1) => eventConversion.toStored(event, undefined);
const selectable = ['reason', 'type', ...Object.keys(eventConversion.fields)];

/** `events` of the group events.k8s.io: the events of the core group in other words. */
export const eventV1Kind: ResourceKind<EventV1> = {
  ...eventKind,
  group: 'events.k8s.io',
  description: 'Something that happened to an object, as controllers report it. Events are forgotten after a while.',
  schema: eventV1Schema,
  strategy,
  table: { columns: eventKind.table.columns, cells: (event) => eventKind.table.cells(stored(event)) },
  selectableFields: {
    of: (event) => eventKind.selectableFields?.of(stored(event)) ?? {},
    known: (field) => selectable.includes(field),
    names: selectable,
  },
  default(event) {
    if (event.eventTime === null) delete event.eventTime;
  },
};

/** The definition over the storage of events of the core group. */
export function eventV1Definition(events: Required<ResourceStorage<Event>>): ResourceDefinition<EventV1> {
  const [resource, rules] = extractionOf(eventV1Kind);
  return withStorage(eventV1Kind, convertedStorage({ stored: events, conversion: eventConversion, resource, rules }));
}
