import { setMember } from '../../meta/json-object.ts';
import { toTime } from '../../meta/object.ts';
import { readFields, WireError } from './wire.ts';

/** Type of a field: what its bytes mean, and what they become in JSON. */
export type FieldType =
  | 'string'
  /** Base64 in JSON. */
  | 'bytes'
  | 'int'
  | 'bool'
  /** Seconds and nanoseconds; RFC 3339 in JSON. */
  | 'time'
  /** The same with microseconds. */
  | 'microTime'
  /** JSON inside a message of one bytes field, as it is. */
  | 'rawJson'
  | MessageType
  | { readonly map: MapValue };

/** What the values of a map are; `strings` is a message of one repeated text. */
type MapValue = 'string' | 'bytes' | 'strings';

/** A field of a message: its JSON name and its type. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: boolean;
}

/** A message type: its fields by number. */
export interface MessageType {
  readonly fields: Readonly<Record<number, Field>>;
}

const maxDepth = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function bytesOf(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw new WireError('a number stands where text or a message is expected');
  return value;
}

function numberOf(value: bigint | Buffer): bigint {
  if (typeof value !== 'bigint') throw new WireError('bytes stand where a number is expected');
  return value;
}

function text(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new WireError('a text is not UTF-8');
  }
}

function fieldsByNumber(bytes: Buffer): Map<number, bigint | Buffer> {
  const found = new Map<number, bigint | Buffer>();
  for (const { number, value } of readFields(bytes)) found.set(number, value);
  return found;
}

function time(bytes: Buffer, micro: boolean): string | null {
  const found = fieldsByNumber(bytes);
  if (found.size === 0) return null;
  const seconds = Number(BigInt.asIntN(64, numberOf(found.get(1) ?? 0n)));
  const nanoseconds = Number(BigInt.asIntN(32, numberOf(found.get(2) ?? 0n)));
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()) || nanoseconds < 0 || nanoseconds >= 1e9) {
    throw new WireError('a time is out of range');
  }
  const text = toTime(date);
  if (!micro) return text;
  return `${text.slice(0, -1)}.${String(Math.floor(nanoseconds / 1000)).padStart(6, '0')}Z`;
}

function rawJson(bytes: Buffer): unknown {
  const raw = fieldsByNumber(bytes).get(1);
  if (raw === undefined) return null;
  try {
    return JSON.parse(text(bytesOf(raw)));
  } catch (error) {
    if (error instanceof WireError) throw error;
    throw new WireError('an embedded value is not JSON');
  }
}

function integer(value: bigint): number {
  const signed = BigInt.asIntN(64, value);
  if (signed > BigInt(Number.MAX_SAFE_INTEGER) || signed < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new WireError(`the number ${signed} is out of range`);
  }
  return Number(signed);
}

function decodeField(
  type: Exclude<FieldType, { readonly map: MapValue }>,
  value: bigint | Buffer,
  depth: number,
): unknown {
  if (typeof type === 'object') return decodeMessage(type, bytesOf(value), depth + 1);
  switch (type) {
    case 'string':
      return text(bytesOf(value));
    case 'bytes':
      return bytesOf(value).toString('base64');
    case 'int':
      return integer(numberOf(value));
    case 'bool':
      return numberOf(value) !== 0n;
    case 'time':
    case 'microTime':
      return time(bytesOf(value), type === 'microTime');
    case 'rawJson':
      return rawJson(bytesOf(value));
  }
}

function texts(bytes: Buffer): string[] {
  return [...readFields(bytes)].filter(({ number }) => number === 1).map(({ value }) => text(bytesOf(value)));
}

function addMapEntry(target: Record<string, unknown>, name: string, type: MapValue, bytes: Buffer): void {
  const entry = fieldsByNumber(bytes);
  const value = bytesOf(entry.get(2) ?? Buffer.alloc(0));
  const map = (target[name] ?? {}) as Record<string, unknown>;
  const decoded = type === 'strings' ? texts(value) : decodeField(type, value, 0);
  setMember(map, text(bytesOf(entry.get(1) ?? Buffer.alloc(0))), decoded);
  target[name] = map;
}

/**
 * Decodes a message into the value its JSON form would have. Fields of unknown numbers are skipped, as every protobuf
 * reader does.
 * @throws WireError
 */
export function decodeMessage(type: MessageType, bytes: Buffer, depth = 0): Record<string, unknown> {
  if (depth > maxDepth) throw new WireError('messages are nested too deeply');
  const result: Record<string, unknown> = {};
  for (const { number, value } of readFields(bytes)) {
    const field = type.fields[number];
    if (field === undefined) continue;
    if (typeof field.type === 'object' && 'map' in field.type) {
      addMapEntry(result, field.name, field.type.map, bytesOf(value));
      continue;
    }
    const decoded = decodeField(field.type, value, depth);
    if (field.repeated !== true) {
      // Go writes plain fields also when they are empty; their JSON form leaves them out.
      if (decoded !== '' && decoded !== null) result[field.name] = decoded;
      continue;
    }
    const items = result[field.name] as unknown[] | undefined;
    if (items === undefined) result[field.name] = [decoded];
    else items.push(decoded);
  }
  return result;
}
