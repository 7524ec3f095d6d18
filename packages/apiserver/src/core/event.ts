import Type from 'typebox';
import type { KubernetesObject } from '../meta/object.ts';
import { fields } from '../schema/fields.ts';
import { type ObjectReference, objectReferenceSchema } from './object-reference.ts';

/** Something that happened to an object, told by the program that did or saw it. Core group. */
export interface Event extends KubernetesObject {
  involvedObject: ObjectReference;
  reason?: string;
  message?: string;
  source?: { component?: string; host?: string };
  firstTimestamp?: string;
  lastTimestamp?: string;
  count?: number;
  type?: string;
  eventTime?: string;
  series?: { count?: number; lastObservedTime?: string };
  action?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

/** Schema of events. */
export const eventSchema = Type.Object({
  involvedObject: objectReferenceSchema('The object that the event is about.'),
  reason: fields.text('Why it happened, in one word for programs.'),
  message: fields.text('What happened, for people.'),
  source: Type.Optional(
    Type.Object(
      { component: fields.text('Program that reports the event.'), host: fields.text('Machine it runs on.') },
      { description: 'Who reports the event.' },
    ),
  ),
  firstTimestamp: fields.time('When it first happened.'),
  lastTimestamp: fields.time('When it last happened.'),
  count: fields.integer('How often it has happened.'),
  type: fields.text('Normal or Warning.'),
  eventTime: fields.microTime('When it happened.'),
  series: Type.Optional(
    Type.Object(
      {
        count: fields.integer('How often it has happened in this series.'),
        lastObservedTime: fields.microTime('When it last happened.'),
      },
      { description: 'What is known of an event that goes on happening.' },
    ),
  ),
  action: fields.text('What was done, or failed.'),
  related: Type.Optional(objectReferenceSchema('Another object that the event is about.')),
  reportingComponent: fields.text('Controller that reports the event.'),
  reportingInstance: fields.text('Which instance of the controller it is.'),
});

/** When an event last happened, or the empty string. */
export function lastSeen(event: Event): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '';
}
