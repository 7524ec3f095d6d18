import type { Answer, Json } from '../harness/api-client.ts';

/** Fields that say nothing where they are empty, and that servers write or leave out as they like. */
const optional = ['data', 'binaryData', 'secrets', 'imagePullSecrets'] as const;

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/**
 * An answer without what differs from one server, and from one moment, to the next: identities, revisions, times. Of errors, code and
 * reason.
 */
export function withoutChance({ status, json }: Answer): Json {
  if (json === undefined) return { status };
  if (json.kind === 'Status') return { code: json.code, reason: json.reason };
  const { uid: _, resourceVersion: __, creationTimestamp: ___, managedFields = [], ...metadata } = json.metadata;
  const entries = managedFields.map(({ time: ____, ...entry }: Json) => JSON.stringify(sorted(entry)));
  const object = { ...json, metadata };
  for (const field of optional) {
    if (object[field] !== undefined && Object.keys(object[field] ?? {}).length === 0) delete object[field];
  }
  return { status, object: sorted(object), managedFields: entries.sort() };
}
