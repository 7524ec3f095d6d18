import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDiscovery } from '../../discovery/discovery.ts';
import { http2Client, type TrialClient } from '../../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../../http/trial-server.test-support.ts';
import { statusErrors } from '../../meta/status.ts';
import { createCertificateAuthenticator } from '../authenticators.ts';
import type { Authorizer, RuleResolver } from '../authorizer.ts';
import { ruleAllows } from '../rbac/rule-matching.ts';
import type { PolicyRule } from '../rbac/types.ts';
import { createBearerAuthenticator } from '../tokens/bearer-authenticator.ts';
import type { UserInfo } from '../user.ts';
import { reviewDefinitions } from './review-definitions.ts';

const janes: PolicyRule[] = [
  { verbs: ['get'], apiGroups: ['porch.kpt.dev'], resources: ['packagerevisions'], resourceNames: ['a'] },
  { verbs: ['get'], nonResourceURLs: ['/api/*'] },
  { verbs: ['*'], apiGroups: ['authorization.k8s.io', 'authentication.k8s.io'], resources: ['*'] },
];
const rulesOf = (user: UserInfo) => (user.groups.includes('janes') || user.name === 'jane' ? janes : []);
const resolver: RuleResolver = { rulesFor: rulesOf };
const authorizer: Authorizer = {
  authorize: async (user, attributes) =>
    rulesOf(user).some((rule) => ruleAllows(rule, attributes))
      ? { allowed: true, reason: 'rules' }
      : { allowed: false },
};
const tokens = [
  { userOf: async (token: string) => (token === 'secret-1' ? { name: 'jane', uid: '7', groups: ['dev'] } : undefined) },
  {
    async userOf(token: string) {
      if (token === 'late') throw statusErrors.unauthorized('Unauthorized: the token has expired');
      if (token === 'broken') throw new Error('nobody knows');
      return undefined;
    },
  },
];

describe('reviews', () => {
  let trial: TrialServer;
  let client: TrialClient;
  beforeAll(async () => {
    const definitions = reviewDefinitions({ authorizer, resolver, tokens });
    trial = await startTrialServer({
      definitions,
      discovery: createDiscovery({ definitions, version: 'v1.34.0' }),
      authenticators: [createCertificateAuthenticator(), createBearerAuthenticator(tokens)],
      authorizer,
    });
    client = http2Client(trial);
  });
  afterAll(async () => {
    client.close();
    await trial.close();
  });

  async function ask(group: 'authorization' | 'authentication', path: string, kind: string, spec?: object) {
    const answer = await client.send(`/apis/${group}.k8s.io/v1/${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret-1', 'content-type': 'application/json' },
      body: { apiVersion: `${group}.k8s.io/v1`, kind, ...(spec === undefined ? {} : { spec }) },
    });
    expect(answer.body.toString()).not.toContain('secret-1');
    return { code: answer.status, ...answer.json() };
  }

  const resource = (name: string) => ({ verb: 'get', group: 'porch.kpt.dev', resource: 'packagerevisions', name });

  it('say what one may do oneself', async () => {
    const self = (spec: object) => ask('authorization', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', spec);
    expect(await self({ resourceAttributes: resource('a') })).toMatchObject({
      code: 201,
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { name: 'a' } },
      status: { allowed: true, reason: 'rules' },
    });
    expect((await self({ resourceAttributes: resource('b') })).status).toEqual({ allowed: false });
    expect((await self({ nonResourceAttributes: { verb: 'get', path: '/api/v1' } })).status.allowed).toBe(true);
    expect((await self({ resourceAttributes: { ...resource('a'), subresource: 'approval' } })).status.allowed).toBe(
      false,
    );
    expect(await self({})).toMatchObject({
      code: 422,
      message: expect.stringContaining('exactly one of nonResourceAttributes or resourceAttributes must be specified'),
    });
    const both = { resourceAttributes: resource('a'), nonResourceAttributes: { verb: 'get', path: '/api/v1' } };
    expect(await self(both)).toMatchObject({
      code: 422,
      message: expect.stringContaining('cannot be specified in combination with resourceAttributes'),
    });
  });

  it('say what somebody else may do', async () => {
    const other = (spec: object) => ask('authorization', 'subjectaccessreviews', 'SubjectAccessReview', spec);
    const attributes = { resourceAttributes: resource('a') };
    expect((await other({ ...attributes, user: 'joe' })).status.allowed).toBe(false);
    expect((await other({ ...attributes, user: 'joe', groups: ['janes'] })).status.allowed).toBe(true);
    expect((await other(attributes)).message).toContain('at least one of user or group must be specified');
  });

  it('stay in their namespace where they have one', async () => {
    const local = (namespace: string, more: object = {}) =>
      ask('authorization', 'namespaces/team-a/localsubjectaccessreviews', 'LocalSubjectAccessReview', {
        resourceAttributes: { ...resource('a'), namespace },
        user: 'jane',
        ...more,
      });
    expect((await local('team-a')).status.allowed).toBe(true);
    expect((await local('team-a', { user: 'joe' })).status.allowed).toBe(false);
    expect((await local('team-b')).message).toContain('must match metadata.namespace: team-a');
    const path = { resourceAttributes: undefined, nonResourceAttributes: { verb: 'get', path: '/api/v1' } };
    expect((await local('', path)).message).toContain('disallowed on this kind of request');
  });

  it('list what one may do', async () => {
    const rules = (namespace: string) =>
      ask('authorization', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', { namespace });
    expect((await rules('default')).status).toEqual({
      resourceRules: [janes[0], janes[2]],
      nonResourceRules: [janes[1]],
      incomplete: false,
    });
    expect((await rules('')).code).toBe(400);
  });

  it('say who one is, and whose a token is', async () => {
    const user = { username: 'jane', uid: '7', groups: ['dev', 'system:authenticated'] };
    expect((await ask('authentication', 'selfsubjectreviews', 'SelfSubjectReview')).status).toEqual({ userInfo: user });
    const review = (token: string) => ask('authentication', 'tokenreviews', 'TokenReview', { token });
    expect(await review('secret-1')).toMatchObject({ spec: {}, status: { authenticated: true, user } });
    expect((await review('other')).status).toEqual({ authenticated: false });
    const error = 'Unauthorized: the token has expired';
    expect((await review('late')).status).toEqual({ authenticated: false, error });
    expect(await review('broken')).toMatchObject({ code: 500 });
    expect((await review('')).message).toContain('spec.token: Required value');
  });

  it('take tokens that name nobody for meant for the server, and for nobody else', async () => {
    const review = async (audiences: readonly string[]) =>
      (await ask('authentication', 'tokenreviews', 'TokenReview', { token: 'secret-1', audiences })).status;
    expect(await review(['vault'])).toEqual({ authenticated: false });
    expect(await review(['vault', 'porch'])).toMatchObject({ authenticated: true, audiences: ['porch'] });
  });

  it('are created and nothing else', async () => {
    const answer = await client.send('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      headers: { authorization: 'Bearer secret-1' },
    });
    expect(answer.status).toBe(405);
  });
});
