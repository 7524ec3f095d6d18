import { afterAll, beforeAll, expect, it } from 'vitest';
import { http2Client, type TrialClient } from '../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../http/trial-server.test-support.ts';
import { askingForCredentials } from './anonymous.ts';
import { createCertificateAuthenticator } from './authenticators.ts';
import type { Authorizer } from './authorizer.ts';
import { createAuthenticatorUnion } from './delegated/authenticator-union.ts';

/** Everybody may list widgets, and the administrator anything. */
const authorizer: Authorizer = {
  authorize: async ({ name, groups }, attributes) => ({
    allowed:
      name === 'admin' ||
      (groups.includes('system:unauthenticated') &&
        attributes.type === 'resource' &&
        attributes.resource === 'widgets'),
  }),
};

let trial: TrialServer;
let nobody: TrialClient;
beforeAll(async () => {
  trial = await startTrialServer({
    authenticators: [createAuthenticatorUnion([createCertificateAuthenticator()], () => undefined)],
    authorizer: askingForCredentials(authorizer),
  });
  nobody = http2Client(trial);
});
afterAll(async () => {
  nobody.close();
  await trial.close();
});

const widgets = '/apis/example.com/v1/widgets';

it('a request without credentials may do what anonymous users are allowed', async () => {
  expect((await nobody.send(widgets)).json()).toMatchObject({ kind: 'WidgetList' });
});

it('and is asked for credentials for the rest, which others are refused', async () => {
  expect((await nobody.send('/api/v1/namespaces')).json()).toMatchObject({ code: 401, reason: 'Unauthorized' });
  const impersonating = { 'impersonate-user': 'admin' };
  expect((await nobody.send(widgets, { headers: impersonating })).status).toBe(401);
  const jane = http2Client(trial, await trial.authority.issueClientCertificate({ name: 'jane', groups: [] }));
  expect((await jane.send(widgets)).json()).toMatchObject({ code: 403, reason: 'Forbidden' });
  jane.close();
});
