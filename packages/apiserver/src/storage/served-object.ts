import type { KubernetesObject } from '../meta/object.ts';
import type { ObjectKey } from './store.ts';

/**
 * An object on its way to clients: its encoded bytes, shared by every list and watch that sends them, and the few fields that
 * selectors and tables need. Parsed further only on demand. Immutable.
 */
export interface ServedObject {
  readonly key: ObjectKey;
  readonly uid: string;
  /** The `resourceVersion` that is in `bytes`. */
  readonly revision: number;
  /** The object as JSON (UTF-8), `resourceVersion` included. */
  readonly bytes: Buffer;
  /** Where the value of `metadata` stands in `bytes`: from `{` up to and after `}`. */
  readonly metadataStart: number;
  readonly metadataEnd: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Values of the resource's selectable fields, by field path; always has metadata.name and metadata.namespace. */
  readonly fields: Readonly<Record<string, string>>;
  /** What the resource's definition keeps ready for tables (see `TableConvertor.cells`). */
  readonly cells: readonly unknown[];
  /** RFC 3339, or the empty string. */
  readonly creationTimestamp: string;
  /** What the content is found by; null where the resource has none. */
  readonly content: string | null;
  readonly contentRevision: number;
  /** Whether its metadata is known to have no owners, no annotations and no deletion: whoever looks for these need not look into it. */
  readonly isPlain: boolean;
  /** A fresh parse; the caller may change it. */
  decode<T extends KubernetesObject = KubernetesObject>(): T;
}

/** One event of a watch. */
export interface ServedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** For DELETED: the last state, with the deletion's revision as its resourceVersion. */
  readonly object: ServedObject;
  /** The state before, needed to tell who entered or left a selector; undefined when the object is new. */
  readonly previous: ServedObject | undefined;
}
