import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { pipeline } from 'node:stream';
import { inspect } from 'node:util';
import type { JWTPayload } from 'jose';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { fetchHttpsJson } from './https-json.ts';
import {
  configurationPath,
  keysPath,
  type SigningKey,
  signingKey,
  startIssuer,
  type TrialIssuer,
} from './issuer.test-support.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { createOidcTokens, type OidcTokensOptions } from './oidc-tokens.ts';

const minute = 60_000;
const claims = {
  usernameClaim: 'sub',
  usernamePrefix: '',
  groupsClaim: 'groups',
  groupsPrefix: '',
  requiredClaims: {},
};

let issuer: TrialIssuer;
let key: SigningKey;
let log: { level: number; msg: string; err?: { message: string } }[];
/** Milliseconds since the epoch, and of the clock that never goes back. */
let time: number;

beforeEach(async () => {
  issuer = await startIssuer();
  key = await issuer.addKey('first');
  log = [];
  time = Date.parse('2026-03-01T12:00:00Z');
});
afterEach(() => issuer.close());

function tokens(changed: Partial<OidcTokensOptions> = {}, ca = issuer.ca) {
  const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(JSON.parse(line)) });
  const now = () => time;
  const fetchJson = (url: string) => fetchHttpsJson(url, { ca, timeoutMs: 60_000, mostBytes: 100_000 });
  const { issuer: url = issuer.url } = changed;
  const keys = new IssuerKeys({ issuer: url, fetchJson, logger, now });
  const clock = () => new Date(time);
  return createOidcTokens({
    issuer: url,
    clientId: 'porch',
    algorithms: ['RS256', 'ES256'],
    claims,
    keys,
    clock,
    now,
    ...changed,
  });
}

/** Claims of a good token for ten minutes, and what is to be different. */
function good(changed: JWTPayload = {}): JWTPayload {
  const seconds = Math.floor(time / 1000);
  return { iss: issuer.url, aud: 'porch', sub: 'jane', exp: seconds + 600, iat: seconds, ...changed };
}

async function refusalOf(token: string, source = tokens()): Promise<string> {
  return source.userOf(token).then(
    (user) => `it is ${JSON.stringify(user)}`,
    (error: Error) => error.message,
  );
}

