import type { Field, FieldType, MessageType } from './message.ts';

/** A message type from its fields by number: the JSON name, the type, and whether there may be several. */
export const messageOf = (
  fields: Record<number, readonly [name: string, type: FieldType, repeated?: 'repeated']>,
): MessageType => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([number, [name, type, repeated]]): [string, Field] => [
      number,
      { name, type, ...(repeated === undefined ? {} : { repeated: true }) },
    ]),
  ),
});
