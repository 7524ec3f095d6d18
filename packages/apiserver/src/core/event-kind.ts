import { type FieldError, fieldError } from '../meta/field-error.ts';
import { pathSegmentErrors } from '../meta/names.ts';
import { type SelectableFields, SinceCell, type Strategy, type TableConvertor } from '../registry/resource.ts';
import { column, wideColumn } from './columns.ts';
import { type Event, eventSchema, lastSeen } from './event.ts';
import type { ResourceKind } from './resource-kind.ts';

const references = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;
const others = ['reason', 'reportingComponent', 'source', 'type'];
const selectable = new Set([...references.map((field) => `involvedObject.${field}`), ...others]);

function reporter({ source, reportingComponent }: Event): string {
  return source?.component || (reportingComponent ?? '');
}

const selectors: SelectableFields<Event> = {
  of: (event) => ({
    ...Object.fromEntries(references.map((field) => [`involvedObject.${field}`, event.involvedObject[field] ?? ''])),
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: reporter(event),
    type: event.type ?? '',
  }),
  known: (field) => selectable.has(field),
  names: [...selectable],
};

function errors({ involvedObject, metadata, type }: Event): FieldError[] {
  const found: FieldError[] = [];
  const about = involvedObject.namespace ?? '';
  const mayDiffer = about === '' && (metadata.namespace === 'default' || metadata.namespace === 'kube-system');
  if (about !== metadata.namespace && !mayDiffer) {
    found.push(fieldError.invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  }
  if (type !== undefined && type.length > 1024) found.push(fieldError.tooLong('type', 1024));
  return found;
}

const strategy: Strategy<Event> = {
  validate: (_context, object) => errors(object),
  validateUpdate: (_context, object) => errors(object),
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: true,
};

function objectText({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

const table: TableConvertor<Event> = {
  columns: [
    column('Last Seen', 'string', 'Time since it last happened.'),
    column('Type', 'string', 'Normal or Warning.'),
    column('Reason', 'string', 'Why it happened.'),
    column('Object', 'string', 'What it happened to.'),
    wideColumn('Subobject', 'string', 'The part of the object it happened to.'),
    wideColumn('Source', 'string', 'Who reports it.'),
    column('Message', 'string', 'What happened.'),
    wideColumn('First Seen', 'string', 'Time since it first happened.'),
    wideColumn('Count', 'integer', 'How often it has happened.'),
    { ...wideColumn('Name', 'string', 'Name of the event.'), format: 'name' },
  ],
  cells: (event) => [
    new SinceCell(lastSeen(event)),
    event.type ?? '',
    event.reason ?? '',
    objectText(event),
    event.involvedObject.fieldPath ?? '',
    [reporter(event), event.source?.host || (event.reportingInstance ?? '')].filter((part) => part !== '').join(', '),
    (event.message ?? '').trim(),
    new SinceCell(event.firstTimestamp ?? event.eventTime ?? ''),
    event.series?.count ?? event.count ?? 1,
    event.metadata.name ?? '',
  ],
};

/** `events` of the core group. */
export const eventKind: ResourceKind<Event> = {
  group: '',
  version: 'v1',
  plural: 'events',
  singular: 'event',
  kind: 'Event',
  listKind: 'EventList',
  shortNames: ['ev'],
  namespaced: true,
  // Recorders name events after the objects that they are about, whatever those are called.
  nameErrors: pathSegmentErrors,
  description: 'Something that happened to an object. Events are forgotten after a while.',
  schema: eventSchema,
  strategy,
  table,
  selectableFields: selectors,
  strategicMergePatch: true,
};
