import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createAuthority } from '../certificates.ts';

/** A key of an issuer. */
export interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  /** Signs claims. `header`: what the token says of itself; the key's id and algorithm unless told. */
  sign(claims: JWTPayload, header?: object): Promise<string>;
}

/** An issuer of OpenID Connect at an address of this machine, as far as a server that takes its tokens sees it. */
export interface TrialIssuer {
  readonly url: string;
  /** Certificate that its own is checked against, PEM. */
  readonly ca: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Answers that are not as they should be, by their path: text with status 200, or a status. */
  readonly wrong: Map<string, string | number>;
  /** Adds a key to those that it publishes. */
  addKey(id: string, algorithm?: string): Promise<SigningKey>;
  /** Publishes no key of this id any more. */
  removeKey(id: string): void;
  close(): Promise<void>;
}

/** Where the document is that tells of an issuer. */
export const configurationPath = '/.well-known/openid-configuration';
/** Where its keys are. */
export const keysPath = '/keys';

/** Makes a key that nobody publishes. */
export async function signingKey(id: string, algorithm = 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const key: SigningKey = {
    id,
    algorithm,
    sign: (claims, header) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid: id, ...header }).sign(privateKey),
  };
  return { key, published: { ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: 'sig' } };
}

/** Starts an issuer. */
export async function startIssuer(): Promise<TrialIssuer> {
  const authority = await createAuthority({ name: 'issuer-ca' });
  const pair = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
  const keys = new Map<string, object>();
  const asked: string[] = [];
  const wrong = new Map<string, string | number>();
  const server: Server = createServer({ cert: pair.certificate, key: pair.key }, ({ url: path = '' }, response) => {
    asked.push(path);
    const documents: Record<string, unknown> = {
      [configurationPath]: { issuer: url, jwks_uri: `${url}${keysPath}` },
      [keysPath]: { keys: [...keys.values()] },
    };
    const answer = wrong.get(path) ?? JSON.stringify(documents[path]) ?? 404;
    response.statusCode = typeof answer === 'number' ? answer : 200;
    response.end(typeof answer === 'number' ? '' : answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    ca: authority.certificate,
    asked,
    wrong,
    async addKey(id, algorithm) {
      const { key, published } = await signingKey(id, algorithm);
      keys.set(id, published);
      return key;
    },
    removeKey: (id) => void keys.delete(id),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
