import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authorizer } from '../../auth/authorizer.ts';
import {
  type Answered,
  http2Client,
  type TrialAnswer,
  type TrialClient,
} from '../../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../../http/trial-server.test-support.ts';

const base = '/apis/example.com/v1/namespaces/default/widgets';

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

const widget = (name: string, spec?: object, more: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, ...more },
  ...(spec === undefined ? {} : { spec }),
});

function apply(name: string, body: unknown, query = 'fieldManager=me', sub = ''): Promise<TrialAnswer> {
  return client.send(`${base}/${name}${sub}?${query}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body,
  });
}

function patch(name: string, body: unknown, query = '', type = 'merge-patch'): Promise<TrialAnswer> {
  const headers = { 'content-type': `application/${type}+json`, 'user-agent': 'patcher/1.0 (test)' };
  return client.send(`${base}/${name}${query}`, { method: 'PATCH', headers, body });
}

function create(object: object, query = '?fieldManager=creator'): Promise<TrialAnswer> {
  const headers = { 'content-type': 'application/json' };
  return client.send(`${base}${query}`, { method: 'POST', headers, body: object });
}

const get = async (name: string): Promise<Answered> => (await client.send(`${base}/${name}`)).json();
/** Entries as `manager/operation/subresource`. */
const owners = (object: Answered): string[] =>
  (object.metadata.managedFields ?? []).map((e: Answered) =>
    [e.manager, e.operation, e.subresource].filter((part) => part !== undefined).join('/'),
  );

describe('owners of fields', () => {
  it('are kept by every way to write', async () => {
    const created = (await create(widget('written', { color: 'red' }))).json();
    expect(owners(created)).toEqual(['creator/Update']);
    expect(created.metadata.managedFields[0]).toEqual({
      manager: 'creator',
      operation: 'Update',
      apiVersion: 'example.com/v1',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { '.': {}, 'f:color': {} } },
    });
    await patch('written', { spec: { size: 1 } });
    await patch('written', { metadata: { labels: { a: 'b' } } }, '?fieldManager=labeler', 'strategic-merge-patch');
    await patch('written', [{ op: 'add', path: '/spec/tags', value: ['x'] }], '?fieldManager=tagger', 'json-patch');
    await patch('written', { status: { phase: 'Up' } }, '/status?fieldManager=controller');
    await apply('written', widget('written', { color: 'red' }));
    const object = await get('written');
    object.spec.size = 2;
    const put = await client.send(`${base}/written?fieldManager=putter`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: object,
    });
    expect(owners(put.json()).sort()).toEqual([
      'controller/Update/status',
      'creator/Update',
      'labeler/Update',
      'me/Apply',
      'putter/Update',
      'tagger/Update',
    ]);
  });

  it('do not make a change where there is none', async () => {
    await apply('same', widget('same', { color: 'red' }));
    const before = await get('same');
    await apply('same', widget('same', { color: 'red' }));
    await patch('same', { spec: { color: 'red' } });
    await patch('same', { status: { phase: 'Up' } });
    await apply('same', { ...widget('same', { color: 'red' }), status: { phase: 'Up' } });
    expect(await get('same')).toEqual(before);
  });

  it('can be forgotten and be set', async () => {
    await create(widget('reset', { color: 'red' }));
    const none = await patch('reset', { metadata: { managedFields: [] } });
    expect(none.json().metadata.managedFields).toBeUndefined();
    await apply('reset', widget('reset', { color: 'red' }));
    expect(owners(await get('reset'))).toEqual(['me/Apply', 'before-first-apply/Update']);
    const kept = (await get('reset')).metadata.managedFields.slice(0, 1);
    const moved = await patch(
      'reset',
      [{ op: 'replace', path: '/metadata/managedFields', value: kept }],
      '',
      'json-patch',
    );
    expect(owners(moved.json())).toEqual(['me/Apply']);
    const through = await patch('reset', { metadata: { managedFields: [{}] } }, '/status');
    expect(owners(through.json())).toEqual(['me/Apply']);
  });

  it('are not taken from who creates an object, whatever they say', async () => {
    const managedFields = [
      { manager: 'other', operation: 'Apply', apiVersion: 'example.com/v1', fieldsType: 'FieldsV1' },
    ];
    const created = await create(widget('claims', { color: 'red' }, { managedFields }));
    expect(owners(created.json())).toEqual(['creator/Update']);
  });
});

describe('server-side apply', () => {
  it('creates what is not there, and updates what is', async () => {
    const created = await apply('made', widget('made', { color: 'red', parts: [{ name: 'x', count: 1 }] }));
    expect([created.status, created.json().metadata.name]).toEqual([201, 'made']);
    expect(created.json().metadata.managedFields).toMatchObject([
      {
        manager: 'me',
        operation: 'Apply',
        fieldsV1: {
          'f:spec': { 'f:color': {}, 'f:parts': { 'k:{"name":"x"}': { '.': {}, 'f:name': {}, 'f:count': {} } } },
        },
      },
    ]);
    const updated = await apply('made', widget('made', { parts: [{ name: 'y' }] }));
    expect([updated.status, updated.json().spec]).toEqual([200, { parts: [{ name: 'y' }] }]);
  });

  it('takes the name of the URL, and a resourceVersion of 0 for none', async () => {
    const { metadata: _, ...nameless } = widget('unnamed', { color: 'red' }) as { metadata: object };
    expect((await apply('unnamed', nameless)).status).toBe(201);
    const unseen = widget('unnamed', { color: 'blue' }, { resourceVersion: '0' });
    expect((await apply('unnamed', unseen)).json()).toMatchObject({
      metadata: { name: 'unnamed' },
      spec: { color: 'blue' },
    });
  });

  it('reads YAML as well as JSON', async () => {
    const text = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: yaml}\nspec:\n  color: red # a comment\n';
    expect((await apply('yaml', text)).json().spec).toEqual({ color: 'red' });
  });

  it('is refused for what others own, until it is forced', async () => {
    await create(widget('contested', { color: 'red', size: 1 }));
    const refused = await apply('contested', widget('contested', { color: 'blue' }));
    expect(refused.status).toBe(409);
    expect(refused.json()).toMatchObject({
      reason: 'Conflict',
      message: expect.stringMatching(
        /^Apply failed with 1 conflict: conflict with "creator" using example.com\/v1 at .*: .spec.color$/,
      ),
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.color' }] },
    });
    expect((await get('contested')).spec.color).toBe('red');
    const forced = await apply('contested', widget('contested', { color: 'blue' }), 'fieldManager=me&force=true');
    expect(forced.json().spec).toEqual({ color: 'blue', size: 1 });
  });

  it('takes away what it says is null, from others with force only', async () => {
    await create(widget('nulled', { color: 'red', size: 1 }));
    const refused = await apply('nulled', widget('nulled', { color: null }));
    expect([refused.status, refused.json().details.causes[0].field]).toEqual([409, '.spec.color']);
    const forced = await apply('nulled', widget('nulled', { color: null }), 'fieldManager=me&force=true');
    expect(forced.json().spec).toEqual({ size: 1 });
    expect(forced.json().metadata.managedFields[0].fieldsV1).toEqual({ 'f:spec': { 'f:color': {} } });
    expect((await apply('nulled', widget('nulled', { color: null }))).json()).toEqual(forced.json());
    const unsaid = { uid: null, resourceVersion: null, creationTimestamp: null, managedFields: null, namespace: null };
    expect((await apply('nulled', widget('nulled', { color: null }, unsaid))).json()).toEqual(forced.json());
  });

  it('changes nothing in a dry run, of which it shows the outcome', async () => {
    const created = await apply('dry', widget('dry', { color: 'red' }), 'fieldManager=me&dryRun=All');
    expect([created.status, created.json().spec]).toEqual([201, { color: 'red' }]);
    expect((await client.send(`${base}/dry`)).status).toBe(404);
    await apply('dry', widget('dry', { color: 'red' }));
    const before = await get('dry');
    const updated = await apply('dry', widget('dry', { color: 'blue' }), 'fieldManager=me&dryRun=All');
    expect(updated.json().spec).toEqual({ color: 'blue' });
    expect(await get('dry')).toEqual(before);
  });

  it('leaves the status to its subresource, where it owns nothing else', async () => {
    await create(widget('parts', {}));
    await apply('parts', { ...widget('parts', { color: 'red' }), status: { phase: 'Up' } });
    expect((await get('parts')).status).toBeUndefined();
    const status = await apply(
      'parts',
      { ...widget('parts', { color: 'blue' }), status: { phase: 'Up' } },
      'fieldManager=me',
      '/status',
    );
    expect([status.json().spec.color, status.json().status]).toEqual(['red', { phase: 'Up' }]);
    expect(status.json().metadata.managedFields.map((e: Answered) => e.fieldsV1)).toEqual([
      { 'f:spec': { 'f:color': {} } },
      { 'f:status': { 'f:phase': {} } },
      { 'f:spec': {} },
    ]);
    const missing = await apply('nowhere', widget('nowhere'), 'fieldManager=me', '/status');
    expect(missing.status).toBe(404);
  });

  it('goes on with the newest state when others write at the same time', async () => {
    await create(widget('busy', {}));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        apply('busy', widget('busy', undefined, { labels: { [`l${index}`]: 'x' } }), `fieldManager=m${index}`),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(Object.keys((await get('busy')).metadata.labels)).toHaveLength(12);
    const created = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        apply('raced', widget('raced', undefined, { labels: { [`l${index}`]: 'x' } }), `fieldManager=m${index}`),
      ),
    );
    expect(created.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(Object.keys((await get('raced')).metadata.labels)).toHaveLength(6);
  });

  it('with a resourceVersion or uid is for that state of that object only', async () => {
    const object = (await create(widget('locked', {}))).json();
    const { resourceVersion, uid } = object.metadata;
    await patch('locked', { spec: { size: 1 } });
    const stale = await apply('locked', widget('locked', { color: 'red' }, { resourceVersion }));
    expect([stale.status, stale.json().reason]).toEqual([409, 'Conflict']);
    const other = await apply('locked', widget('locked', { color: 'red' }, { uid: 'other' }));
    expect([other.status, other.json().details.causes[0].field]).toEqual([422, 'metadata.uid']);
    expect((await apply('locked', widget('locked', { color: 'red' }, { uid }))).status).toBe(200);
    const gone = await apply('gone', widget('gone', {}, { uid }));
    expect([gone.status, gone.json().message]).toEqual([409, expect.stringContaining('metadata.uid')]);
    expect((await apply('gone', widget('gone', {}, { resourceVersion }))).status).toBe(409);
  });

  it.each<[string, unknown, string, number, RegExp]>([
    ['without a manager', widget('x'), 'force=true', 422, /fieldManager: Required value: is required for apply patch/],
    ['of another kind', { ...widget('x'), kind: 'Gadget' }, 'fieldManager=me', 400, /kind must be "Widget"/],
    ['of another version', { ...widget('x'), apiVersion: 'v2' }, 'fieldManager=me', 400, /API version/],
    ['of another name', widget('y'), 'fieldManager=me', 400, /does not match the name on the URL/],
    ['of another namespace', widget('x', {}, { namespace: 'other' }), 'fieldManager=me', 400, /namespace/],
    [
      'with managed fields',
      widget('x', {}, { managedFields: [{}] }),
      'fieldManager=me',
      400,
      /metadata.managedFields must be nil/,
    ],
    [
      'with an empty list of managed fields',
      widget('x', {}, { managedFields: [] }),
      'fieldManager=me',
      400,
      /metadata.managedFields must be nil/,
    ],
    ['that does not say its kind', { ...widget('x'), kind: undefined }, 'fieldManager=me', 400, /kind is missing/],
    [
      'with an unknown field',
      widget('x', { colour: 'red' }),
      'fieldManager=me',
      400,
      /\.spec\.colour: field not declared in schema/,
    ],
    [
      'with an unknown field, strictly',
      widget('x', { colour: 'red' }),
      'fieldManager=me&fieldValidation=Strict',
      400,
      /strict decoding error: unknown field "spec.colour"/,
    ],
    [
      'with an item twice',
      widget('x', { parts: [{ name: 'a' }, { name: 'a' }] }),
      'fieldManager=me',
      400,
      /\.spec\.parts\[name="a"\]: duplicate entries for key/,
    ],
    ['of a wrong type', widget('x', { size: 'big' }), 'fieldManager=me', 400, /spec.size/],
    ['that the strategy refuses', widget('x', { color: 'invisible' }), 'fieldManager=me', 422, /must be a color/],
    ['that is no object', '[]', 'fieldManager=me', 400, /must be an object/],
    ['that is no YAML', '{a: [', 'fieldManager=me', 400, /not valid YAML/],
  ])('is refused %s', async (_, body, query, status, message) => {
    const answer = await apply('x', body, query);
    expect([answer.status, answer.json().message]).toEqual([status, expect.stringMatching(message)]);
    expect((await client.send(`${base}/x`)).status).toBe(404);
  });
});

it('says when a manager last applied another value, and not when it last said the same', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const timed = await startTrialServer({ now: () => now });
  const user = http2Client(timed, timed.admin);
  const timeOf = async (color: string): Promise<string> => {
    now += 60_000;
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    const request = { method: 'PATCH', headers, body: widget('timed', { color }) };
    return (await user.send(`${base}/timed?fieldManager=me`, request)).json().metadata.managedFields[0].time;
  };
  expect([await timeOf('red'), await timeOf('red'), await timeOf('blue')]).toEqual([
    '2026-01-01T00:01:00Z',
    '2026-01-01T00:01:00Z',
    '2026-01-01T00:03:00Z',
  ]);
  user.close();
  await timed.close();
});

describe('who may change objects and not create them', () => {
  /** May do all but create, except for one object in one namespace. */
  const authorizer: Authorizer = {
    authorize: async (_, { verb, ...what }) => ({
      allowed: verb !== 'create' || ('name' in what && what.name === 'mine' && what.namespace === 'default'),
    }),
  };
  let limited: TrialServer;
  let user: TrialClient;
  beforeAll(async () => {
    limited = await startTrialServer({ authorizer });
    user = http2Client(limited, limited.admin);
  });
  afterAll(async () => {
    user.close();
    await limited.close();
  });

  const endpoints = '/api/v1/namespaces/default/endpoints';
  const applied = (name: string): Promise<TrialAnswer> =>
    user.send(`${base}/${name}?fieldManager=me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: widget(name),
    });
  const put = (name: string): Promise<TrialAnswer> =>
    user.send(`${endpoints}/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: { metadata: { name } },
    });

  it('creates nothing by an apply or a PUT', async () => {
    const refused = await applied('new');
    expect([refused.status, refused.json().message]).toEqual([
      403,
      'widgets.example.com "new" is forbidden: the object does not exist, and user "admin" cannot create resource "widgets" in API group "example.com"',
    ]);
    expect((await put('new')).json()).toMatchObject({ code: 403, reason: 'Forbidden' });
    for (const path of [`${base}/new`, `${endpoints}/new`]) expect((await user.send(path)).status).toBe(404);
  });

  it('creates nothing by an apply to a kind that updates may create', async () => {
    const answer = await user.send(`${endpoints}/new?fieldManager=me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'new' } },
    });
    expect(answer.json()).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect((await user.send(`${endpoints}/new`)).status).toBe(404);
  });

  it('creates what they may create by name, and may replace it then', async () => {
    expect((await applied('mine')).status).toBe(201);
    expect([(await put('mine')).status, (await put('mine')).status]).toEqual([201, 200]);
  });
});