describe('ID tokens', () => {
  test('name a user and groups', async () => {
    const token = await key.sign(good({ groups: ['dev', 'ops'] }));
    expect(await tokens().userOf(token)).toEqual({ name: 'jane', groups: ['dev', 'ops'] });
    expect(await tokens().userOf(await key.sign(good({ groups: 'dev' })))).toEqual({ name: 'jane', groups: ['dev'] });
    expect(await tokens().userOf(await key.sign(good({ groups: null })))).toEqual({ name: 'jane', groups: [] });
    expect(await tokens().userOf(await key.sign(good({ aud: ['other', 'porch'] })))).toMatchObject({ name: 'jane' });
  });

  test('name them by the claims and with the prefixes that are wanted', async () => {
    const wanted = {
      ...claims,
      usernameClaim: 'email',
      usernamePrefix: 'sso:',
      groupsClaim: 'roles',
      groupsPrefix: 'g/',
    };
    const token = await key.sign(good({ email: 'j@example.com', email_verified: true, roles: ['a'], groups: ['b'] }));
    expect(await tokens({ claims: wanted }).userOf(token)).toEqual({ name: 'sso:j@example.com', groups: ['g/a'] });
    const without = tokens({ claims: { ...wanted, groupsClaim: '' } });
    expect(await without.userOf(token)).toEqual({ name: 'sso:j@example.com', groups: [] });
  });

  test('of others are left to others', async () => {
    const source = tokens();
    expect(await source.userOf('2c9f0d3e')).toBeUndefined();
    expect(await source.userOf('a.b.c')).toBeUndefined();
    expect(await source.userOf(await key.sign(good({ iss: 'https://other.example.com' })))).toBeUndefined();
    expect(issuer.asked).toEqual([]);
  });

  test.each<[string, () => JWTPayload, string]>([
    ['has expired', () => good({ exp: time / 1000 - 11 }), 'Unauthorized: the token has expired'],
    [
      'never expires',
      () => ({ ...good(), exp: undefined }),
      'Unauthorized: claim exp of the token is not as it has to be',
    ],
    [
      'is not good yet',
      () => good({ nbf: time / 1000 + 60 }),
      'Unauthorized: claim nbf of the token is not as it has to be',
    ],
    ['is for others', () => good({ aud: 'other' }), 'Unauthorized: claim aud of the token is not as it has to be'],
    [
      'is for nobody',
      () => ({ ...good(), aud: undefined }),
      'Unauthorized: claim aud of the token is not as it has to be',
    ],
    ['names nobody', () => ({ ...good(), sub: undefined }), 'Unauthorized: claim sub is not the name of a user'],
    ['has an empty name', () => good({ sub: '' }), 'Unauthorized: claim sub is not the name of a user'],
    [
      'has a number for a group',
      () => good({ groups: ['a', 1] }),
      'Unauthorized: claim groups is neither the name of a group nor a list of them',
    ],
    [
      'would be the server',
      () => good({ sub: 'system:admin' }),
      'Unauthorized: claim sub gives "system:admin": names with system: are the server\'s own',
    ],
    [
      'would be an administrator',
      () => good({ groups: ['dev', 'system:masters'] }),
      'Unauthorized: claim groups gives "system:masters": names with system: are the server\'s own',
    ],
  ])('one that %s is refused', async (_, make, message) => {
    expect(await refusalOf(await key.sign(make()))).toBe(message);
  });

  test('may be some seconds off', async () => {
    const seconds = time / 1000;
    expect(await tokens().userOf(await key.sign(good({ nbf: seconds + 9, exp: seconds - 9 })))).toMatchObject({
      name: 'jane',
    });
  });

  test('need the claims that are required', async () => {
    const source = tokens({ claims: { ...claims, requiredClaims: { hd: 'example.com' } } });
    expect(await source.userOf(await key.sign(good({ hd: 'example.com' })))).toMatchObject({ name: 'jane' });
    expect(await refusalOf(await key.sign(good({ hd: 'other.com' })), source)).toBe(
      'Unauthorized: claim hd is not "example.com"',
    );
    expect(await refusalOf(await key.sign(good()), source)).toBe('Unauthorized: claim hd is not "example.com"');
  });

  test('count with an e-mail address unless it is said not to be verified', async () => {
    const source = tokens({ claims: { ...claims, usernameClaim: 'email' } });
    const email = 'j@example.com';
    expect(await source.userOf(await key.sign(good({ email })))).toMatchObject({ name: email });
    for (const verified of [false, 'true']) {
      const token = await key.sign(good({ email, email_verified: verified }));
      expect(await refusalOf(token, source)).toBe('Unauthorized: the e-mail address is not verified');
    }
  });

  test('that the issuer has not signed are refused without a word', async () => {
    const stranger = (await signingKey('first')).key;
    expect(await refusalOf(await stranger.sign(good({ exp: 1 })))).toBe('Unauthorized');
    const [header = '', body = '', signature = ''] = (await key.sign(good())).split('.');
    const forged = Buffer.from(JSON.stringify(good({ sub: 'root' }))).toString('base64url');
    expect(await refusalOf(`${header}.${forged}.${signature}`)).toBe('Unauthorized');
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect(await refusalOf(`${none}.${body}.`)).toBe('Unauthorized');
    expect(await refusalOf(await (await issuer.addKey('ps', 'PS256')).sign(good()))).toBe('Unauthorized');
  });

  test('may leave out which key has signed them', async () => {
    const second = await issuer.addKey('second');
    const other = await issuer.addKey('curve', 'ES256');
    for (const signer of [key, second, other]) {
      const token = await signer.sign(good(), { kid: undefined });
      expect(await tokens().userOf(token)).toMatchObject({ name: 'jane' });
    }
    const stranger = (await signingKey('x')).key;
    expect(await refusalOf(await stranger.sign(good(), { kid: undefined }))).toBe('Unauthorized');
    const expired = await second.sign(good({ exp: 1 }), { kid: undefined });
    expect(await refusalOf(expired)).toBe('Unauthorized: the token has expired');
  });

  test('are remembered for ten seconds, and no longer than they hold', async () => {
    const source = tokens();
    const token = await key.sign(good());
    const short = await key.sign(good({ exp: time / 1000 + 5 }));
    const checks = vi.spyOn(IssuerKeys.prototype, 'current');
    onTestFinished(() => checks.mockRestore());
    for (const one of [token, short]) expect(await source.userOf(one)).toMatchObject({ name: 'jane' });
    time += 4_999;
    for (const one of [token, short]) expect(await source.userOf(one)).toMatchObject({ name: 'jane' });
    expect(checks).toHaveBeenCalledTimes(2);
    time += 11_001;
    expect(await source.userOf(token)).toMatchObject({ name: 'jane' });
    expect(await refusalOf(short, source)).toBe('Unauthorized: the token has expired');
  });
});

