import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { createAuthority, createWatchCache, openAuthority, openSqliteStore } from '@porch/apiserver';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putRecord } from '../../cache/records.ts';
import { type DataFiles, openDataFiles } from '../data-files.ts';
import { extractionRules } from '../extraction-rules.ts';
import { type AuthorityPlace, openAuthorities } from './authorities.ts';
import { authorityFiles } from './authority-files.ts';
import { type Identity, openIdentity } from './identity.ts';
import { writePair } from './key-pair-files.ts';
import { startingTls } from './starting-tls.ts';
import { authorityKey, storedAuthority } from './stored-authority.ts';

const logger = pino({ level: 'silent' });
const dayMs = 24 * 60 * 60 * 1000;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-authorities-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let made = 0;
const newFiles = (): Promise<DataFiles> => openDataFiles(join(directory, String(++made)));

const certificatesIn = (bundle: string): X509Certificate[] =>
  (bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

/** A server that has been there since so many days before now, and is looked at as time goes by. */
async function serverOf(ageInDays: number) {
  const files = await newFiles();
  const place = authorityFiles(files);
  let day = 0;
  const clock = () => new Date(Date.now() - (ageInDays - day) * dayMs);
  const at = (days: number): Promise<Identity> => {
    day = days;
    return openIdentity({ files, place, hosts: [], clock, logger });
  };
  return { files, at };
}

/** Whether a client that believes a bundle gets on with a server, and the server with the client. */
async function meet(server: Identity, client: { bundle: string; certificate: string; key: string }): Promise<string> {
  const { key, certificate: cert } = server.server;
  const listener = createServer({ key, cert, ca: server.bundle, requestCert: true, rejectUnauthorized: false });
  listener.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(socket.authorized ? 'welcome' : String(socket.authorizationError));
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ca: client.bundle, cert: client.certificate, key: client.key });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(`refused: ${error.code}`));
      socket.once('data', (data) => resolve(String(data)));
    });
  } finally {
    listener.close();
  }
}

const clientOf = ({ bundle, admin }: Identity) => ({ bundle, ...admin });

