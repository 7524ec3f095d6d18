import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDiscovery } from '../discovery/discovery.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { statusErrors } from '../meta/status.ts';
import type { AnyResourceDefinition, ResourceStorage } from '../registry/resource.ts';
import { serveObject } from '../storage/served.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { http1Client, http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

/** A list whose objects are put together as they are sent, which fails in the middle of it; a watch that does not even begin. */
const storage: ResourceStorage<KubernetesObject> = {
  list: () => ({ revision: 1, items: fewThenNone() }),
  watch: async () => {
    throw statusErrors.serviceUnavailable('the pages are being moved');
  },
};

async function* fewThenNone(): AsyncGenerator<ServedObject> {
  const annotations = { text: 'x'.repeat(200_000) };
  for (let index = 0; index < 10; index++) {
    const object = { apiVersion: 'v1', kind: 'Page', metadata: { name: `p${index}`, annotations } };
    yield serveObject(object, { resource: 'pages', revision: 1 });
  }
  throw new Error('the rest cannot be read');
}

let trial: TrialServer;
beforeAll(async () => {
  const pages: AnyResourceDefinition = {
    group: '',
    version: 'v1',
    plural: 'pages',
    singular: 'page',
    kind: 'Page',
    listKind: 'PageList',
    namespaced: false,
    description: 'A page.',
    schema: { type: 'object' },
    strategy: {},
    storage,
    table: { columns: [], cells: () => [] },
  };
  trial = await startTrialServer({
    definitions: [pages],
    discovery: createDiscovery({ definitions: [pages], version: 'v1.34.0' }),
  });
});
afterAll(() => trial.close());

describe.each([http1Client, http2Client])('a list that breaks off, through %o', (connect) => {
  it.each(['identity', 'gzip'])('is not taken for a whole one (%s)', async (coding) => {
    const client = connect(trial, trial.admin);
    const stream = await client.open('/api/v1/pages', { headers: { 'accept-encoding': coding } });
    expect(stream.status).toBe(200);
    const whole = (async () => {
      for await (const _ of stream.body);
    })();
    await expect(whole).rejects.toThrow(/aborted|NGHTTP2_INTERNAL_ERROR/);
    client.close();
  });
});

it.each([http1Client, http2Client])(
  'a watch that cannot begin is answered with the code of the error (%o)',
  async (connect) => {
    const client = connect(trial, trial.admin);
    const answer = await client.send('/api/v1/pages?watch=true');
    expect([answer.status, answer.json().message]).toEqual([503, 'the pages are being moved']);
    client.close();
  },
);