describe('the keys of an issuer', () => {
  const both = [configurationPath, keysPath];

  test('are read once', async () => {
    const source = tokens();
    await Promise.all([1, 2, 3].map(async (n) => source.userOf(await key.sign(good({ jti: `${n}` })))));
    expect(issuer.asked).toEqual(both);
  });

  test('are read again for a key that is new, and not for every key that nobody knows', async () => {
    const source = tokens();
    await source.userOf(await key.sign(good()));
    const next = await issuer.addKey('next');
    time += 10_000;
    expect(await source.userOf(await next.sign(good()))).toMatchObject({ name: 'jane' });
    expect(issuer.asked).toEqual([...both, ...both]);
    const stranger = (await signingKey('stranger')).key;
    for (let n = 0; n < 5; n++) expect(await refusalOf(await stranger.sign(good()), source)).toBe('Unauthorized');
    expect(issuer.asked).toHaveLength(4);
  });

  test.each([
    ['named like the one before', 'first'],
    ['that has no name', undefined],
  ])('are read again for a new one %s', async (_, kid) => {
    const { key: next, published } = await signingKey('first');
    const publish = (one: object) => issuer.wrong.set(keysPath, JSON.stringify({ keys: [{ ...one, kid }] }));
    publish((await signingKey('first')).published);
    const source = tokens();
    expect(await refusalOf(await next.sign(good(), { kid }), source)).toBe('Unauthorized');
    publish(published);
    time += 10_000;
    expect(await source.userOf(await next.sign(good(), { kid }))).toMatchObject({ name: 'jane' });
  });

  test('that are withdrawn count for ten minutes, and then until the others are read', async () => {
    const source = tokens();
    await source.userOf(await key.sign(good()));
    const next = await issuer.addKey('next');
    issuer.removeKey('first');
    time += 10 * minute;
    const old = await key.sign(good());
    expect(await source.userOf(old)).toMatchObject({ name: 'jane' });
    expect(await source.userOf(await next.sign(good()))).toMatchObject({ name: 'jane' });
    time += 10_001;
    expect(await refusalOf(old, source)).toBe('Unauthorized');
  });

  test('stay when the issuer is away, and the log says once that it is, and that it is back', async () => {
    const source = tokens();
    await source.userOf(await key.sign(good()));
    issuer.wrong.set(keysPath, 503);
    const stranger = (await signingKey('stranger')).key;
    for (let n = 0; n < 3; n++) {
      time += 11 * minute;
      expect(await source.userOf(await key.sign(good()))).toMatchObject({ name: 'jane' });
      expect(await refusalOf(await stranger.sign(good()), source)).toBe('Unauthorized');
    }
    expect(log.map(({ err }) => err?.message)).toEqual([`${issuer.url}${keysPath}: the answer has status 503`]);
    issuer.wrong.clear();
    time += minute;
    expect(await refusalOf(await stranger.sign(good()), source)).toBe('Unauthorized');
    expect(log.at(-1)?.msg).toBe('the keys of the OpenID Connect issuer could be read again');
  });

  test.each<[string, string, string | number, string]>([
    ['no document', configurationPath, 404, 'the answer has status 404'],
    ['a redirect', configurationPath, 302, 'the answer has status 302'],
    ['no JSON', keysPath, '<html>', 'the answer is not JSON'],
    ['too much', keysPath, `"${'x'.repeat(200_000)}"`, 'the answer has more than 100000 bytes'],
    ['no keys', keysPath, '{}', 'JSON Web Key Set malformed'],
    [
      'another issuer',
      configurationPath,
      '{"issuer":"https://other"}',
      'is about issuer "https://other", which has to be "https://127.0.0.1',
    ],
    ['null', configurationPath, 'null', 'is about issuer undefined'],
  ])('cannot be read from %s: tokens are refused, with the reason in the log', async (_, path, answer, reason) => {
    issuer.wrong.set(path, answer);
    expect(await refusalOf(await key.sign(good()))).toBe('Unauthorized: the keys of the issuer cannot be read');
    expect(log.map(({ err }) => err?.message)).toEqual([expect.stringContaining(reason)]);
  });

  test('are found where the name of the issuer ends with a slash', async () => {
    const name = `${issuer.url}/`;
    issuer.wrong.set(configurationPath, JSON.stringify({ issuer: name, jwks_uri: `${issuer.url}${keysPath}` }));
    const source = tokens({ issuer: name });
    expect(await source.userOf(await key.sign(good({ iss: name })))).toMatchObject({ name: 'jane' });
    expect(issuer.asked).toEqual(both);
  });

  test('are read over HTTPS only', async () => {
    const keys = `http://127.0.0.1:9${keysPath}`;
    issuer.wrong.set(configurationPath, JSON.stringify({ issuer: issuer.url, jwks_uri: keys }));
    expect(await refusalOf(await key.sign(good()))).toBe('Unauthorized: the keys of the issuer cannot be read');
    expect(log[0]?.err?.message).toContain('names no https URL of keys (jwks_uri)');
  });

  test('are read through the proxy that there is, unless it is not for the issuer', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url = '' }, client) => {
      asked.push(url);
      const issuers = connect(Number(url.split(':')[1]), '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      pipeline(client, issuers, client, () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const proxies = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const limits = { ca: issuer.ca, timeoutMs: 60_000, mostBytes: 100_000 };
    const { host } = new URL(issuer.url);
    try {
      const keys = await fetchHttpsJson(`${issuer.url}${keysPath}`, { ...limits, proxies });
      expect([keys, asked]).toEqual([{ keys: [expect.objectContaining({ kid: 'first' })] }, [host]]);
      await fetchHttpsJson(`${issuer.url}${keysPath}`, { ...limits, proxies: { ...proxies, no_proxy: '127.0.0.1' } });
      expect(asked).toEqual([host]);
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
  });

  test('are not read through a proxy whose URL is none, and nobody is told its password', async () => {
    const proxies = { https_proxy: 'http://me:hush@:x' };
    const fetched = fetchHttpsJson(`${issuer.url}${keysPath}`, { proxies, timeoutMs: 60_000, mostBytes: 100_000 });
    const error = await fetched.catch((reason: unknown) => reason);
    expect(inspect(error)).toMatch('the proxy that the environment names has no valid URL');
    expect(inspect(error)).not.toContain('hush');
  });

  test('of an issuer whose certificate nobody vouches for are not taken', async () => {
    const stranger = await startIssuer();
    try {
      const refused = await refusalOf(await key.sign(good()), tokens({}, stranger.ca));
      expect(refused).toBe('Unauthorized: the keys of the issuer cannot be read');
      expect(issuer.asked).toEqual([]);
    } finally {
      await stranger.close();
    }
  });

  test('are not waited for where nobody answers', async () => {
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/keys`;
    try {
      const fetched = fetchHttpsJson(url, { timeoutMs: 20, mostBytes: 100 });
      await expect(fetched).rejects.toThrow('no answer within 20 ms');
    } finally {
      silent.close();
    }
  });

  test('are tried again when the first attempt has failed', async () => {
    issuer.wrong.set(configurationPath, 500);
    const source = tokens();
    const token = await key.sign(good());
    expect(await refusalOf(token, source)).toBe('Unauthorized: the keys of the issuer cannot be read');
    issuer.wrong.clear();
    expect(await refusalOf(token, source)).toBe('Unauthorized: the keys of the issuer cannot be read');
    time += 10_000;
    expect(await source.userOf(token)).toMatchObject({ name: 'jane' });
  });
});
