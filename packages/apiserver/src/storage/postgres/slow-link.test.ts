import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putThing } from '../store-suite.test-support.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { SlowLink } from './slow-link.test-support.ts';
import { TestSchema } from './test-schema.test-support.ts';

/** Longer than the server lets a statement take, in seconds; what is between the two holds some of the bytes. */
const longWait = 40;
const bytesPerSecond = 100_000;

function content(size: number) {
  const bytes = randomBytes(size);
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

describe.skipIf(!canRunPostgres())('over a slow link', () => {
  let server: PostgresServer;
  let link: SlowLink;

  beforeAll(async () => {
    server = await PostgresServer.create();
    link = await SlowLink.create(server.connection);
  });

  afterAll(async () => {
    await link.close();
    await server.destroy();
  });

  test('large content is written and read, however long it is on its way', async () => {
    const schema = new TestSchema(server, 'slow');
    const near = await schema.open();
    const store = await schema.open({ connection: link.connection });
    // Bytes come back as two digits each.
    const [there, fresh] = [content((longWait * bytesPerSecond) / 2), content(longWait * bytesPerSecond)];
    await near.commit({ operations: [putThing('a', {}, { content: there.digest })], content: [there] });
    link.bytesPerSecond = bytesPerSecond;
    const [read, written] = await Promise.all([
      store.content(there.digest),
      store.commit({ operations: [putThing('b', {}, { content: fresh.digest })], content: [fresh] }),
    ]);
    link.bytesPerSecond = Number.POSITIVE_INFINITY;
    expect([read?.length, written.revision]).toEqual([there.bytes.length, 3]);
    expect(await store.content(fresh.digest)).toHaveLength(fresh.bytes.length);
    await schema.close();
  });
});
