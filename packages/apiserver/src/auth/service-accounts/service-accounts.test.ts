import { createPrivateKey } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceAccountKind } from '../../core/service-account.ts';
import { createDiscovery } from '../../discovery/discovery.ts';
import { http2Client, type TrialClient } from '../../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../../http/trial-server.test-support.ts';
import { createCertificateAuthenticator } from '../authenticators.ts';
import type { Authorizer } from '../authorizer.ts';
import { type Authority, createAuthority } from '../certificates.ts';
import { reviewDefinitions } from '../reviews/review-definitions.ts';
import { createBearerAuthenticator } from '../tokens/bearer-authenticator.ts';
import { accountIssuer } from './account-claims.ts';
import { AccountTokens } from './account-tokens.ts';
import { tokenAction } from './token-request.ts';

let first: Authority;
let second: Authority;
let authority: { signer: Authority; bundle: string };
let uids: Map<string, string>;
let time: Date;
const uidOf = (plural: string, namespace: string, name: string) => uids.get(`${plural} ${namespace}/${name}`);
/** What others have done and this server sees when it waits for it. */
let comesLate: (() => void) | undefined;
const current = async () => comesLate?.();
const tokens = new AccountTokens({ authority: () => authority, uidOf, current, clock: () => time });

beforeAll(async () => {
  first = await createAuthority({ name: 'first' });
  second = await createAuthority({ name: 'second' });
});
beforeEach(() => {
  authority = { signer: first, bundle: first.certificate };
  uids = new Map([
    ['serviceaccounts default/ci', 'u1'],
    ['secrets default/key', 's1'],
  ]);
  time = new Date();
  comesLate = undefined;
});

const account = { namespace: 'default', account: { name: 'ci', uid: 'u1' }, secret: undefined };
const usual = { ...account, audiences: [accountIssuer], seconds: 3600 };
const refusalOf = (token: string): Promise<string> =>
  tokens.userOf(token).then(
    (user) => `it is ${user?.name}`,
    (error: Error) => error.message,
  );

describe('tokens of service accounts', () => {
  it('are whom the account is, in the groups of all of them and of those in its namespace', async () => {
    const { token, end } = await tokens.issue(usual);
    const { jti } = decodeJwt(token);
    expect(await tokens.userOf(token)).toEqual({
      name: 'system:serviceaccount:default:ci',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] },
    });
    expect(end.getTime() / 1000).toBe(Math.floor(time.getTime() / 1000) + 3600);
    expect(decodeJwt((await tokens.issue(usual)).token).jti).not.toBe(jti);
  });

  it('end at their time', async () => {
    const { token } = await tokens.issue({ ...usual, seconds: 600 });
    time = new Date(time.getTime() + 612_000);
    expect(await refusalOf(token)).toBe('Unauthorized: the token has expired');
  });

  it('end with the account, and are none of the next one of its name', async () => {
    const { token } = await tokens.issue(usual);
    const gone = 'Unauthorized: the service account default/ci that the token is bound to is gone';
    uids.set('serviceaccounts default/ci', 'u2');
    expect(await refusalOf(token)).toBe(gone);
    uids.delete('serviceaccounts default/ci');
    expect(await refusalOf(token)).toBe(gone);
  });

  it('end with the Secret that they are bound to', async () => {
    const { token } = await tokens.issue({ ...usual, secret: { name: 'key', uid: 's1' } });
    expect(await refusalOf(token)).toBe('it is system:serviceaccount:default:ci');
    uids.delete('secrets default/key');
    expect(await refusalOf(token)).toBe('Unauthorized: the Secret default/key that the token is bound to is gone');
  });

  it('are good at once where another server has made the account', async () => {
    const { token } = await tokens.issue(usual);
    uids.clear();
    comesLate = () => void uids.set('serviceaccounts default/ci', 'u1');
    expect(await refusalOf(token)).toBe('it is system:serviceaccount:default:ci');
  });

  it('that are for others are not for the server', async () => {
    const { token } = await tokens.issue({ ...usual, audiences: ['vault', 'other'] });
    expect(await refusalOf(token)).toBe('Unauthorized: claim aud of the token is not as it has to be');
    expect((await tokens.userFor(token, ['vault', 'third']))?.audiences).toEqual(['vault']);
    await expect(tokens.userFor(token, ['third'])).rejects.toThrow('claim aud');
  });

  it('are good while the authority that has signed them is believed', async () => {
    const { token } = await tokens.issue(usual);
    authority = { signer: second, bundle: `${second.certificate}${first.certificate}` };
    const next = (await tokens.issue(usual)).token;
    for (const one of [token, next]) expect(await refusalOf(one)).toBe('it is system:serviceaccount:default:ci');
    authority = { signer: second, bundle: second.certificate };
    expect(await refusalOf(next)).toBe('it is system:serviceaccount:default:ci');
    expect(await refusalOf(token)).toBe('Unauthorized');
  });

  it('that somebody else has signed are refused, and those that are none are left to others', async () => {
    authority = { signer: second, bundle: first.certificate };
    expect(await refusalOf((await tokens.issue(usual)).token)).toBe('Unauthorized');
    const { token } = await tokens.issue(usual);
    expect(await refusalOf(`${token.split('.').slice(0, 2).join('.')}.`)).toBe('Unauthorized');
    expect(await tokens.userOf('secret-1')).toBeUndefined();
    const foreign = new SignJWT({ iss: 'https://sso', aud: accountIssuer, exp: 9e9 }).setProtectedHeader({
      alg: 'ES256',
    });
    expect(await tokens.userOf(await foreign.sign(createPrivateKey(first.key)))).toBeUndefined();
  });
});

