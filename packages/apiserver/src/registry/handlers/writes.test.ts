import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import {
  type Answered,
  http2Client,
  type TrialAnswer,
  type TrialClient,
} from '../../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../../http/trial-server.test-support.ts';

const secrets = '/api/v1/namespaces/default/secrets';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';

let trial: TrialServer;
let client: TrialClient;
beforeAll(async () => {
  trial = await startTrialServer();
  client = http2Client(trial, trial.admin);
});
afterAll(async () => {
  client.close();
  await trial.close();
});

const json = { 'content-type': 'application/json' };
const create = (body: unknown, query = '', to = secrets): Promise<TrialAnswer> =>
  client.send(to + query, { method: 'POST', headers: json, body });
const put = (name: string, body: unknown, query = ''): Promise<TrialAnswer> =>
  client.send(`${secrets}/${name}${query}`, { method: 'PUT', headers: json, body });
const patch = (name: string, body: unknown, query = '', type = 'merge-patch'): Promise<TrialAnswer> =>
  client.send(`${secrets}/${name}${query}`, {
    method: 'PATCH',
    headers: { 'content-type': `application/${type}+json` },
    body,
  });
const metadataOf = async (name: string): Promise<Answered> => (await client.send(`${secrets}/${name}`)).json().metadata;
const refusal = (answer: TrialAnswer): unknown[] => [answer.status, answer.json().reason, answer.json().message];

