import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type KeyPair } from '@porch/apiserver';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCertificateFiles } from './certificate-files.ts';
import { openRenewed } from './renewed.ts';

let directory: string;
let files: { readonly cert: string; readonly key: string };
const made: KeyPair[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-certificate-'));
  files = { cert: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
  const authority = await createAuthority({ name: 'test' });
  for (let n = 0; n < 2; n++) made.push(await authority.issueServerCertificate({ hosts: ['api.porch-system.svc'] }));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function write({ certificate, key }: KeyPair): Promise<void> {
  await writeFile(files.key, key);
  await writeFile(files.cert, certificate);
}

it('refuses files that are missing, are no certificate, or do not belong together, and names them', async () => {
  const [one, two] = made;
  if (one === undefined || two === undefined) throw new Error('two certificates were made');
  await expect(readCertificateFiles(files)).rejects.toThrow(/tls\.crt and its key .*tls\.key cannot be used: ENOENT/);
  await write({ certificate: 'nonsense', key: one.key });
  await expect(readCertificateFiles(files)).rejects.toThrow('cannot be used');
  await write({ certificate: one.certificate, key: two.key });
  await expect(readCertificateFiles(files)).rejects.toThrow('they do not belong together');
  await write(one);
  await expect(readCertificateFiles(files)).resolves.toEqual(one);
});

it('shows a new certificate when there is one, and the old one while the new one is half written', async () => {
  const [one, two] = made;
  if (one === undefined || two === undefined) throw new Error('two certificates were made');
  await write(one);
  const failures = Promise.withResolvers<void>();
  const logger = pino({ hooks: { logMethod: (_, __, level) => level >= 50 && failures.resolve() } });
  const load = async () => ({ server: await readCertificateFiles(files) });
  const certificate = await openRenewed({ load, everyMs: 5, logger });
  try {
    const told: KeyPair[] = [];
    const changed = Promise.withResolvers<void>();
    certificate.onChange(({ server }) => {
      told.push(server);
      if (told.length === 1) throw new Error('a listener that fails is told again');
      changed.resolve();
    });
    await writeFile(files.cert, two.certificate);
    await failures.promise;
    expect(certificate.current.server).toEqual(one);
    expect(told).toEqual([]);
    await writeFile(files.key, two.key);
    await changed.promise;
    await expect.poll(() => certificate.current.server).toEqual(two);
    expect(told).toEqual([two, two]);
  } finally {
    await certificate.close();
  }
});
