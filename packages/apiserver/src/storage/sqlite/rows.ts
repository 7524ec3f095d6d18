import type { Sealing, StoredValue } from '../sealing.ts';
import type { ObjectKey, StoredObject } from '../store.ts';

/** A row of `objects`. */
export interface ObjectRow {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: number;
  readonly value: StoredValue;
  readonly content: string | null;
  readonly content_revision: number;
}

/** A row of `log`: the state after a put, the last state for a delete. */
export interface LogRow extends ObjectRow {
  /** Revision of the first change of the same write set. */
  readonly write_set: number;
  readonly time: number;
  readonly type: 'put' | 'delete';
  readonly previous_revision: number;
}

/** The key of the object in a row. */
function keyOf(row: ObjectRow): ObjectKey {
  return { resource: row.resource, namespace: row.namespace, name: row.name };
}

/** A row without its value. */
export function withoutValue(row: ObjectRow): Omit<StoredObject, 'value'> {
  return {
    key: keyOf(row),
    uid: row.uid,
    revision: row.revision,
    content: row.content,
    contentRevision: row.content_revision,
  };
}

/** The object in a row, opened. */
export function toStored(row: ObjectRow, sealing: Sealing): StoredObject {
  const slim = withoutValue(row);
  return { ...slim, value: sealing.open(slim.key, row.value) };
}