describe('a body', () => {
  it('need not say what the URL says', async () => {
    const created = await create({ metadata: { name: 'bare' } });
    expect(created.json()).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default' } });
    expect((await put('bare', { metadata: { name: 'bare', labels: { a: 'b' } } })).status).toBe(200);
    expect(refusal(await create({ kind: 'ConfigMap', metadata: { name: 'other' } }))).toEqual([
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a Secret: kind must be "Secret" here',
    ]);
  });

  it('says with a resourceVersion of 0 that it knows of none', async () => {
    expect((await create({ metadata: { name: 'zero', resourceVersion: '0' } })).status).toBe(201);
    expect((await create({ metadata: { name: 'one', resourceVersion: '1' } })).status).toBe(400);
    expect((await put('zero', { metadata: { name: 'zero', resourceVersion: '0' } })).status).toBe(200);
    expect((await patch('zero', { metadata: { resourceVersion: '0', labels: { a: 'b' } } })).status).toBe(200);
    expect((await put('zero', { metadata: { name: 'zero', resourceVersion: '1' } })).status).toBe(409);
    await create({ metadata: { name: 'zero' } }, '', widgets);
    const needed = await client.send(`${widgets}/zero`, {
      method: 'PUT',
      headers: json,
      body: { metadata: { name: 'zero', resourceVersion: '0' } },
    });
    expect(needed.json()).toMatchObject({
      reason: 'Invalid',
      details: { causes: [{ field: 'metadata.resourceVersion' }] },
    });
  });

  it('is not for a page in a browser that does not say what it sends', async () => {
    const request = { method: 'POST', body: { metadata: { name: 'planted' } } };
    const planted = await client.send(secrets, { ...request, headers: { origin: 'https://evil.example' } });
    expect([planted.status, planted.json().reason]).toEqual([415, 'UnsupportedMediaType']);
    expect((await client.send(`${secrets}/planted`)).status).toBe(404);
    expect((await client.send(secrets, request)).status).toBe(201);
  });

  it('is of the object that the URL names', async () => {
    await create({ metadata: { name: 'here' } });
    expect(refusal(await put('here', { metadata: { name: 'there' } }))).toEqual([
      400,
      'BadRequest',
      'the name of the object (there) does not match the name on the URL (here)',
    ]);
    expect((await put('here', { metadata: {} })).json().message).toMatch('name must be provided');
    const elsewhere = { metadata: { name: 'here', namespace: 'other' } };
    for (const answer of [await put('here', elsewhere), await create(elsewhere)]) {
      expect([answer.status, answer.json().message]).toEqual([
        400,
        'the namespace of the provided object does not match the namespace sent on the request',
      ]);
    }
  });

  it('with a uid creates nothing, where a PUT otherwise would', async () => {
    const path = '/api/v1/namespaces/default/endpoints/gone';
    const send = (metadata: unknown) => client.send(path, { method: 'PUT', headers: json, body: { metadata } });
    expect(refusal(await send({ name: 'gone', uid: 'of-another', resourceVersion: '1' }))).toEqual([
      409,
      'Conflict',
      'Operation cannot be fulfilled on endpoints "gone": Precondition failed: UID in precondition: of-another, UID in object meta: ',
    ]);
    expect((await client.send(path)).status).toBe(404);
    expect((await send({ name: 'gone', resourceVersion: '1' })).status).toBe(201);
  });

  it('loses lists and maps of nothing, which make no change', async () => {
    const nothing = { labels: {}, annotations: {}, finalizers: [], ownerReferences: [] };
    const { metadata } = (await create({ metadata: { name: 'empty', ...nothing } })).json();
    expect(Object.keys(nothing).filter((field) => field in metadata)).toEqual([]);
    await put('empty', { metadata: { name: 'empty', ...nothing } });
    await patch('empty', { metadata: nothing });
    const away = { metadata: { ownerReferences: [{ $patch: 'delete', uid: 'u' }] } };
    await patch('empty', away, '', 'strategic-merge-patch');
    expect(await metadataOf('empty')).toEqual(metadata);
  });

  it('of a new object does not say what only the server says', async () => {
    const said = {
      uid: 'mine',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-02T00:00:00Z',
      deletionGracePeriodSeconds: 5,
      generation: 7,
      selfLink: '/mine',
    };
    const { metadata } = (await create({ metadata: { name: 'modest', ...said } })).json();
    expect(Object.keys(metadata).sort()).toEqual(['creationTimestamp', 'name', 'namespace', 'resourceVersion', 'uid']);
    expect(metadata.uid).not.toBe(said.uid);
    expect(metadata.creationTimestamp).not.toBe(said.creationTimestamp);
  });

  it('is brought into one form, so that another spelling of the same is no change', async () => {
    const made = (await create({ metadata: { name: 'sorted' }, spec: { tags: ['b', 'a'] } }, '', widgets)).json();
    expect(made.spec.tags).toEqual(['a', 'b']);
    const body = { ...made, spec: { tags: ['b', 'a'] } };
    const again = await client.send(`${widgets}/sorted`, { method: 'PUT', headers: json, body });
    expect([again.status, again.json()]).toEqual([200, made]);
  });

  it('names no namespace where there is none', async () => {
    const created = await create({ metadata: { name: 'flat', namespace: 'default' } }, '', '/api/v1/namespaces');
    expect([created.status, created.json().metadata.namespace]).toEqual([201, undefined]);
  });

  it('names each owner once', async () => {
    const owner = { apiVersion: 'v1', kind: 'Secret', name: 'o', uid: 'u-1' };
    const created = await create({
      metadata: { name: 'owned', ownerReferences: [owner, owner, { ...owner, uid: 'u-2' }] },
    });
    expect(created.json().metadata.ownerReferences).toEqual([owner, { ...owner, uid: 'u-2' }]);
    const replaced = await put('owned', { metadata: { name: 'owned', ownerReferences: [owner, owner] } });
    expect(replaced.json().metadata.ownerReferences).toEqual([owner]);
    for (const { headers } of [created, replaced]) {
      expect(headers['warning']).toMatch(
        /ownerReferences contains duplicate entries.* duplicate UID\(s\) observed: u-1"$/,
      );
    }
  });
});

