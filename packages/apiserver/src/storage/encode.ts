import type { KubernetesObject } from '../meta/object.ts';

/**
 * An object as the store keeps it: JSON with `apiVersion`, `kind` and `metadata` first and all other keys sorted, at every
 * depth, so that equal objects have equal text. Left out: `metadata.resourceVersion`, which the store adds when it serves the
 * object, a null `metadata.creationTimestamp`, and undefined values.
 * @throws TypeError for an object without apiVersion, kind or metadata
 */
export function encodeObject(object: KubernetesObject): string {
  const { apiVersion, kind, metadata, ...rest } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata !== 'object' || metadata === null) {
    throw new TypeError('an object to be stored needs apiVersion, kind and metadata');
  }
  const { resourceVersion: _, ...kept } = metadata;
  if (kept.creationTimestamp === null) delete kept.creationTimestamp;
  const members = encodeMembers(rest as Record<string, unknown>);
  return `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":${encodeValue(kept)}${
    members === '' ? '' : `,${members}`
  }}`;
}

/** Any JSON value in the form of `encodeObject`: keys sorted at every depth, undefined members left out. */
export function encodeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(',')}]`;
  if (hasToJson(value)) return encodeValue(value.toJSON());
  return `{${encodeMembers(value as Record<string, unknown>)}}`;
}

function encodeMembers(object: Record<string, unknown>): string {
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${encodeValue(value)}`;
  }
  return text;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
