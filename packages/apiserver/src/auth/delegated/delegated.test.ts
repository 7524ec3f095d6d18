import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDiscovery } from '../../discovery/discovery.ts';
import { http1Client, http2Client, type TrialClient, type TrialRequest } from '../../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../../http/trial-server.test-support.ts';
import { createAuthorizerUnion, createMastersAuthorizer, type Decision } from '../authorizer.ts';
import { type Authority, createAuthority, type KeyPair, openAuthority } from '../certificates.ts';
import { reviewDefinitions } from '../reviews/review-definitions.ts';
import { createBearerAuthenticator } from '../tokens/bearer-authenticator.ts';
import type { UserInfo } from '../user.ts';
import { createAuthenticatorUnion } from './authenticator-union.ts';
import { createChain, forge, issueAny } from './certificate-chain.test-support.ts';
import { createClientAuthorityAuthenticator } from './client-authority-authenticator.ts';
import { type DelegatedTrust, parseDelegatedTrust, trustedCertificates } from './delegated-trust.ts';
import { createFrontProxyAuthenticator } from './front-proxy-authenticator.ts';
import { createReviewedTokens } from './reviewed-tokens.ts';
import { createReviewingAuthorizer } from './reviewing-authorizer.ts';

const headerNames = {
  'requestheader-username-headers': '["X-Remote-User"]',
  'requestheader-uid-headers': '["X-Remote-Uid"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  'requestheader-allowed-names': '["front-proxy"]',
};

/** Node.js 24 tells servers of no certificate but the client's own. */
const tellsChains = Number.parseInt(process.versions.node, 10) > 24;

