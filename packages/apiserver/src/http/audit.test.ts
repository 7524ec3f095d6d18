import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../auth/audit/audit-event.ts';
import type { AuditPolicy } from '../auth/audit/policy.ts';
import { http1Client, http2Client, type TrialClient, watchEvents } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

const policy: AuditPolicy = {
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz'] },
    { level: 'RequestResponse', resources: [{ group: 'example.com' }, { group: '', resources: ['secrets'] }] },
    { level: 'Request', resources: [{ resources: ['endpoints'] }], omitManagedFields: true },
    { level: 'Metadata' },
  ],
};
const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const json = { 'content-type': 'application/json' };

describe.each([http1Client, http2Client])('the audit log through %o', (connect) => {
  const events: AuditEvent[] = [];
  let trial: TrialServer;
  let client: TrialClient;
  beforeAll(async () => {
    trial = await startTrialServer({ audit: { policy, sink: { write: (event) => void events.push(event) } } });
    client = connect(trial, trial.admin);
  });
  afterAll(async () => {
    client.close();
    await trial.close();
  });
  beforeEach(() => {
    events.length = 0;
  });

  const widget = (name: string) => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { generateName: name },
    spec: { color: 'red' },
  });

  it('says who did what, and what came of it', async () => {
    const headers = { ...json, 'audit-id': 'one', 'user-agent': 'trial', 'x-forwarded-for': '192.0.2.7' };
    const created = (await client.send(`${widgets}?x=1`, { method: 'POST', headers, body: widget('w-') })).json();
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
    const [, complete] = events;
    expect(complete).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: 'one',
      requestURI: `${widgets}?x=1`,
      verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['192.0.2.7', expect.stringMatching(/127\.0\.0\.1|::1/)],
      userAgent: 'trial',
      objectRef: {
        resource: 'widgets',
        namespace: 'default',
        name: created.metadata.name,
        uid: created.metadata.uid,
        apiGroup: 'example.com',
        apiVersion: 'v1',
        resourceVersion: created.metadata.resourceVersion,
      },
      responseStatus: { code: 201 },
      requestObject: { spec: { color: 'red' } },
      responseObject: created,
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
    expect(complete?.stageTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('says what was refused, and why', async () => {
    await client.send(`${widgets}/none`);
    expect(events.at(-1)).toMatchObject({
      verb: 'get',
      responseStatus: { code: 404, status: 'Failure', reason: 'NotFound', message: expect.stringContaining('"none"') },
    });
    const jane = connect(trial, await trial.authority.issueClientCertificate({ name: 'jane', groups: [] }));
    await jane.send(`${widgets}/none`, { method: 'DELETE' });
    jane.close();
    expect(events.at(-1)).toMatchObject({
      user: { username: 'jane' },
      responseStatus: { code: 403, reason: 'Forbidden' },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    const nobody = connect(trial);
    await nobody.send(widgets);
    nobody.close();
    expect(events.at(-1)).toMatchObject({ user: { username: '' }, responseStatus: { code: 401 } });
    expect(events.filter(({ responseStatus }) => responseStatus?.code === 401)).toHaveLength(1);
  });

  it('has no data of secrets, and no credentials in addresses', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `s-${Math.random()}` },
      data: { a: 'aHVzaA==' },
    };
    await client.send('/api/v1/namespaces/default/secrets', { method: 'POST', headers: json, body: secret });
    expect(events.at(-1)).toMatchObject({ level: 'Metadata', verb: 'create', responseStatus: { code: 201 } });
    const color = 'https://user:hush@git.example.com/x';
    const spec = { color, tags: [color] };
    await client.send(widgets, { method: 'POST', headers: json, body: { ...widget('w-'), spec } });
    const redacted = 'https://<redacted>@git.example.com/x';
    const recorded = { requestObject: { spec: { color: redacted, tags: [redacted] } } };
    expect(events.at(-1)).toMatchObject(recorded);
    events.length = 0;
    const escaped = JSON.stringify({ ...widget('e'), spec }).replaceAll('/', '\\/');
    await client.send(widgets, { method: 'POST', headers: json, body: escaped });
    expect(events.at(-1)).toMatchObject(recorded);
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await client.send(widgets, { method: 'POST', headers: json, body: deep })).status).toBe(400);
    expect(events.at(-1)).toMatchObject({ responseStatus: { code: 400 }, requestObject: { kind: 'Unknown' } });
    expect(JSON.stringify(events)).not.toContain('hush');
    expect(JSON.stringify(events)).not.toContain('aHVzaA==');
  });

  it('has of an answer, and of owners of fields, what the policy says', async () => {
    const metadata = { name: `e-${Math.random()}`, managedFields: [{ manager: 'm', operation: 'Update' }] };
    const endpoints = '/api/v1/namespaces/default/endpoints';
    await client.send(endpoints, { method: 'POST', headers: json, body: { metadata } });
    expect(events.at(-1)).toMatchObject({ level: 'Request', responseStatus: { code: 201 } });
    expect(events.at(-1)?.requestObject).toEqual({ metadata: { name: metadata.name } });
    expect(events.at(-1)).not.toHaveProperty('responseObject');
  });

  it('has of YAML what was read of it, and makes nobody wait for what was not', async () => {
    const tags = Array.from({ length: 20_000 }, (_, index) => `t${index}`);
    const spec = { color: 'red', tags };
    const apply = { 'content-type': 'application/apply-patch+yaml', accept: 'application/yaml' };
    const path = `${widgets}/long?fieldManager=me`;
    const { apiVersion, kind } = widget('long');
    const long = `apiVersion: ${apiVersion}\nkind: ${kind}\nspec:\n  color: red\n  tags:\n${tags.map((tag) => `  - ${tag}\n`).join('')}`;
    expect((await client.send(path, { method: 'PATCH', headers: apply, body: long })).status).toBe(201);
    expect(events.at(-1)).toMatchObject({
      requestObject: { kind, spec },
      responseObject: { kind, spec: { color: 'red' } },
    });
    expect((await client.send(path, { method: 'PATCH', headers: apply, body: `${long}: [` })).status).toBe(400);
    expect(events.at(-1)?.requestObject).toEqual({ kind: 'Unknown', note: expect.stringContaining('LongYaml') });
  });

  it('names both who acts and who is acted for', async () => {
    await client.send(widgets, { headers: { 'impersonate-user': 'jane' } });
    expect(events.at(-1)).toMatchObject({
      user: { username: 'admin' },
      impersonatedUser: { username: 'jane', groups: ['system:authenticated'] },
      responseStatus: { code: 403 },
    });
  });

  it('records a watch when it begins and when it ends', async () => {
    const watch = await client.open(`${widgets}?watch=true&timeoutSeconds=1`);
    for await (const _ of watchEvents(watch));
    await expect.poll(() => events.at(-1)?.stage).toBe('ResponseComplete');
    expect(events.map(({ stage, verb }) => `${verb} ${stage}`)).toEqual([
      'watch RequestReceived',
      'watch ResponseStarted',
      'watch ResponseComplete',
    ]);
  });

  it('keeps silent where the policy says so', async () => {
    await client.send('/healthz');
    expect(events).toEqual([]);
    await client.send('/version');
    expect(events.at(-1)).toMatchObject({ level: 'Metadata', verb: 'get', requestURI: '/version' });
    expect(events.at(-1)).not.toHaveProperty('responseObject');
  });

  it('records patches and bodies that cannot be read', async () => {
    const [name] = (await client.send(widgets))
      .json()
      .items.map((item: { metadata: { name: string } }) => item.metadata.name);
    const patch = (body: string) =>
      client.send(`${widgets}/${name}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body,
      });
    await patch('{"spec":{"size":3}}');
    expect(events.at(-1)).toMatchObject({
      verb: 'patch',
      requestObject: { spec: { size: 3 } },
      responseStatus: { code: 200 },
    });
    await patch('{"spec"');
    expect(events.at(-1)).toMatchObject({ requestObject: { kind: 'Unknown' }, responseStatus: { code: 400 } });
  });
});