it('a dry run that is misspelt or left empty is refused, not done for real', async () => {
  for (const value of ['', 'all', 'true']) {
    const message = `CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["${value}"]: supported values: "All"`;
    expect(refusal(await create({ metadata: { name: 'dry' } }, `?dryRun=${value}`))).toEqual([422, 'Invalid', message]);
  }
  expect((await client.send(`${secrets}/dry`)).status).toBe(404);
});

describe('a patch', () => {
  beforeAll(async () => {
    await create({ metadata: { name: 'patched' }, data: { a: 'eA==' } });
  });

  it('that strict validation refuses is an invalid patch', async () => {
    const strict = '?fieldValidation=Strict';
    const because = (problem: string): unknown[] => [
      422,
      'Invalid',
      `Secret "patched" is invalid: patch: Invalid value: "the patched object": strict decoding error: ${problem}`,
    ];
    expect(refusal(await patch('patched', { colour: 1 }, strict))).toEqual(because('unknown field "colour"'));
    expect(refusal(await patch('patched', '{"type":"a","type":"b"}', strict))).toEqual(
      because('duplicate field "type"'),
    );
    const misspelt = [{ op: 'remove', path: '/data/a', vaule: 1 }];
    expect(refusal(await patch('patched', misspelt, strict, 'json-patch'))).toEqual(
      because('json patch unknown field "[0].vaule"'),
    );
    const warned = await patch('patched', misspelt, '?dryRun=All', 'json-patch');
    expect([warned.status, warned.headers['warning']]).toEqual([
      200,
      '299 - "json patch unknown field \\"[0].vaule\\""',
    ]);
  });

  it('leaves the object where it is', async () => {
    expect(refusal(await patch('patched', { metadata: { namespace: 'other' } }))).toEqual([
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ]);
    expect(refusal(await patch('patched', { metadata: { name: 'renamed' } }))).toEqual([
      400,
      'BadRequest',
      'the name of the object (renamed) does not match the name on the URL (patched)',
    ]);
    const whole = { $patch: 'replace', metadata: { name: 'patched' }, type: 'x' };
    expect((await patch('patched', whole, '?dryRun=All', 'strategic-merge-patch')).json()).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'patched', namespace: 'default' },
      type: 'x',
    });
  });

  it('creates nothing, also where a PUT would', async () => {
    const path = '/api/v1/namespaces/default/endpoints/absent';
    for (const type of ['merge-patch', 'strategic-merge-patch', 'json-patch']) {
      const body = type === 'json-patch' ? [] : { metadata: { labels: { a: 'b' } } };
      const headers = { 'content-type': `application/${type}+json` };
      const answer = await client.send(path, { method: 'PATCH', headers, body });
      expect(refusal(answer)).toEqual([404, 'NotFound', 'endpoints "absent" not found']);
    }
  });

  it('for another object of the name is 422, as controllers expect', async () => {
    expect(refusal(await patch('patched', { metadata: { uid: 'other' } }))).toEqual([
      422,
      'Invalid',
      'Secret "patched" is invalid: metadata.uid: Invalid value: "other": field is immutable',
    ]);
    expect((await put('patched', { metadata: { name: 'patched', uid: 'other' } })).status).toBe(409);
  });

  it('can have too many operations', async () => {
    const tests = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'Secret' }));
    expect(refusal(await patch('patched', tests, '', 'json-patch'))).toEqual([
      413,
      'RequestEntityTooLarge',
      'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    ]);
  });
});

it('what is based on an old state is a conflict, whatever else is wrong with it', async () => {
  const old = (await create({ metadata: { name: 'raced' }, spec: { color: 'red' } }, '', widgets)).json();
  const update = (body: unknown): Promise<TrialAnswer> =>
    client.send(`${widgets}/raced`, { method: 'PUT', headers: json, body });
  await update({ ...old, spec: { color: 'green' } });
  const refused = await update({ ...old, spec: { color: 'invisible' } });
  expect(refusal(refused).slice(0, 2)).toEqual([409, 'Conflict']);
  const { resourceVersion } = (await client.send(`${widgets}/raced`)).json().metadata;
  const newest = { ...old, metadata: { ...old.metadata, resourceVersion }, spec: { color: 'invisible' } };
  expect((await update(newest)).json().reason).toBe('Invalid');
});

