import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authorizer } from '../auth/authorizer.ts';
import { http2Client, type TrialClient } from '../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../http/trial-server.test-support.ts';

/** The administrator may do anything; everyone else what is in the namespace `mine`. */
const authorizer: Authorizer = {
  authorize: async ({ name }, attributes) => ({
    allowed: name === 'admin' || (attributes.type === 'resource' && attributes.namespace === 'mine'),
  }),
};

let trial: TrialServer;
let admin: TrialClient;
beforeAll(async () => {
  trial = await startTrialServer({ authorizer });
  admin = http2Client(trial, trial.admin);
});
afterAll(async () => {
  admin.close();
  await trial.close();
});

const widgets = '/apis/example.com/v1/namespaces/mine/widgets';

describe('a namespace', () => {
  const make = (name: string) =>
    admin.send('/api/v1/namespaces', {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });

  it('is reached through no other namespace', async () => {
    expect([(await make('mine')).status, (await make('other')).status]).toEqual([201, 201]);
    const jane = http2Client(trial, await trial.authority.issueClientCertificate({ name: 'jane', groups: [] }));
    const codeOf = async (method: string, path: string) => (await jane.send(path, { method })).status;
    expect(await codeOf('GET', '/api/v1/namespaces/mine')).toBe(200);
    expect(await codeOf('GET', '/api/v1/namespaces/other')).toBe(403);
    for (const path of ['/other', '', '?watch=1', '?fieldSelector=metadata.name%3Dmine']) {
      expect([path, await codeOf('GET', `/api/v1/namespaces/mine/namespaces${path}`)]).toEqual([path, 404]);
    }
    expect(await codeOf('DELETE', '/api/v1/namespaces/mine/namespaces/other')).toBe(404);
    expect(await codeOf('DELETE', '/api/v1/namespaces/mine/namespaces')).toBe(404);
    expect((await admin.send('/api/v1/namespaces/other')).status).toBe(200);
    jane.close();
  });
});

it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json'])(
  'a deletion without a body may call it %s',
  async (type) => {
    const request = { method: 'DELETE', headers: { 'content-type': type } };
    expect((await admin.send(`${widgets}/none`, request)).json()).toMatchObject({ reason: 'NotFound' });
    expect((await admin.send(`${widgets}?labelSelector=none`, request)).status).toBe(200);
    expect((await admin.send(`${widgets}/none`, { ...request, body: '{}' })).status).toBe(415);
  },
);

describe('names that every object of JavaScript has', () => {
  it.each(['constructor', '__proto__', 'toString'])('are no methods and no media types: %s', async (name) => {
    expect((await admin.send(widgets, { method: name })).status).toBe(405);
    const headers = { 'content-type': name };
    const body = '{}';
    expect((await admin.send(widgets, { method: 'POST', headers, body })).status).toBe(415);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect([method, (await admin.send(`${widgets}/w`, { method, headers, body })).status]).toEqual([method, 415]);
    }
  });
});

it('says which methods a path has where it refuses one', async () => {
  for (const [method, path, allow] of [
    ['PUT', widgets, 'GET, HEAD, POST, DELETE'],
    ['PATCH', widgets, 'GET, HEAD, POST, DELETE'],
    ['POST', `${widgets}/w`, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['POST', '/apis/example.com/v1/widgets', 'GET, HEAD'],
    ['DELETE', '/apis/example.com/v1/widgets', 'GET, HEAD'],
    ['TRACE', `${widgets}/w`, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['DELETE', `${widgets}/w/status`, 'GET, HEAD, PUT, PATCH'],
    ['POST', '/apis', 'GET, HEAD'],
    ['PATCH', '/version', 'GET, HEAD'],
  ] as const) {
    const answer = await admin.send(path, { method, body: method === 'TRACE' ? undefined : {} });
    expect([path, answer.status, answer.headers.allow]).toEqual([path, 405, allow]);
  }
});

it('takes a namespace with a slash at its end for the namespace', async () => {
  expect((await admin.send('/api/v1/namespaces/mine/')).json().metadata.name).toBe('mine');
  expect((await admin.send('/api/v1/namespaces/mine//secrets')).status).toBe(404);
});

it('exports nothing, as clients of long ago ask for', async () => {
  const exported = await admin.send('/api/v1/namespaces/mine?export=true');
  expect(exported.json()).toMatchObject({ code: 400, message: expect.stringContaining('export') });
  expect((await admin.send('/api/v1/namespaces/mine?export=false')).status).toBe(200);
});

it('knows no paths below subresources', async () => {
  const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
  expect((await admin.send(widgets, { method: 'POST', body })).status).toBe(201);
  expect((await admin.send(`${widgets}/w/status/`)).status).toBe(200);
  for (const rest of ['/status/x', '//x', '//status']) {
    expect([rest, (await admin.send(`${widgets}/w${rest}`)).status]).toEqual([rest, 404]);
    expect([rest, (await admin.send(`${widgets}/w${rest}`, { method: 'DELETE' })).status]).toEqual([rest, 404]);
  }
});

it.each([
  '{"apiVersion":{"toString":1,"valueOf":1}}',
  '{"dryRun":[{"toString":1}]}',
  `{"dryRun":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
  '{"dryRun":["All"]',
  '[{"dryRun":["All"]}]',
  'null',
  '\xff',
])('refuses to delete with options that cannot be read (%#)', async (text) => {
  const answer = await admin.send(`${widgets}/w`, { method: 'DELETE', body: Buffer.from(text, 'latin1') });
  expect(answer.json()).toMatchObject({ kind: 'Status', code: 400, reason: 'BadRequest' });
});

it('reads long YAML like any other, in creation and application', async () => {
  const notes = Array.from({ length: 4000 }, (_, index) => `    note-${index}: text`).join('\n');
  const text = (name: string): string =>
    `apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: ${name}\n  annotations:\n${notes}\nspec: {color: red, color: blue}\n`;
  const yaml = { 'content-type': 'application/yaml' };
  const created = await admin.send(widgets, { method: 'POST', headers: yaml, body: text('long') });
  expect([created.status, created.json().spec.color]).toEqual([201, 'blue']);
  expect(created.headers['warning']).toContain('duplicate field \\"spec.color\\"');
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const path = `${widgets}/applied?fieldManager=test`;
  const applied = await admin.send(path, { method: 'PATCH', headers: apply, body: text('applied') });
  expect([applied.status, Object.keys(applied.json().metadata.annotations).length]).toEqual([201, 4000]);
  const broken = await admin.send(widgets, { method: 'POST', headers: yaml, body: `${text('broken')}  - x: [` });
  expect(broken.json()).toMatchObject({ code: 400, message: expect.stringContaining('not valid YAML at line 4007') });
});
