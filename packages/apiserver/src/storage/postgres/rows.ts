import type { Sealing } from '../sealing.ts';
import type { Change, ObjectKey, StoredObject } from '../store.ts';
import { openText } from './sealed-text.ts';

/** A row of `objects`. */
export interface ObjectRow {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: number;
  readonly value: string;
  readonly content: string | null;
  readonly content_revision: number;
}

/** A row of `log`: the state after a put, the last state for a delete. */
export interface LogRow extends ObjectRow {
  /** Revisions of the first and last change of the same write set. */
  readonly first: number;
  readonly last: number;
  readonly type: 'put' | 'delete';
  readonly previous_revision: number;
}

/** A row of what is joined to the counter and may be missing. */
export type Joined<Row> = { readonly [name in keyof Row]: Row[name] | null };

/** Whether something was joined. */
export function isThere<Row extends { readonly revision: number }>(row: Joined<Row>): row is Joined<Row> & Row {
  return row.revision !== null;
}

/** The key of the object in a row. */
export function keyOf(row: ObjectRow): ObjectKey {
  return { resource: row.resource, namespace: row.namespace, name: row.name };
}

/** The object in a row, opened. */
export function toStored(row: ObjectRow, sealing: Sealing): StoredObject {
  const key = keyOf(row);
  return {
    key,
    uid: row.uid,
    revision: row.revision,
    value: openText(sealing, key, row.value),
    content: row.content,
    contentRevision: row.content_revision,
  };
}

/** The change in a row of the log, opened. */
export function toChange(row: LogRow, sealing: Sealing): Change {
  return {
    type: row.type,
    revision: row.revision,
    previousRevision: row.previous_revision,
    object: toStored(row, sealing),
  };
}