describe('the endpoint that makes them', () => {
  let trial: TrialServer;
  let client: TrialClient;
  const asked: string[] = [];
  const authorizer: Authorizer = {
    async authorize(user, attributes) {
      if (attributes.type === 'resource') {
        const { verb, resource, subresource, name } = attributes;
        asked.push(`${user.name} ${verb} ${resource}/${subresource} ${name}`);
      }
      return { allowed: true };
    },
  };

  beforeAll(async () => {
    const accounts = { ...serviceAccountKind, storage: {}, actions: [tokenAction(tokens)] };
    const resolver = { rulesFor: () => [] };
    const definitions = [accounts, ...reviewDefinitions({ authorizer, resolver, tokens: [tokens] })];
    trial = await startTrialServer({
      definitions,
      discovery: createDiscovery({ definitions, version: 'v1.34.0' }),
      authenticators: [createCertificateAuthenticator(), createBearerAuthenticator([tokens])],
      authorizer,
    });
    client = http2Client(trial, trial.admin);
  });
  afterAll(async () => {
    client.close();
    await trial.close();
  });

  const path = '/api/v1/namespaces/default/serviceaccounts/ci/token';
  async function send(body: object, method = 'POST', url = path) {
    const answer = await client.send(url, { method, headers: { 'content-type': 'application/json' }, body });
    return { code: answer.status, headers: answer.headers, ...JSON.parse(answer.body.toString()) };
  }
  const request = (spec: object = {}, metadata: object = {}) => ({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata,
    spec,
  });

  it('answers with a token for an hour, for the server', async () => {
    const answer = await send(request());
    expect(answer).toMatchObject({
      code: 201,
      kind: 'TokenRequest',
      metadata: { name: 'ci', namespace: 'default' },
      spec: { audiences: ['porch'], expirationSeconds: 3600 },
    });
    expect(Date.parse(answer.status.expirationTimestamp)).toBe((Math.floor(time.getTime() / 1000) + 3600) * 1000);
    expect(await refusalOf(answer.status.token)).toBe('it is system:serviceaccount:default:ci');
    expect(asked).toContain('admin create serviceaccounts/token ci');
  });

  it('makes it as it is asked for', async () => {
    const bound = { kind: 'Secret', apiVersion: 'v1', name: 'key', uid: 's1' };
    const answer = await send(request({ audiences: ['a', 'b'], expirationSeconds: 600, boundObjectRef: bound }));
    expect(answer).toMatchObject({ code: 201, spec: { audiences: ['a', 'b'], boundObjectRef: bound } });
    expect(decodeJwt(answer.status.token)).toMatchObject({
      aud: ['a', 'b'],
      sub: 'system:serviceaccount:default:ci',
      'kubernetes.io': { namespace: 'default', serviceaccount: { uid: 'u1' }, secret: { name: 'key', uid: 's1' } },
    });
    const { exp = 0, iat = 0 } = decodeJwt(answer.status.token);
    expect(exp - iat).toBe(600);
  });

  it('takes what clients of the Kubernetes libraries send as protobuf', async () => {
    const string = (tag: number, text: string) => Buffer.from([(tag << 3) | 2, text.length, ...Buffer.from(text)]);
    const nested = (tag: number, bytes: Buffer) => Buffer.concat([Buffer.from([(tag << 3) | 2, bytes.length]), bytes]);
    const spec = Buffer.concat([
      string(1, 'x'),
      nested(3, Buffer.concat([string(1, 'Secret'), string(3, 'key')])),
      Buffer.from([0x20, 0xd8, 0x04]),
    ]);
    const type = Buffer.concat([string(1, 'authentication.k8s.io/v1'), string(2, 'TokenRequest')]);
    const body = Buffer.concat([Buffer.from('k8s\0'), nested(1, type), nested(2, nested(2, spec))]);
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf', accept: 'application/json' };
    const answer = await client.send(path, { method: 'POST', headers, body });
    expect(JSON.parse(answer.body.toString()).spec).toEqual({
      audiences: ['x'],
      expirationSeconds: 600,
      boundObjectRef: { kind: 'Secret', name: 'key' },
    });
  });

  it.each([
    ['too short a time', request({ expirationSeconds: 599 }), 422, 'may not specify a duration less than 10 minutes'],
    [
      'too long a time',
      request({ expirationSeconds: 2 ** 32 + 1 }),
      422,
      'may not specify a duration larger than 2^32',
    ],
    ['a Pod', request({ boundObjectRef: { kind: 'Pod', name: 'x' } }), 422, 'supported values: "Secret"'],
    [
      'another API',
      request({ boundObjectRef: { kind: 'Secret', apiVersion: 'v2', name: 'x' } }),
      422,
      'supported values: "v1"',
    ],
    [
      'a Secret without a name',
      request({ boundObjectRef: { kind: 'Secret' } }),
      422,
      'spec.boundObjectRef.name: Required',
    ],
    [
      'a Secret that is not there',
      request({ boundObjectRef: { kind: 'Secret', name: 'x' } }),
      404,
      'secrets "x" not found',
    ],
    [
      'another Secret',
      request({ boundObjectRef: { kind: 'Secret', name: 'key', uid: 'x' } }),
      409,
      'does not match the UID in record (s1)',
    ],
    ['another account', request({}, { name: 'x' }), 400, 'does not match the name on the URL (ci)'],
    ['another namespace', request({}, { namespace: 'x' }), 400, 'does not match the namespace sent on the request'],
    [
      'another kind',
      { apiVersion: 'v1', kind: 'ServiceAccount' },
      400,
      'expected API version (authentication.k8s.io/v1)',
    ],
  ])('refuses %s', async (_, body, code, message) => {
    expect(await send(body)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('makes one of an account that another server has just made', async () => {
    comesLate = () => void uids.set('serviceaccounts default/new', 'u9');
    const answer = await send(request(), 'POST', path.replace('/ci/', '/new/'));
    expect(decodeJwt(answer.status.token)).toMatchObject({ 'kubernetes.io': { serviceaccount: { uid: 'u9' } } });
  });

  it('says so when there is no such account', async () => {
    const answer = await send(request(), 'POST', path.replace('/ci/', '/x/'));
    expect(answer).toMatchObject({ code: 404, message: 'serviceaccounts "x" not found' });
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('does nothing else: %s', async (method) => {
    const answer = await send(request(), method);
    expect(answer).toMatchObject({ code: 405, reason: 'MethodNotAllowed' });
    expect(answer.headers.allow).toBe('POST');
  });

  it('is found by discovery and described', async () => {
    const get = async (url: string, accept = 'application/json') =>
      JSON.parse((await client.send(url, { headers: { accept } })).body.toString());
    const kind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
    const { resources } = await get('/api/v1');
    expect(resources.at(-1)).toEqual({
      name: 'serviceaccounts/token',
      singularName: '',
      namespaced: true,
      ...kind,
      verbs: ['create'],
    });
    const aggregated = await get('/api', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(aggregated.items[0].versions[0].resources[0].subresources).toEqual([
      { subresource: 'token', responseKind: kind, verbs: ['create'] },
    ]);
    for (const document of ['/openapi/v2', '/openapi/v3/api/v1']) {
      const { paths, definitions, components } = await get(document);
      const { post } = paths['/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token'];
      expect(post).toMatchObject({
        operationId: 'createCoreV1NamespacedServiceAccountToken',
        'x-kubernetes-group-version-kind': kind,
      });
      expect(Object.keys(definitions ?? components.schemas)).toContain('io.k8s.authentication.v1.TokenRequest');
    }
  });

  it('makes tokens that a review tells of', async () => {
    const review = async (token: string, audiences?: string[]) => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
      return (await send(body, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews')).status;
    };
    const user = { username: 'system:serviceaccount:default:ci' };
    const own = (await send(request())).status.token;
    expect(await review(own)).toMatchObject({ authenticated: true, user });
    const other = (await send(request({ audiences: ['vault'] }))).status.token;
    expect(await review(other, ['vault', 'x'])).toMatchObject({ authenticated: true, user, audiences: ['vault'] });
    const error = 'Unauthorized: claim aud of the token is not as it has to be';
    expect(await review(other)).toEqual({ authenticated: false, error });
    expect(await review(own, ['vault'])).toEqual({ authenticated: false, error });
  });
});
