import { droppedWhenEmpty, type KubernetesObject } from '../meta/object.ts';
import { isEmpty } from '../schema/drop-empty.ts';

/**
 * An object as the store keeps it: JSON with `apiVersion`, `kind` and `metadata` first and all other keys sorted, at every
 * depth, so that equal objects have equal text. Left out: `metadata.resourceVersion`, which the store adds when it serves the
 * object, a null `metadata.creationTimestamp`, labels, annotations, finalizers and owners of which there are none, and undefined
 * values.
 * @throws TypeError for an object without apiVersion, kind or metadata
 */
export function encodeObject(object: KubernetesObject): string {
  checkParts(object);
  return joined(object, encodeMembers(object.metadata, isLeftOutOfMetadata), encodeMembers(object, standsInFront));
}

/**
 * The same with keys in the order in which they stand, for an object that is sent and never compared.
 * @throws TypeError as `encodeObject`
 */
export function encodeUnsorted(object: KubernetesObject): string {
  const { metadata, rest } = storedParts(object);
  return joined(object, JSON.stringify(metadata), JSON.stringify(rest));
}

function joined({ apiVersion, kind }: KubernetesObject, metadata: string, rest: string): string {
  return `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":${metadata}${
    rest === '{}' ? '}' : `,${rest.slice(1)}`
  }`;
}

function checkParts({ apiVersion, kind, metadata }: KubernetesObject): void {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata !== 'object' || metadata === null) {
    throw new TypeError('an object to be stored needs apiVersion, kind and metadata');
  }
}

function storedParts(object: KubernetesObject) {
  checkParts(object);
  const { apiVersion, kind, metadata, ...rest } = object;
  const kept = Object.entries(metadata).filter(([key, member]) => !isLeftOutOfMetadata(key, member));
  return { apiVersion, kind, metadata: Object.fromEntries(kept), rest };
}

/** Decides what is not encoded of an object. */
type LeavesOut = (key: string, member: unknown) => boolean;

const standsInFront: LeavesOut = (key) => key === 'apiVersion' || key === 'kind' || key === 'metadata';

const leftOutWhenEmpty: ReadonlySet<string> = new Set(droppedWhenEmpty);

const isLeftOutOfMetadata: LeavesOut = (key, member) =>
  key === 'resourceVersion' ||
  (key === 'creationTimestamp' && member === null) ||
  (leftOutWhenEmpty.has(key) && isEmpty(member));

/**
 * Whether the store would keep two objects as the same text. Looks for a difference, which is found at once in most that have one, and sorts
 * nothing.
 * @throws TypeError as `encodeObject`
 */
export function sameEncodedObject(a: KubernetesObject, b: KubernetesObject): boolean {
  return sameEncodedValue(storedParts(a), storedParts(b));
}

/** Whether two values have the same text by `encodeValue`. */
export function sameEncodedValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'string' && typeof b === 'string') return false;
  if (!isPlain(a) || !isPlain(b)) return encodeValue(a) === encodeValue(b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameEncodedValue(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  let more = 0;
  for (const key of Object.keys(a)) {
    const member = a[key];
    if (!isEncoded(member)) continue;
    if (!Object.hasOwn(b, key) || !isEncoded(b[key]) || !sameEncodedValue(member, b[key])) return false;
    more++;
  }
  for (const key of Object.keys(b)) if (isEncoded(b[key])) more--;
  return more === 0;
}

/** Any JSON value in the form of `encodeObject`: keys sorted at every depth, undefined members left out. */
export function encodeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(',')}]`;
  return hasToJson(value) ? encodeValue(value.toJSON()) : encodeMembers(value);
}

function encodeMembers(object: object, leavesOut?: LeavesOut): string {
  let members = '';
  for (const key of sortedKeys(object)) {
    const member = (object as Record<string, unknown>)[key];
    if (!isEncoded(member) || leavesOut?.(key, member) === true) continue;
    members += `${members === '' ? '' : ','}${encodeKey(key)}${encodeValue(member)}`;
  }
  return `{${members}}`;
}

/** Up to as many keys, moving each to its place beats a sort with all that it has to prepare. */
const fewKeys = 16;

function sortedKeys(object: object): string[] {
  const keys = Object.keys(object);
  if (keys.length > fewKeys) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

/** Encoded keys, with their colon: most objects have the same few hundred. */
const encodedKeys = new Map<string, string>();
const mostEncodedKeys = 2000;

function encodeKey(key: string): string {
  let encoded = encodedKeys.get(key);
  if (encoded === undefined) {
    encoded = `${JSON.stringify(key)}:`;
    if (encodedKeys.size < mostEncodedKeys && key.length < 64) encodedKeys.set(key, encoded);
  }
  return encoded;
}

/** Whether a member of an object is encoded, or left out. */
function isEncoded(member: unknown): boolean {
  return member !== undefined && typeof member !== 'function' && typeof member !== 'symbol';
}

/** Whether a value is encoded by its elements or members. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !hasToJson(value);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
