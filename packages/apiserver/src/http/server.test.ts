import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { http1Client, http2Client, type TrialClient } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
beforeAll(async () => {
  trial = await startTrialServer();
});
afterAll(async () => trial.close());

const collection = (namespace: string): string => `/apis/example.com/v1/namespaces/${namespace}/widgets`;

function widget(
  name: string,
  spec: Record<string, unknown> = { color: 'red' },
  metadata: Record<string, unknown> = {},
) {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, spec };
}

describe.each(['http/1.1', 'h2'] as const)('over %s', (protocol) => {
  const namespace = protocol === 'h2' ? 'two' : 'one';
  const base = collection(namespace);
  let client: TrialClient;
  beforeAll(() => {
    client = protocol === 'h2' ? http2Client(trial, trial.admin) : http1Client(trial, trial.admin);
  });
  afterAll(() => client.close());

  const create = (name: string, spec?: Record<string, unknown>, metadata?: Record<string, unknown>) =>
    client.send(base, { method: 'POST', body: widget(name, spec, metadata) });

  it('creates, reads, replaces and deletes an object', async () => {
    const created = await create('first', { color: 'red' }, { uid: 'mine', generation: 7 });
    expect(created.status).toBe(201);
    const object = created.json();
    expect(object.metadata).toMatchObject({ name: 'first', namespace });
    expect(object.metadata.uid).not.toBe('mine');
    expect(object.metadata.generation).not.toBe(7);

    const read = await client.send(`${base}/first`);
    expect(read.json()).toEqual(object);
    expect(read.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    expect(read.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);

    object.spec.color = 'blue';
    const replaced = await client.send(`${base}/first`, { method: 'PUT', body: object });
    expect([replaced.status, replaced.json().spec.color]).toEqual([200, 'blue']);

    const stale = await client.send(`${base}/first`, { method: 'PUT', body: { ...object, spec: { color: 'green' } } });
    expect([stale.status, stale.json().reason]).toEqual([409, 'Conflict']);

    const deleted = await client.send(`${base}/first`, { method: 'DELETE' });
    expect([deleted.status, deleted.json().details]).toMatchObject([200, { name: 'first', uid: object.metadata.uid }]);
    expect((await client.send(`${base}/first`)).status).toBe(404);
  });

  it('answers HEAD without a body', async () => {
    await create('headless');
    const answer = await client.send(`${base}/headless`, { method: 'HEAD' });
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
  });

  it('pays no attention to expectations that it does not know', async () => {
    const large = { method: 'PATCH', headers: { expect: 'miracles' }, body: Buffer.alloc(3_000_000, ' ') };
    expect((await client.send(`${base}/none`, large)).json()).toMatchObject({ kind: 'Status', code: 415 });
    expect((await client.send(base, { headers: { expect: 'miracles' } })).status).toBe(200);
  });

  it('sends warnings as UTF-8', async () => {
    const body = widget('warned', { color: 'püce' });
    const headersOf = { 'content-type': 'application/merge-patch+json' };
    await create('warned', { color: 'red' });
    for (const { headers } of [
      await client.send(`${base}?dryRun=All`, { method: 'POST', body: widget('again', { color: 'püce' }) }),
      await client.send(`${base}/warned`, { method: 'PATCH', headers: headersOf, body }),
    ]) {
      expect(Buffer.from(String(headers['warning']), 'latin1').toString('utf8')).toBe(
        '299 - "the color püce is hard to type"',
      );
    }
  });

  it('warns of unknown fields, refuses them in Strict, and drops them silently in Ignore', async () => {
    const post = (validation: string, name: string) =>
      client.send(`${base}?fieldValidation=${validation}`, { method: 'POST', body: widget(name, { colour: 'red' }) });
    const warned = await post('Warn', 'unknown-1');
    expect([warned.status, warned.headers['warning']]).toEqual([201, '299 - "unknown field \\"spec.colour\\""']);
    const strict = await post('Strict', 'unknown-2');
    expect([strict.status, strict.json().message]).toEqual([
      400,
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.colour"',
    ]);
    const ignored = await post('Ignore', 'unknown-3');
    expect([ignored.status, ignored.headers['warning']]).toEqual([201, undefined]);
  });

  it('takes a dry run to the end and keeps nothing', async () => {
    const dry = await client.send(`${base}?dryRun=All`, { method: 'POST', body: widget('dry') });
    expect([dry.status, dry.json().metadata.name]).toEqual([201, 'dry']);
    expect((await client.send(`${base}/dry`)).status).toBe(404);
  });

  it('lists in pages, as a table, as metadata, as YAML and for people', async () => {
    const where = collection(`${namespace}-lists`);
    for (const name of ['a', 'b', 'c']) await client.send(where, { method: 'POST', body: widget(name) });
    const first = (await client.send(`${where}?limit=2`)).json();
    expect([first.kind, first.items.length, first.metadata.remainingItemCount]).toEqual(['WidgetList', 2, 1]);
    const second = (await client.send(`${where}?limit=2&continue=${first.metadata.continue}`)).json();
    expect(second.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['c']);

    const accept = (as: string) => ({
      headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io,application/json` },
    });
    const table = (await client.send(where, accept('Table'))).json();
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(table.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(['Name', 'Color', 'Age']);
    expect(table.rows[0].cells).toEqual(['a', 'red', expect.stringMatching(/^\d+s$/)]);
    expect(table.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect((await client.send(`${where}?includeObject=None`, accept('Table'))).json().rows[0].object).toBeUndefined();
    expect((await client.send(`${where}?includeObject=Object`, accept('Table'))).json().rows[0].object.spec.color).toBe(
      'red',
    );

    const partial = (await client.send(where, accept('PartialObjectMetadataList'))).json();
    expect([partial.kind, partial.items[0].kind, partial.items[0].spec]).toEqual([
      'PartialObjectMetadataList',
      'PartialObjectMetadata',
      undefined,
    ]);

    const yaml = await client.send(where, { headers: { accept: 'application/yaml' } });
    expect(yaml.headers['content-type']).toBe('application/yaml');
    const pretty = await client.send(`${where}?pretty=true`);
    expect(pretty.body.toString()).toContain('\n  "items": [\n    {\n      "apiVersion"');
    const { parse } = await import('yaml');
    expect(parse(yaml.body.toString())).toEqual((await client.send(where)).json());
    expect(pretty.json()).toEqual((await client.send(where)).json());
    const nothing = await client.send(collection('nobody'), { headers: { accept: 'application/yaml' } });
    expect(parse(nothing.body.toString()).items).toEqual([]);
    expect((await client.send(`${collection('nobody')}?pretty=1`)).json().items).toEqual([]);
  });

  it('compresses long answers only, and only when asked', async () => {
    const where = collection(`${namespace}-long`);
    const filling = 'x'.repeat(50_000);
    for (let index = 0; index < 8; index++) {
      await client.send(where, { method: 'POST', body: widget(`long-${index}`, { tags: [filling] }) });
    }
    const plain = await client.send(where);
    expect(plain.headers['content-encoding']).toBeUndefined();
    const zipped = await client.send(where, { headers: { 'accept-encoding': 'gzip' } });
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
    expect(plain.json().items).toHaveLength(8);
    for (const [accepted, coding] of [
      ['br, *;q=0.5', 'gzip'],
      ['gzip;q=0, br', undefined],
      ['gzip;q=0, *', undefined],
      ['*;q=0, gzip;q=0.5', 'gzip'],
      ['gzip; q=0.0', undefined],
    ] as const) {
      const { headers } = await client.send(where, { headers: { 'accept-encoding': accepted } });
      expect([accepted, headers['content-encoding']]).toEqual([accepted, coding]);
    }
    const short = await client.send(`${where}/long-1`, { headers: { 'accept-encoding': 'gzip' } });
    expect(short.headers['content-encoding']).toBeUndefined();
  });

  it('deletes by selector, and honours preconditions of the body over the query', async () => {
    const where = collection(`${namespace}-many`);
    for (const name of ['x', 'y', 'z']) {
      await client.send(where, {
        method: 'POST',
        body: widget(name, { color: name }, { labels: { odd: String(name !== 'y') } }),
      });
    }
    const refused = await client.send(`${where}/x?uid=whatever`, {
      method: 'DELETE',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'another' } },
    });
    expect([refused.status, refused.json().reason]).toEqual([409, 'Conflict']);
    const deleted = await client.send(`${where}?labelSelector=odd%3Dtrue`, { method: 'DELETE' });
    expect(deleted.json().items).toHaveLength(2);
    const left = (await client.send(where)).json().items;
    expect(left.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['y']);
  });

  it('patches in three ways and leaves the status to its subresource', async () => {
    await create('patched', { color: 'red', parts: [{ name: 'x', count: 1 }] });
    const patch = (type: string, body: unknown, sub = '') =>
      client.send(`${base}/patched${sub}`, {
        method: 'PATCH',
        headers: { 'content-type': `application/${type}+json` },
        body,
      });
    expect((await patch('merge-patch', { spec: { color: null, size: 1 } })).json().spec).toEqual({
      size: 1,
      parts: [{ name: 'x', count: 1 }],
    });
    expect((await patch('strategic-merge-patch', { spec: { parts: [{ name: 'y' }] } })).json().spec.parts).toHaveLength(
      2,
    );
    expect((await patch('json-patch', [{ op: 'replace', path: '/spec/size', value: 2 }])).json().spec.size).toBe(2);
    const failed = await patch('json-patch', [{ op: 'test', path: '/spec/size', value: 3 }]);
    expect([failed.status, failed.json().reason]).toEqual([422, 'Invalid']);
    expect((await patch('merge-patch', { status: { phase: 'Up' } })).json().status).toBeUndefined();
    const status = await patch('merge-patch', { status: { phase: 'Up' }, spec: { size: 9 } }, '/status');
    expect([status.json().status, status.json().spec.size]).toEqual([{ phase: 'Up' }, 2]);
    const unknown = await patch('other-patch', {});
    expect([unknown.status, unknown.json().reason]).toEqual([415, 'UnsupportedMediaType']);
    expect(unknown.json().message).toContain('application/merge-patch+json');
  });

  it.each([
    ['a list with a bad limit', 'GET', '?limit=ten', 400, 'strconv.ParseInt: parsing "ten": invalid syntax'],
    [
      'an unknown field selector',
      'GET',
      '?fieldSelector=spec.nope%3D1',
      400,
      '"spec.nope" is not a known field selector of widgets: only "metadata.name", "metadata.namespace", "spec.color"',
    ],
    ['a bad label selector', 'GET', '?labelSelector=a%3D%3D%3D', 400, 'unable to parse requirement'],
    ['a bad continue token', 'GET', '?continue=xyz', 400, 'invalid continue token'],
    ['an unknown match', 'GET', '?resourceVersion=1&resourceVersionMatch=Never', 422, 'Unsupported value: "Never"'],
    ['initial events of a list', 'GET', '?sendInitialEvents=true', 422, 'sendInitialEvents is forbidden for list'],
    ['a future revision', 'GET', '?watch=1&sendInitialEvents=true', 422, 'requires setting resourceVersionMatch'],
    ['a bad dry run', 'DELETE', '?dryRun=Some', 422, 'Unsupported value: ["Some"]'],
    ['a bad time-out', 'GET', '?timeout=soon', 400, 'invalid duration "soon"'],
    ['a POST to no namespace', 'POST', '', 400, 'the request has no body'],
  ])('refuses %s', async (_, method, query, code, message) => {
    const answer = await client.send(`${base}${query}`, { method });
    expect(answer.json()).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      code,
      message: expect.stringContaining(message),
    });
    expect(answer.status).toBe(code);
  });

  it('gives an object as it is at a revision or later, and none from the future', async () => {
    const made = (await create('seen')).json();
    const at = (revision: string) => client.send(`${base}/seen?resourceVersion=${revision}`);
    for (const revision of ['0', '', '1', made.metadata.resourceVersion]) {
      expect((await at(revision)).json().metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    }
    const early = await at(String(Number(made.metadata.resourceVersion) + 1_000_000));
    expect([early.status, early.json().details.causes[0].reason]).toEqual([504, 'ResourceVersionTooLarge']);
  });

  it('tells unknown resources, unknown paths and unsupported methods apart', async () => {
    const outcome = async (path: string, method = 'GET') => {
      const { status, headers } = await client.send(path, { method });
      return [status, headers['content-type']];
    };
    const json = 'application/json';
    expect(await outcome('/apis/example.com/v1/gadgets')).toEqual([404, json]);
    expect(await outcome('/apis/other.example.com/v1/gadgets')).toEqual([404, 'text/plain; charset=utf-8']);
    expect(await outcome('/nowhere')).toEqual([404, 'text/plain; charset=utf-8']);
    expect((await client.send('/nowhere/<script>')).headers['x-content-type-options']).toBe('nosniff');
    expect(await outcome('/apis/example.com/v1/widgets', 'POST')).toEqual([405, json]);
    expect(await outcome(`${base}/x/status`, 'DELETE')).toEqual([405, json]);
    expect(await outcome('/apis/example.com/v1/widgets/x')).toEqual([404, json]);
  });

  it('answers with errors in the form that was asked for', async () => {
    const error = async (headers: Record<string, string>, query = '') => {
      const answer = await client.send(`${base}/none${query}`, { headers });
      expect(answer.status).toBe(404);
      return [answer.headers['content-type'], answer.body.toString()];
    };
    const compact = expect.stringMatching(/^\{"kind":"Status",.*\}$/);
    const pretty = expect.stringMatching(/^\{\n {2}"kind": "Status",\n/);
    expect(await error({ accept: 'application/yaml, application/json' })).toEqual([
      'application/yaml',
      expect.stringContaining('\nreason: NotFound\n'),
    ]);
    expect(await error({}, '?pretty=true')).toEqual(['application/json', pretty]);
    expect(await error({ 'user-agent': 'curl/8.5.0' })).toEqual(['application/json', pretty]);
    expect(await error({ 'user-agent': 'curl/8.5.0' }, '?pretty=false')).toEqual(['application/json', compact]);
    const table = 'application/yaml;as=Table;v=v1;g=meta.k8s.io,application/json';
    expect(await error({ accept: table })).toEqual(['application/json', compact]);
  });

  it('refuses what strategies refuse, with every field', async () => {
    const answer = await create('Bad_Name', { color: 'invisible' });
    expect(answer.status).toBe(422);
    expect(answer.json().details.causes.map((cause: { field: string }) => cause.field)).toEqual([
      'metadata.name',
      'spec.color',
    ]);
  });

  it('refuses bodies that are too large, and other media types', async () => {
    const large = await client.send(base, { method: 'POST', body: Buffer.alloc(7 * 1024 * 1024, 32) });
    expect(large.json()).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
    const csv = await client.send(base, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a,b' });
    expect(csv.status).toBe(415);
    const cbor = await client.send(base, { headers: { accept: 'application/cbor' } });
    expect([cbor.status, cbor.json().reason]).toEqual([406, 'NotAcceptable']);
  });
});
