import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeContinue, encodeContinue } from '../registry/continue-token.ts';
import { ageCell } from '../registry/resource.ts';
import { readJson } from '../schema/read-json.ts';
import { readYaml } from '../schema/read-yaml.ts';
import { encodeObject } from '../storage/encode.ts';
import { serveStored, withRevision } from '../storage/served.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { createEventEncoder } from '../watch/event-encoder.ts';
import { listBody } from './list-body.ts';
import type { OutputForm } from './output-form.ts';
import { createResourceEncoder, encodeAnswer } from './resource-encoder.ts';

type Json = Record<string, unknown>;

const column = { name: 'Age', type: 'string', format: '', description: '', priority: 0 } as const;
const encoder = createResourceEncoder({
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  listKind: 'ThingList',
  table: { columns: [column], cells: () => [ageCell] },
});
const now = Date.parse('2026-01-01T00:00:30Z');

/** Text of every sort, with what YAML and JSON have special words and signs for. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    'null',
    'true',
    'no',
    '~',
    '1',
    '1e3',
    '0x10',
    '2026-01-01',
    '- a',
    'a: b',
    '# c',
    ' x ',
    '|',
    '%',
  ),
  fc
    .array(fc.constantFrom('a', ' ', '\n', '\t', '  ', '#', ': ', '\r', '"', "'", '\u2028', '\u0085'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);
const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
);
const plain: fc.Memo<unknown> = fc.memo(
  (depth): fc.Arbitrary<unknown> =>
    depth <= 1
      ? fc.oneof(texts, numbers, fc.boolean())
      : fc.oneof(
          texts,
          numbers,
          fc.array(plain(depth - 1), { maxLength: 4 }),
          fc.dictionary(texts, plain(depth - 1), { maxKeys: 4 }),
        ),
);
/** Where there is nothing of them, they are left out. */
const metadata = fc.record(
  {
    name: texts,
    namespace: texts,
    labels: fc.dictionary(texts, texts, { minKeys: 1, maxKeys: 3 }),
    annotations: fc.dictionary(texts, texts, { minKeys: 1 }),
  },
  { requiredKeys: ['name'] },
);
const objects = fc
  .record({ metadata, spec: plain(3), status: plain(2) }, { requiredKeys: ['metadata'] })
  .map((rest): Json => JSON.parse(JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Thing', ...rest })));
const revisions = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

function served(object: Json, revision: number): ServedObject {
  const key = { resource: 'things.example.com', namespace: 'default', name: 'a' };
  const value = encodeObject(object as never);
  return serveStored({ key, uid: 'u', revision, value, content: null, contentRevision: 0 }, undefined);
}

/** The object as clients see it. */
const seen = (object: Json, revision: number): Json => ({
  ...object,
  metadata: { ...(object['metadata'] as Json), resourceVersion: String(revision) },
});

const none = { type: 'none' } as const;
const forms: readonly OutputForm[] = [
  { format: 'json', pretty: false, transform: none },
  { format: 'json', pretty: true, transform: none },
  { format: 'yaml', pretty: false, transform: none },
];
const read = (form: OutputForm, bytes: Buffer): unknown =>
  (form.format === 'yaml' ? readYaml(bytes) : readJson(bytes)).value;

async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe('what is encoded is decoded to the same', () => {
  it('an object, in every format', () => {
    fc.assert(
      fc.property(objects, revisions, (object, revision) => {
        const sent = served(object, revision);
        expect(sent.decode()).toEqual(seen(object, revision));
        expect(withRevision(sent, 7).decode()).toEqual(seen(object, 7));
        for (const form of forms)
          expect(read(form, encodeAnswer(encoder, sent, form, now))).toEqual(seen(object, revision));
      }),
      { numRuns: 300 },
    );
  });

  it('a list, in every format, whole or as metadata', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(objects, { maxLength: 3 }), revisions, async (all, revision) => {
        const items = all.map((object) => served(object, revision));
        for (const form of forms) {
          const bytes = await whole(listBody(encoder, items, { resourceVersion: '9', continue: 'x' }, form, now));
          expect(read(form, bytes)).toEqual({
            kind: 'ThingList',
            apiVersion: 'example.com/v1',
            metadata: { resourceVersion: '9', continue: 'x' },
            items: all.map((object) => seen(object, revision)),
          });
          const partial = { ...form, transform: { type: 'partial', version: 'v1' } } as const;
          const meta = await whole(listBody(encoder, items, { resourceVersion: '9' }, partial, now));
          expect(read(form, meta)).toMatchObject({
            kind: 'PartialObjectMetadataList',
            items: all.map((object) => ({ metadata: seen(object, revision)['metadata'] })),
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('an event of a watch, one line each', () => {
    const events = createEventEncoder(() => now);
    fc.assert(
      fc.property(objects, revisions, fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'), (object, revision, type) => {
        const event = { type, revision, object: served(object, revision), previous: undefined } as const;
        const line = events.shared(encoder, event, none).toString('utf8');
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toEqual({ type, object: seen(object, revision) });
      }),
    );
  });

  it('a continue token', () => {
    const position = fc.record({
      revision: fc.nat(),
      namespace: texts.filter((text) => !text.includes('/')),
      name: texts,
    });
    fc.assert(
      fc.property(position, (given) => {
        const token = encodeContinue(given);
        expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeContinue(token)).toEqual(given);
      }),
    );
  });
});
