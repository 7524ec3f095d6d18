import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../auth/certificates.ts';
import { http1Client, http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
beforeAll(async () => {
  trial = await startTrialServer();
});
afterAll(async () => trial.close());

it.each([
  ['https://localhost/version?x', 200],
  ['HTTP://other:80/version', 200],
  ['https://localhost', 401],
  ['https://localhost?x', 401],
])('takes a target with scheme and host: %s', async (target, status) => {
  const { host, port, authority } = trial;
  const socket = connect({ host, port, ca: authority.certificate, servername: 'localhost' });
  socket.end(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

describe.each([http1Client, http2Client])('access through %o', (connect) => {
  it('lets everyone see the health and nobody else anything', async () => {
    const client = connect(trial);
    for (const path of ['/healthz', '/livez', '/readyz', '/readyz/ping']) {
      const answer = await client.send(path);
      expect([path, answer.status, answer.body.toString()]).toEqual([path, 200, 'ok']);
    }
    const refused = await client.send('/api');
    expect(refused.json()).toMatchObject({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    client.close();
  });

  it('knows who asks for the version, where nobody has to be known', async () => {
    const headers = { 'impersonate-user': 'jane' };
    const stranger = await createAuthority({ name: 'trial' });
    const forged = await stranger.issueClientCertificate({ name: 'admin', groups: ['system:masters'] });
    for (const [identity, status, asJane] of [
      [trial.admin, 200, 200],
      [forged, 200, 403],
      [undefined, 200, 403],
    ] as const) {
      const client = connect(trial, identity);
      expect((await client.send('/version')).status).toBe(status);
      expect((await client.send('/version', { headers })).status).toBe(asJane);
      client.close();
    }
  });

  it('reports checks, leaves some out, and knows which there are', async () => {
    const client = connect(trial);
    const verbose = await client.send('/readyz?verbose&exclude=ping');
    expect(verbose.body.toString()).toBe('[+]shutdown ok\n[+]ping excluded: ok\nreadyz check passed\n');
    const misspelt = await client.send('/livez?verbose&exclude=pong&exclude=b&exclude=ping');
    expect(misspelt.body.toString()).toBe(
      '[+]ping excluded: ok\nwarn: some health checks cannot be excluded: no matches for "b","pong"\nlivez check passed\n',
    );
    expect((await client.send('/livez/none')).status).toBe(404);
    client.close();
  });

  it('takes the headers of users with many groups, and long tokens', async () => {
    const client = connect(trial, trial.admin);
    const groups = Array.from({ length: 3000 }, (_, index) => [`impersonate-extra-g${index}`, `group-${index}`]);
    const headers = { 'impersonate-user': 'jane', ...Object.fromEntries(groups), 'x-long': 'x'.repeat(20_000) };
    expect((await client.send('/api', { headers })).json().message).toContain('User "jane" cannot get path "/api"');
    client.close();
  });

  it('takes selectors with thousands of values', async () => {
    const client = connect(trial, trial.admin);
    const values = Array.from({ length: 6000 }, (_, index) => `value-${index}`);
    const selector = encodeURIComponent(`a in (${values.join(',')})`);
    const answer = await client.send(`/apis/example.com/v1/namespaces/default/widgets?labelSelector=${selector}`);
    expect(answer.json()).toMatchObject({ kind: 'WidgetList', items: [] });
    client.close();
  });

  it('refuses users without rights with 403', async () => {
    const jane = await trial.authority.issueClientCertificate({ name: 'jane', groups: ['dev'] });
    const client = connect(trial, jane);
    const list = await client.send('/apis/example.com/v1/namespaces/default/widgets');
    expect(list.json()).toMatchObject({
      code: 403,
      message:
        'widgets.example.com is forbidden: User "jane" cannot list resource "widgets" in API group "example.com" in the namespace "default"',
      details: { group: 'example.com', kind: 'widgets' },
    });
    const status = await client.send('/apis/example.com/v1/namespaces/default/widgets/w/status');
    expect(status.json().message).toContain('User "jane" cannot get resource "widgets/status" in API group');
    const path = await client.send('/metrics');
    expect(path.json().message).toBe('forbidden: User "jane" cannot get path "/metrics"');
    client.close();
  });

  it('refuses certificates of other authorities and expired ones with 401', async () => {
    const stranger = await createAuthority({ name: 'trial' });
    const forged = await stranger.issueClientCertificate({ name: 'admin', groups: ['system:masters'] });
    const expired = await trial.authority.issueClientCertificate({
      name: 'admin',
      groups: ['system:masters'],
      days: -1,
    });
    for (const identity of [forged, expired]) {
      const client = connect(trial, identity);
      const answer = await client.send('/api');
      expect([answer.status, answer.json().reason]).toEqual([401, 'Unauthorized']);
      client.close();
    }
  });

  it('keeps the audit id of the caller', async () => {
    const client = connect(trial, trial.admin);
    expect((await client.send('/version', { headers: { 'audit-id': 'abc-1' } })).headers['audit-id']).toBe('abc-1');
    client.close();
  });
});
