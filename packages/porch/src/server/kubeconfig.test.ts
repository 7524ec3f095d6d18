import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createAuthority } from '@porch/apiserver';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubeconfig } from './kubeconfig.ts';

const authority = await createAuthority({ name: 'trial' });
const server = await authority.issueServerCertificate({ hosts: ['localhost'] });
const admin = await authority.issueClientCertificate({ name: 'admin', groups: [] });

/** The administrator's certificate and key in a kubeconfig, PEM. */
function userOf(text: string): { readonly certificate: string; readonly key: string } {
  const { user } = parse(text).users[0];
  const pem = (field: string) => Buffer.from(user[field], 'base64').toString();
  return { certificate: pem('client-certificate-data'), key: pem('client-key-data') };
}

it("names the algorithm of the administrator's key, for clients that take any other for RSA", () => {
  const { certificate, key } = userOf(
    kubeconfig('https://localhost', { server, admin, bundle: authority.certificate, signer: authority }),
  );
  expect(key).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
  expect(key).not.toBe(admin.key);
  expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true);
});

it('leaves a key of another algorithm as somebody has put it there', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const own = { certificate: admin.certificate, key: pem };
  expect(userOf(kubeconfig('https://localhost', { server, admin: own, bundle: '', signer: authority })).key).toBe(pem);
});