it('a PUT that comes between others begins anew, and takes nothing of the state that it had found', async () => {
  const { uid: first } = (await create({ metadata: { name: 'raced' } })).json().metadata;
  const commit = trial.store.commit.bind(trial.store);
  vi.spyOn(trial.store, 'commit').mockImplementationOnce(async (set) => {
    await client.send(`${secrets}/raced`, { method: 'DELETE' });
    await create({ metadata: { name: 'raced' } });
    return commit(set);
  });
  const written = await put('raced', { metadata: { name: 'raced', labels: { a: 'b' } } });
  vi.restoreAllMocks();
  const { uid, labels } = await metadataOf('raced');
  expect([written.status, labels]).toEqual([200, { a: 'b' }]);
  expect(uid).not.toBe(first);
});

it('no write but DELETE begins a deletion', async () => {
  await create({ metadata: { name: 'stays' } });
  const deleted = { deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 };
  for (const answer of [
    await put('stays', { metadata: { name: 'stays', ...deleted } }),
    await patch('stays', { metadata: deleted }),
  ]) {
    expect(answer.status).toBe(422);
    expect(answer.json().details.causes.map(({ field }: Answered) => field)).toEqual([
      'metadata.deletionTimestamp',
      'metadata.deletionGracePeriodSeconds',
    ]);
  }
});

describe('a deletion', () => {
  const remove = (name: string, options: unknown): Promise<TrialAnswer> =>
    client.send(`${secrets}/${name}`, { method: 'DELETE', headers: json, body: options });

  it('that is done is answered with what is gone, whatever form is asked for; one that waits, with the object', async () => {
    const { metadata } = (await create({ metadata: { name: 'gone' } })).json();
    const gone = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'gone', kind: 'secrets', uid: metadata.uid },
    };
    expect((await client.send(`${secrets}/gone?dryRun=All`, { method: 'DELETE' })).json()).toEqual(gone);
    const yaml = { accept: 'application/yaml' };
    const printed = await client.send(`${secrets}/gone?dryRun=All`, { method: 'DELETE', headers: yaml });
    expect([printed.headers['content-type'], parse(printed.body.toString())]).toEqual(['application/yaml', gone]);
    const table = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json' };
    expect((await client.send(`${secrets}/gone`, { method: 'DELETE', headers: table })).json()).toEqual(gone);

    const widget = (await create({ metadata: { name: 'gone', finalizers: ['example.com/one'] } }, '', widgets)).json();
    const waiting = await client.send(`${widgets}/gone`, { method: 'DELETE' });
    expect(waiting.json()).toMatchObject({ kind: widget.kind, metadata: { name: 'gone', uid: widget.metadata.uid } });
  });

  it('is accepted, rather than done, where an old client asks for dependents to go and the object waits', async () => {
    for (const name of ['free', 'held']) {
      await create({ metadata: { name, finalizers: name === 'held' ? ['example.com/one'] : [] } });
    }
    expect((await remove('held', {})).status).toBe(200);
    expect((await remove('held', { propagationPolicy: 'Background' })).status).toBe(200);
    const accepted = await remove('held', { orphanDependents: false });
    expect([accepted.status, accepted.json().metadata.finalizers]).toEqual([202, ['example.com/one']]);
    expect((await remove('free', { orphanDependents: false })).status).toBe(200);
  });

  it('has options of a few fields, and reads no more', async () => {
    await create({ metadata: { name: 'kept' } });
    const long = await remove('kept', { dryRun: [], note: 'x'.repeat(70_000) });
    expect([long.status, long.json().reason]).toEqual([413, 'RequestEntityTooLarge']);
    expect((await client.send(`${secrets}/kept`)).status).toBe(200);
  });
});
