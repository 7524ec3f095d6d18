import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAuthority, openAuthority } from './certificates.ts';

it('issues certificates that its own certificate verifies', async () => {
  const now = () => new Date('2026-01-01T12:00:00Z');
  const authority = await createAuthority({ name: 'test ca', now });
  const root = new X509Certificate(authority.certificate);
  expect([root.subject, root.ca, root.verify(root.publicKey)]).toEqual(['CN=test ca', true, true]);
  expect(new Date(root.validFrom)).toEqual(new Date('2026-01-01T11:55:00Z'));

  const server = new X509Certificate(
    (await authority.issueServerCertificate({ hosts: ['porch.local', '127.0.0.1', '::1'], days: 10 })).certificate,
  );
  expect([server.checkIssued(root), server.verify(root.publicKey), server.ca]).toEqual([true, true, false]);
  expect(server.checkHost('porch.local')).toBe('porch.local');
  expect([server.checkIP('127.0.0.1'), server.checkIP('::1')]).toEqual(['127.0.0.1', '::1']);
  expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(new Date(server.validTo)).toEqual(new Date('2026-01-11T12:00:00Z'));
  expect(server.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
});

it('opens again from PEM, and puts users and groups into client certificates', async () => {
  const { certificate, key } = await createAuthority({ name: 'test ca' });
  const authority = openAuthority({ certificate, key });
  const issued = await authority.issueClientCertificate({ name: 'jane', groups: ['dev', 'a,b'] });
  const client = new X509Certificate(issued.certificate);
  expect(client.verify(new X509Certificate(certificate).publicKey)).toBe(true);
  expect(client.toLegacyObject().subject).toMatchObject({ CN: 'jane', O: ['dev', 'a,b'] });
  expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(issued.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
});

it('refuses certificates for nobody', async () => {
  const authority = await createAuthority({ name: 'test ca' });
  await expect(authority.issueServerCertificate({ hosts: [] })).rejects.toThrow(/at least one host/);
  await expect(authority.issueClientCertificate({ name: '', groups: [] })).rejects.toThrow(/needs a user name/);
});