describe('a server that delegates', () => {
  let clients: Authority;
  let proxies: Authority;
  let trust: DelegatedTrust;
  let server: TrialServer;
  let now = Date.now();
  let failing = false;
  const failures: unknown[] = [];
  const reviewed: { token: string[]; access: [UserInfo, unknown][] } = { token: [], access: [] };
  const open: TrialClient[] = [];
  const client = (identity?: KeyPair, make: (target: TrialServer, identity?: KeyPair) => TrialClient = http2Client) => {
    const made = make(server, identity);
    open.push(made);
    return made;
  };
  const trustIn = (data: Record<string, string> = {}) =>
    parseDelegatedTrust({
      'client-ca-file': clients.certificate,
      'requestheader-client-ca-file': proxies.certificate,
      ...headerNames,
      ...data,
    });

  async function whoAmI(from: TrialClient, headers: Record<string, string> = {}): Promise<unknown> {
    const answer = await from.send('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    } satisfies TrialRequest);
    return answer.status === 201 ? answer.json().status.userInfo : answer.status;
  }

  beforeAll(async () => {
    clients = await createAuthority({ name: 'clients' });
    proxies = await createAuthority({ name: 'proxies' });
    trust = trustIn();
    const time = () => now;
    const tokens = createReviewedTokens(
      {
        async review(token) {
          reviewed.token.push(token);
          if (failing) throw new Error('nobody answers');
          return token === 'good' ? { name: 'robot', groups: ['robots'] } : undefined;
        },
      },
      time,
    );
    const reviewing = createReviewingAuthorizer(
      {
        async review(user, attributes): Promise<Decision> {
          reviewed.access.push([user, attributes]);
          if (failing) throw new Error('nobody answers');
          const self = attributes.type === 'resource' && attributes.resource === 'selfsubjectreviews';
          return self && user.name !== 'system:anonymous' ? { allowed: true } : { allowed: false, reason: 'no rule' };
        },
      },
      time,
    );
    const authorizer = createAuthorizerUnion([createMastersAuthorizer(), reviewing]);
    const definitions = reviewDefinitions({ authorizer, resolver: createMastersAuthorizer(), tokens: [tokens] });
    server = await startTrialServer({
      definitions,
      discovery: createDiscovery({ definitions, version: 'v1.34.0' }),
      authenticators: [
        createAuthenticatorUnion(
          [
            createFrontProxyAuthenticator(() => trust, time),
            createClientAuthorityAuthenticator(() => trust, time),
            createBearerAuthenticator([tokens]),
          ],
          (error) => failures.push(error),
        ),
      ],
      authorizer,
    });
    const serving = await server.authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
    server.server.setTls({ key: serving.key, cert: serving.certificate, clientCa: trustedCertificates(trust) });
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
    trust = trustIn();
    now += 60_000; // nothing is remembered from one test to the next
    failing = false;
    reviewed.token.length = 0;
    reviewed.access.length = 0;
    failures.length = 0;
  });
  afterAll(() => server.close());

  it.each([http2Client, http1Client])('believes the headers of a front proxy (%o)', async (make) => {
    const proxy = client(await proxies.issueClientCertificate({ name: 'front-proxy', groups: [] }), make);
    const user = { 'X-Remote-User': 'jane', 'X-Remote-Uid': '7', 'X-Remote-Group': 'dev, ops' };
    expect(
      await whoAmI(proxy, { ...user, 'X-Remote-Extra-Example.com%2FScope': 'a', authorization: 'Bearer bad' }),
    ).toEqual({
      username: 'jane',
      uid: '7',
      groups: ['dev, ops', 'system:authenticated'],
      extra: { 'example.com/scope': ['a'] },
    });
    expect(
      await whoAmI(proxy, { 'X-Remote-User': 'system:anonymous', 'X-Remote-Group': 'system:unauthenticated' }),
    ).toBe(403);
    expect(reviewed.access.at(-1)?.[0]).toEqual({ name: 'system:anonymous', groups: ['system:unauthenticated'] });
    expect(await whoAmI(proxy)).toBe(401);
    expect(await whoAmI(proxy, { authorization: 'Bearer good' })).toMatchObject({ username: 'robot' });
  });

  it.each([http2Client, http1Client])('names may have any letters, which proxies send in UTF-8 (%o)', async (make) => {
    const sent = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    const proxy = client(await proxies.issueClientCertificate({ name: 'front-proxy', groups: [] }), make);
    const headers = {
      'X-Remote-User': sent('Jürgen Žluť'),
      'X-Remote-Uid': sent('ü'),
      'X-Remote-Group': sent('größe 日本'),
      'X-Remote-Extra-Stra%C3%9Fe': sent('Łódź'),
    };
    expect(await whoAmI(proxy, headers)).toEqual({
      username: 'Jürgen Žluť',
      uid: 'ü',
      groups: ['größe 日本', 'system:authenticated'],
      extra: { straße: ['Łódź'] },
    });
    const certificate = await clients.issueClientCertificate({ name: 'Jürgen Žluť', groups: ['größe 日本'] });
    expect(await whoAmI(client(certificate, make))).toMatchObject({
      username: 'Jürgen Žluť',
      groups: ['größe 日本', 'system:authenticated'],
    });
  });

  it('takes headers from nobody else for an identity', async () => {
    const forged = { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters' };
    expect(await whoAmI(client(), forged)).toBe(403);
    const jane = await clients.issueClientCertificate({ name: 'jane', groups: ['dev'] });
    expect(await whoAmI(client(jane), forged)).toEqual({ username: 'jane', groups: ['dev', 'system:authenticated'] });
    const stranger = await (await createAuthority({ name: 'proxies' })).issueClientCertificate({
      name: 'front-proxy',
      groups: [],
    });
    expect(await whoAmI(client(stranger), forged)).toBe(401);
    const unnamed = await proxies.issueClientCertificate({ name: 'somebody', groups: [] });
    expect(await whoAmI(client(unnamed), forged)).toBe(401);
    const serving = await proxies.issueServerCertificate({ hosts: ['front-proxy'] });
    expect(await whoAmI(client(serving), forged)).toBe(401);
    expect(await whoAmI(client(jane), { ...forged, authorization: 'Bearer good' })).toMatchObject({ username: 'jane' });
  });

  it('looks at the end of certificates again with every request, also of one connection', async () => {
    const proxy = client(await proxies.issueClientCertificate({ name: 'front-proxy', groups: [], days: 2 }));
    const jane = client(await clients.issueClientCertificate({ name: 'jane', groups: [], days: 2 }));
    const forJane = { 'X-Remote-User': 'jane' };
    expect(await whoAmI(proxy, forJane)).toMatchObject({ username: 'jane' });
    expect(await whoAmI(jane)).toMatchObject({ username: 'jane' });
    now += 3 * 24 * 3_600_000;
    expect(await whoAmI(proxy, forJane)).toBe(401);
    expect(await whoAmI(jane)).toBe(401);
  });

  it.skipIf(!tellsChains)(
    'believes whom an authority has put in charge, as long as all of them are valid, where clients show the way',
    async () => {
      const { root, below } = await createChain(100);
      trust = trustIn({ 'client-ca-file': root.certificate });
      const serving = await server.authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
      server.server.setTls({ key: serving.key, cert: serving.certificate, clientCa: trustedCertificates(trust) });
      const jane = await below.issueClientCertificate({ name: 'jane', groups: [] });
      const chain = (certificate: string, ...above: KeyPair[]) =>
        [certificate, ...above.map((one) => one.certificate)].join('');
      const shown = client({ ...jane, certificate: chain(jane.certificate, below) });
      expect(await whoAmI(shown)).toMatchObject({ username: 'jane' });
      expect(await whoAmI(client(jane))).toBe(401);
      // A certificate that is no authority's signs for nobody.
      const made = await openAuthority(jane).issueClientCertificate({ name: 'admin', groups: ['system:masters'] });
      expect(await whoAmI(client({ ...made, certificate: chain(made.certificate, jane, below) }))).toBe(401);
      now += 120 * 24 * 3_600_000;
      expect(await whoAmI(shown)).toBe(401);
      now -= 120 * 24 * 3_600_000;
    },
  );

  it('believes nobody whom an authority has put in charge that may not', async () => {
    const { root, below } = await createChain(100, 0);
    trust = trustIn({ 'client-ca-file': root.certificate });
    const serving = await server.authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
    server.server.setTls({ key: serving.key, cert: serving.certificate, clientCa: trustedCertificates(trust) });
    const jane = await below.issueClientCertificate({ name: 'jane', groups: [] });
    expect(await whoAmI(client({ ...jane, certificate: jane.certificate + below.certificate }))).toBe(401);
  });

  it('is not taken in by a certificate that only says where it comes from', async () => {
    const forged = await forge(clients, 'admin', ['system:masters']);
    expect(await whoAmI(client(forged))).toBe(401);
    const proxy = await forge(proxies, 'front-proxy', []);
    expect(await whoAmI(client(proxy), { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters' })).toBe(401);
  });

  it('does not believe a certificate before its time', async () => {
    const jane = client(await clients.issueClientCertificate({ name: 'jane', groups: [] }));
    const later = now;
    now = Date.now() - 24 * 3_600_000;
    expect(await whoAmI(jane)).toBe(401);
    now = later;
    expect(await whoAmI(jane)).toMatchObject({ username: 'jane' });
  });

  it('does not believe a certificate because the one that has signed it is trusted, and is no authority', async () => {
    const plain = await issueAny({ name: 'plain', days: 100 });
    const made = await issueAny({ name: 'admin', groups: ['system:masters'], days: 100, issuer: plain });
    trust = trustIn({ 'client-ca-file': clients.certificate + plain.certificate });
    expect(await whoAmI(client(made))).toBe(401);
    expect(await whoAmI(client({ ...made, certificate: made.certificate + plain.certificate }))).toBe(401);
  });

  it('follows authorities that change, also for connections that are open already', async () => {
    const successor = await createAuthority({ name: 'proxies' });
    const before = client(await proxies.issueClientCertificate({ name: 'front-proxy', groups: [] }));
    const after = client(await successor.issueClientCertificate({ name: 'front-proxy', groups: [] }));
    const forJane = { 'X-Remote-User': 'jane' };
    expect(await whoAmI(before, forJane)).toMatchObject({ username: 'jane' });
    expect(await whoAmI(after, forJane)).toBe(401);
    trust = trustIn({ 'requestheader-client-ca-file': proxies.certificate + successor.certificate });
    expect(await whoAmI(after, forJane)).toMatchObject({ username: 'jane' });
    trust = trustIn({ 'requestheader-client-ca-file': successor.certificate });
    expect(await whoAmI(before, forJane)).toBe(401);
    trust = trustIn({ 'requestheader-client-ca-file': '' });
    expect(await whoAmI(after, forJane)).toBe(401);
  });

  it('remembers for ten seconds what it was told of tokens and permissions', async () => {
    const one = client();
    const good = { authorization: 'Bearer good' };
    const bad = { authorization: 'Bearer bad' };
    expect(await whoAmI(one, good)).toMatchObject({ username: 'robot' });
    expect(await Promise.all([whoAmI(one, bad), whoAmI(one, bad), whoAmI(one, good)])).toMatchObject([401, 401, {}]);
    expect(reviewed.token).toEqual(['good', 'bad']);
    expect(reviewed.access).toHaveLength(1);
    now += 10_001;
    expect(await whoAmI(one, good)).toMatchObject({ username: 'robot' });
    expect(await whoAmI(one, bad)).toBe(401);
    expect(reviewed.token).toEqual(['good', 'bad', 'good', 'bad']);
    expect(reviewed.access).toHaveLength(2);
  });

  it('remembers that of one user only, with these groups and all else that is known', async () => {
    const proxy = client(await proxies.issueClientCertificate({ name: 'front-proxy', groups: [] }));
    const users: Record<string, string>[] = [
      {},
      { 'X-Remote-Group': 'dev' },
      { 'X-Remote-Uid': '7' },
      { 'X-Remote-Extra-Scope': 'a' },
      { 'X-Remote-Extra-Scope': 'b' },
    ];
    for (const more of [...users, ...users]) {
      expect(await whoAmI(proxy, { 'X-Remote-User': 'jane', ...more })).toMatchObject({ username: 'jane' });
    }
    expect(reviewed.access).toHaveLength(users.length);
  });

  it('believes any front proxy of the authorities where no names are given, and keeps keys that are not encoded', async () => {
    trust = trustIn({ 'requestheader-allowed-names': '[]' });
    const proxy = client(await proxies.issueClientCertificate({ name: 'somebody', groups: [] }));
    expect(await whoAmI(proxy, { 'X-Remote-User': 'jane', 'X-Remote-Extra-100%': 'a' })).toMatchObject({
      username: 'jane',
      extra: { '100%': ['a'] },
    });
  });

  it('refuses access when nobody can tell who it is or what they may, and forgets that', async () => {
    const jane = client(await clients.issueClientCertificate({ name: 'jane', groups: [] }));
    failing = true;
    expect(await whoAmI(client(), { authorization: 'Bearer good' })).toBe(401);
    expect(failures).toHaveLength(1);
    expect(await whoAmI(jane)).toBe(500);
    const answer = await jane.send('/apis/authentication.k8s.io/v1');
    expect(answer.json()).toMatchObject({ code: 500, reason: 'InternalError' });
    expect(answer.body.toString()).not.toContain('nobody answers');
    const admin = client(await clients.issueClientCertificate({ name: 'root', groups: ['system:masters'] }));
    expect(await whoAmI(admin)).toMatchObject({ username: 'root' });
    expect((await client().send('/livez')).status).toBe(200);
    failing = false;
    expect(await whoAmI(jane)).toMatchObject({ username: 'jane' });
  });

  it('asks about the selectors of a list too, and remembers no question that is too long', async () => {
    const jane = client(await clients.issueClientCertificate({ name: 'jane', groups: [] }));
    const list = (query: string) => jane.send(`/apis/authentication.k8s.io/v1/selfsubjectreviews?${query}`);
    expect((await list('labelSelector=a%3Db&fieldSelector=metadata.name%3Dx')).status).toBe(405);
    expect(reviewed.access.at(-1)?.[1]).toMatchObject({
      verb: 'list',
      name: 'x',
      labelSelector: 'a=b',
      fieldSelector: 'metadata.name=x',
    });
    const asked = reviewed.access.length;
    const long = `labelSelector=a+in+(${Array.from({ length: 2000 }, (_, i) => `value${i}`).join(',')})`;
    await list(long);
    await list(long);
    expect(reviewed.access).toHaveLength(asked + 2);
  });

  it('says which part of its configuration it cannot use', () => {
    expect(() => trustIn({ 'requestheader-group-headers': 'X-Remote-Group' })).toThrow('requestheader-group-headers');
    expect(() => trustIn({ 'requestheader-allowed-names': '{"a":1}' })).toThrow('requestheader-allowed-names');
    expect(() => trustIn({ 'client-ca-file': 'nothing' })).toThrow('client-ca-file');
    expect(parseDelegatedTrust({})).toEqual({ clients: undefined, requestHeader: undefined });
  });
});
