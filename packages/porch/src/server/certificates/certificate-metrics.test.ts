import { X509Certificate } from 'node:crypto';
import { createAuthority, createPrometheusMetrics } from '@porch/apiserver';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { observeCertificates } from './certificate-metrics.ts';

const name = 'porch_certificate_expiration_timestamp_seconds';
const endOf = (pem: string) => Date.parse(new X509Certificate(pem).validTo) / 1000;

async function issued(time: string) {
  const authority = await createAuthority({ name: 'porch', now: () => new Date(time) });
  return { authority, server: await authority.issueServerCertificate({ hosts: ['localhost'] }) };
}

it('says when the certificates end that are shown now', async () => {
  const before = await issued('2026-01-01T00:00:00Z');
  const after = await issued('2026-06-01T00:00:00Z');
  const bundle = before.authority.certificate;
  const certificates: { current: Parameters<typeof observeCertificates>[0]['current'] } = {
    current: { server: before.server, bundle: `${bundle}${after.authority.certificate}` },
  };
  const registry = createPrometheusMetrics(new Registry());
  observeCertificates(certificates, registry);
  const lines = async () =>
    (await registry.exposition()).text.split('\n').filter((line) => line.startsWith(`${name}{`));

  expect(await lines()).toEqual([
    `${name}{certificate="serving"} ${endOf(before.server.certificate)}`,
    `${name}{certificate="authority"} ${endOf(bundle)}`,
  ]);
  certificates.current = { server: after.server };
  expect(await lines()).toEqual([`${name}{certificate="serving"} ${endOf(after.server.certificate)}`]);
  expect(endOf(after.server.certificate)).toBeGreaterThan(endOf(before.server.certificate));
});