describe('certificate authorities', () => {
  it('are nothing new when nothing has changed', async () => {
    const { at } = await serverOf(100);
    expect(isDeepStrictEqual(await at(0), await at(1))).toBe(true);
  });

  it('stay as they are until less than a year is left', async () => {
    const server = await serverOf(0);
    const first = await server.at(0);
    expect(certificatesIn(first.bundle)).toHaveLength(1);
    expect((await server.at(3284)).bundle).toBe(first.bundle);
  });

  it('are shown beside their successor long before it signs, and clients with either bundle get on with the server', async () => {
    const server = await serverOf(3300);
    await server.at(0);
    const before = await server.at(3000);
    const shown = await server.at(3286);
    const now = await server.at(3300);
    expect(now.bundle).toBe(shown.bundle);
    const [old, successor] = certificatesIn(now.bundle);
    if (old === undefined || successor === undefined) throw new Error('there are two authorities');
    expect(certificatesIn(before.bundle)[0]?.fingerprint256).toBe(old.fingerprint256);
    expect(Date.parse(successor.validTo) - Date.parse(old.validTo)).toBeGreaterThan(3200 * dayMs);
    expect(new X509Certificate(now.server.certificate).verify(old.publicKey)).toBe(true);
    expect(await meet(now, clientOf(now))).toBe('welcome');
    expect(await meet(now, { ...clientOf(now), bundle: before.bundle })).toBe('welcome');
    expect(await meet(now, { ...clientOf(now), bundle: String(successor) })).toMatch('refused');
  });

  it('hand over half a year before the end; what the old one has signed is good to its end', async () => {
    const server = await serverOf(3480);
    await server.at(0);
    const before = await server.at(3469);
    const now = await server.at(3471);
    const [signer, old] = certificatesIn(now.bundle);
    if (signer === undefined || old === undefined) throw new Error('there are two authorities');
    expect(certificatesIn(before.bundle).map(String)).toEqual([String(old), String(signer)]);
    for (const { certificate } of [now.server, now.admin]) {
      expect(new X509Certificate(certificate).verify(signer.publicKey)).toBe(true);
    }
    expect(await readFile(join(server.files.pki, 'ca.crt'), 'utf8')).toBe(now.bundle);
    const shownKey = await readFile(join(server.files.pki, 'ca.key'), 'utf8');
    const byHand = openAuthority({ certificate: now.bundle, key: shownKey });
    const jane = await byHand.issueClientCertificate({ name: 'jane', groups: [] });

    expect(await meet(now, clientOf(now))).toBe('welcome');
    expect(await meet(now, clientOf(before)), 'a kubeconfig of before').toBe('welcome');
    expect(await meet(now, { ...jane, bundle: String(signer) }), 'only the new one').toBe('welcome');
    expect(await meet(now, { ...clientOf(before), bundle: String(old) }), 'only the old one').toMatch('refused');

    const after = await server.at(3651);
    expect(certificatesIn(after.bundle).map(String)).toEqual([String(signer)]);
  });

  it('follow each other again and again', async () => {
    const server = await serverOf(0);
    const signers = new Set<string>();
    for (let day = 0; day < 25 * 365; day += 170) {
      const { bundle, server: shown, admin } = await server.at(day);
      const all = certificatesIn(bundle);
      expect(all.length).toBeLessThanOrEqual(2);
      signers.add(String(all[0]));
      const now = Date.now() + day * dayMs;
      for (const one of [...all, new X509Certificate(shown.certificate), new X509Certificate(admin.certificate)]) {
        expect(Date.parse(one.validFrom)).toBeLessThanOrEqual(now);
        expect(Date.parse(one.validTo)).toBeGreaterThan(now);
      }
    }
    expect(signers.size).toBe(3);
  });

  it.each([
    { daysLeft: 100, signsAfter: 1 },
    { daysLeft: 1.5, signsAfter: 0.5 },
    { daysLeft: 0.5, signsAfter: 0 },
    { daysLeft: -400, signsAfter: 0 },
  ])(
    'are followed by one that signs $signsAfter days later when the server comes back $daysLeft days before the end',
    async (given) => {
      const server = await serverOf(0);
      const { bundle } = await server.at(0);
      const back = 3650 - given.daysLeft;
      const found = await server.at(back);
      expect(certificatesIn(found.bundle)).toHaveLength(given.daysLeft > 0 ? 2 : 1);
      if (given.signsAfter > 0) {
        expect(certificatesIn((await server.at(back + given.signsAfter - 0.01)).bundle)[0]).toEqual(
          certificatesIn(bundle)[0],
        );
      }
      const [signer] = certificatesIn((await server.at(back + given.signsAfter + 0.01)).bundle);
      expect(String(signer)).not.toBe(String(certificatesIn(bundle)[0]));
    },
  );
});

