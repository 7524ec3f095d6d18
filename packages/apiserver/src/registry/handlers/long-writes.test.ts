import { Type } from 'typebox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { http2Client, type TrialClient } from '../../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../../http/trial-server.test-support.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { pieceMs } from '../../meta/turns.ts';
import { serveObject } from '../../storage/served.ts';
import type { ResourceDefinition, ResourceStorage } from '../resource.ts';

/** Takes longer than a piece of work may, and notes when others have had their turn. */
class LongWork {
  othersHadTurns = false;

  do(): void {
    this.othersHadTurns = false;
    setImmediate(() => {
      this.othersHadTurns = true;
    });
    const end = performance.now() + pieceMs + 1;
    while (performance.now() < end);
  }
}

const stored: KubernetesObject = {
  apiVersion: 'example.com/v1',
  kind: 'Long',
  metadata: { name: 'a', uid: 'u', resourceVersion: '1' },
};
const validation = new LongWork();
let seen: boolean[] = [];

const served = (object: KubernetesObject) => serveObject(object, { resource: 'longs.example.com', revision: 1 });

const storage: ResourceStorage<KubernetesObject> = {
  get: async () => served(stored),
  update: async (_context, _name, update) => ({ object: served(await update(stored)), created: false }),
};

const definition: ResourceDefinition = {
  group: 'example.com',
  version: 'v1',
  plural: 'longs',
  singular: 'long',
  kind: 'Long',
  listKind: 'LongList',
  namespaced: false,
  description: 'Takes long.',
  schema: Type.Object({}),
  strategy: {
    validateUpdate: () => {
      validation.do();
      return [];
    },
    // Asked when it is known who owns which fields.
    warnings: () => {
      seen.push(validation.othersHadTurns);
      return [];
    },
  },
  storage,
  table: { columns: [], cells: () => [] },
};

let trial: TrialServer;
let client: TrialClient;
beforeAll(async () => {
  trial = await startTrialServer({ definitions: [definition] });
  client = http2Client(trial, trial.admin);
});
afterAll(async () => {
  client.close();
  await trial.close();
});

it.each([
  ['PUT', 'application/json', ''],
  ['PATCH', 'application/merge-patch+json', ''],
  ['PATCH', 'application/apply-patch+yaml', '?fieldManager=me'],
])('others have their turn in the middle of a long %s (%s)', async (method, type, query) => {
  seen = [];
  const body = { ...stored, metadata: { name: 'a', resourceVersion: '1', labels: { a: 'b' } } };
  const answer = await client.send(`/apis/example.com/v1/longs/a${query}`, {
    method,
    headers: { 'content-type': type },
    body,
  });
  expect([answer.status, seen]).toEqual([200, [true]]);
});
