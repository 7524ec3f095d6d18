import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coreKinds } from './core-kinds.ts';
import { decodeProtobufBody } from './decode.ts';
import type { Field, FieldType, MessageType } from './message.ts';
import { rbacKinds } from './rbac-kinds.ts';
import { reviewKinds } from './review-kinds.ts';

type Json = Record<string, unknown>;

const texts = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }));
const seconds = fc.integer({ min: 0, max: 253_402_300_799 });
const isMap = (type: FieldType): type is Extract<FieldType, { readonly map: unknown }> =>
  typeof type === 'object' && 'map' in type;

/** A time as Kubernetes writes it in JSON, with so many digits after the seconds. */
function timeText(second: number, micros: number | undefined): string {
  const whole = new Date(second * 1000).toISOString().slice(0, 19);
  return micros === undefined ? `${whole}Z` : `${whole}.${String(micros).padStart(6, '0')}Z`;
}

function valuesOf(type: FieldType): fc.Arbitrary<unknown> {
  if (typeof type === 'object') {
    if (!isMap(type)) return messagesOf(type);
    const value = { string: fc.string(), bytes: bytes(), strings: fc.array(fc.string(), { maxLength: 3 }) }[type.map];
    return fc.dictionary(fc.string(), value as fc.Arbitrary<unknown>, { minKeys: 1, maxKeys: 3 });
  }
  switch (type) {
    case 'string':
      return texts;
    case 'bytes':
      return bytes();
    case 'int':
      return fc.maxSafeInteger();
    case 'bool':
      return fc.boolean();
    case 'time':
      return seconds.map((second) => timeText(second, undefined));
    case 'microTime':
      return fc.tuple(seconds, fc.nat(999_999)).map(([second, micros]) => timeText(second, micros));
    case 'rawJson':
      return fc.dictionary(fc.string(), fc.jsonValue());
  }
}

const bytes = (): fc.Arbitrary<string> => fc.uint8Array().map((array) => Buffer.from(array).toString('base64'));

/** JSON forms of a message; fields that are empty are left out. */
function messagesOf({ fields }: MessageType): fc.Arbitrary<Json> {
  const entries = Object.values(fields).map(({ name, type, repeated }): [string, fc.Arbitrary<unknown>] => [
    name,
    repeated === true ? fc.array(valuesOf(type), { minLength: 1, maxLength: 3 }) : valuesOf(type),
  ]);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] }).map((value) => ({ ...value }));
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 0x7fn) | 0x80);
  }
}

const number = (at: number, value: bigint): Buffer => Buffer.concat([varint(BigInt(at << 3)), varint(value)]);
const block = (at: number, value: Buffer): Buffer =>
  Buffer.concat([varint(BigInt((at << 3) | 2)), varint(BigInt(value.length)), value]);
const text = (at: number, value: string): Buffer => block(at, Buffer.from(value));

function encodeTime(value: string): Buffer {
  const [whole = '', micros = '0'] = value.slice(0, -1).split('.');
  const second = BigInt(Date.parse(`${whole}Z`) / 1000);
  return Buffer.concat([number(1, second), number(2, BigInt(micros) * 1000n)]);
}

function encodeField(at: number, type: FieldType, value: unknown): Buffer {
  if (typeof type === 'object') {
    if (!isMap(type)) return block(at, encodeMessage(type, value as Json));
    const entries = Object.entries(value as Json).map(([key, item]) => {
      const encoded =
        type.map === 'strings'
          ? block(2, Buffer.concat((item as string[]).map((each) => text(1, each))))
          : encodeField(2, type.map, item);
      return block(at, Buffer.concat([text(1, key), encoded]));
    });
    return Buffer.concat(entries);
  }
  switch (type) {
    case 'string':
      return text(at, value as string);
    case 'bytes':
      return block(at, Buffer.from(value as string, 'base64'));
    case 'int':
      return number(at, BigInt(value as number));
    case 'bool':
      return number(at, value === true ? 1n : 0n);
    case 'time':
    case 'microTime':
      return block(at, encodeTime(value as string));
    case 'rawJson':
      return block(at, text(1, JSON.stringify(value)));
  }
}

function encodeMessage({ fields }: MessageType, value: Json): Buffer {
  const parts = Object.entries(fields).flatMap(([at, { name, type, repeated }]: [string, Field]) => {
    if (!Object.hasOwn(value, name)) return [];
    const each = repeated === true ? (value[name] as readonly unknown[]) : [value[name]];
    return each.map((item) => encodeField(Number(at), type, item));
  });
  return Buffer.concat(parts);
}

it.each(Object.entries({ ...coreKinds, ...rbacKinds, ...reviewKinds }))(
  '%s is decoded to what was encoded',
  (name, type) => {
    const [apiVersion = '', kind = ''] = name.split(' ');
    fc.assert(
      fc.property(messagesOf(type), (value) => {
        const envelope = [
          block(1, Buffer.concat([text(1, apiVersion), text(2, kind)])),
          block(2, encodeMessage(type, value)),
        ];
        const body = Buffer.concat([Buffer.from('k8s\0'), ...envelope]);
        const decoded = JSON.stringify(decodeProtobufBody(body));
        expect(JSON.parse(decoded)).toEqual(JSON.parse(JSON.stringify({ apiVersion, kind, ...value })));
      }),
      { numRuns: 50 },
    );
  },
);