describe("the server's certificate", () => {
  it('is made anew for hosts that it does not have, and kept for those that it has', async () => {
    const files = await newFiles();
    const shown = async (...hosts: string[]) => {
      const parts = { files, place: authorityFiles(files), hosts, clock: () => new Date(), logger };
      return (await openIdentity(parts)).server.certificate;
    };
    const first = await shown();
    for (const host of ['porch.example.com', '*.example.com', '192.0.2.7', '2001:db8::7']) {
      const more = await shown(host);
      expect(new X509Certificate(more).subjectAltName).not.toBe(new X509Certificate(first).subjectAltName);
      expect(await shown(host)).toBe(more);
    }
  });

  it.each(['server', 'admin'] as const)('of %s is made anew where its files are damaged', async (name) => {
    const { files, at } = await serverOf(0);
    const before = await at(0);
    const other = before[name];
    const { key } = await openAuthority(await createAuthority({ name: 'other' })).issueServerCertificate({
      hosts: ['a'],
    });
    for (const damaged of [
      { ...other, certificate: other.certificate.slice(0, 100) },
      { ...other, key: '' },
      // As a renewal leaves them that was interrupted between the two.
      { ...other, key },
    ]) {
      await writePair(files, name, damaged);
      const now = await at(0);
      expect(now.bundle).toBe(before.bundle);
      expect(new X509Certificate(now[name].certificate).checkPrivateKey(createPrivateKey(now[name].key))).toBe(true);
      expect(await meet(now, clientOf(now))).toBe('welcome');
    }
  });

  it('is one that nobody believes while a server waits whose files are damaged', async () => {
    const { files, at } = await serverOf(0);
    const { server } = await at(0);
    const settings = { dataDirectory: files.root, listen: { host: '127.0.0.1', port: 0 } };
    expect(await startingTls(settings)).toEqual(server);
    await writePair(files, 'server', { ...server, key: '' });
    const { certificate, key } = await startingTls(settings);
    expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  it('is made anew when it was made while the clock was ahead', async () => {
    const server = await serverOf(0);
    const { bundle } = await server.at(0);
    await rm(join(server.files.pki, 'server.crt'));
    await server.at(300);
    const now = await server.at(1);
    expect(now.bundle).toBe(bundle);
    expect(Date.parse(new X509Certificate(now.server.certificate).validFrom)).toBeLessThanOrEqual(Date.now() + dayMs);
  });
});

describe('a data directory of before there were successors', () => {
  it('is read, and goes on with its authority', async () => {
    const files = await newFiles();
    const day = (days: number) => () => new Date(Date.now() + days * dayMs);
    const old = await createAuthority({ name: 'porch', now: day(0) });
    await writePair(files, 'ca', old);
    const server = (now: () => Date) =>
      openIdentity({ files, place: authorityFiles(files), hosts: [], clock: now, logger });
    expect((await server(day(0))).bundle).toBe(old.certificate);
    const [first, second] = certificatesIn((await server(day(3300))).bundle);
    expect(String(first).trim()).toBe(old.certificate.trim());
    expect(second).toBeDefined();
  });

  it('says what is wrong with a file that is damaged', async () => {
    const files = await newFiles();
    await writeFile(join(files.pki, 'authority.json'), '{"certificate": 1}');
    await expect(authorityFiles(files).read()).rejects.toThrow(/authority\.json is damaged: it does not have the form/);
    await writeFile(join(files.pki, 'authority.json'), '{"certificate": "a", "key": "b"}');
    await expect(authorityFiles(files).read()).rejects.toThrow(/authority\.json is damaged: .*cannot be used.*backup/);
    await rm(join(files.pki, 'authority.json'));
    await writePair(files, 'ca', { certificate: 'a', key: 'b' });
    await expect(authorityFiles(files).read()).rejects.toThrow(/ca\.crt is damaged: .*cannot be used.*backup/);
  });
});

describe('servers that share a database', () => {
  it('agree on one authority, and on one successor, whoever comes first', async () => {
    const store = await openSqliteStore({ directory: join(directory, 'store') });
    const objects = await createWatchCache({ store, definitions: extractionRules, logger });
    try {
      const places = [storedAuthority({ store, objects }), storedAuthority({ store, objects })];
      const all = async (days: number, some: readonly AuthorityPlace[] = places) => {
        const opened = some.map((place) => openAuthorities(place, () => new Date(Date.now() + days * dayMs), logger));
        return new Set((await Promise.all(opened)).map(({ bundle }) => bundle));
      };
      const first = await all(0);
      expect(first.size).toBe(1);
      const [both = '', ...others] = await all(3300);
      expect(others).toEqual([]);
      expect(certificatesIn(both)).toHaveLength(2);
      expect(first).toEqual(new Set([both.slice(0, [...first][0]?.length)]));
      const [handedOver = ''] = await all(3471);
      expect(certificatesIn(handedOver).map(String)).toEqual(certificatesIn(both).map(String).reverse());
    } finally {
      await store.close();
    }
  });

  it('go on with the record of before there were successors', async () => {
    const store = await openSqliteStore({ directory: join(directory, 'old-store') });
    try {
      const { certificate, key } = await createAuthority({ name: 'porch' });
      await store.commit({ operations: [putRecord(authorityKey, { certificate, key }, 0)] });
      const objects = await createWatchCache({ store, definitions: extractionRules, logger });
      const { bundle } = await openAuthorities(storedAuthority({ store, objects }), () => new Date(), logger);
      expect(bundle).toBe(certificate);
    } finally {
      await store.close();
    }
  });
});
