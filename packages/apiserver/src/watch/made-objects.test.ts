import { Type } from 'typebox';
import { afterEach, expect, it } from 'vitest';
import { http2Client, type TrialClient, watchEvents } from '../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../http/trial-server.test-support.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { RequestContext, ResourceDefinition, ResourceStorage, WatchSink } from '../registry/resource.ts';
import { serveObject } from '../storage/served.ts';

/** More than a client that does not read is sent, by far. */
const total = 100;

let trial: TrialServer;
let client: TrialClient;
afterEach(async () => {
  client.close();
  await trial.close();
});

/** A storage that makes the objects of each watch, and waits until they are taken. */
class Maker {
  made = 0;
  signal: AbortSignal | undefined;
  readonly waits = Promise.withResolvers<void>();
  readonly over = Promise.withResolvers<void>();

  readonly storage: ResourceStorage<KubernetesObject> = {
    get: () => Promise.reject(new Error('not asked for')),
    watch: ({ signal }, _options, sink) => {
      this.signal = signal;
      void this.#make(signal, sink).then(this.over.resolve, this.over.reject);
    },
  };

  async #make(signal: RequestContext['signal'], sink: WatchSink): Promise<void> {
    const text = 'x'.repeat(64 * 1024);
    while (this.made < total && !signal.aborted) {
      const taken = sink.taken?.();
      if (this.made > 1 && taken !== undefined) this.waits.resolve();
      await taken;
      const object = { apiVersion: 'example.com/v1', kind: 'Made', metadata: { name: `m${this.made++}` }, data: text };
      const served = serveObject(object, { resource: 'mades.example.com', revision: this.made });
      sink.event({ type: 'ADDED', revision: this.made, object: served, previous: undefined });
    }
  }
}

async function start(maker: Maker): Promise<void> {
  const definition: ResourceDefinition = {
    group: 'example.com',
    version: 'v1',
    plural: 'mades',
    singular: 'made',
    kind: 'Made',
    listKind: 'MadeList',
    namespaced: false,
    description: 'Made for whoever watches.',
    schema: Type.Object({}),
    strategy: { validate: () => [], validateUpdate: () => [] },
    storage: maker.storage,
    table: { columns: [], cells: () => [] },
  };
  trial = await startTrialServer({ definitions: [definition] });
  client = http2Client(trial, trial.admin);
}

it('no more objects are made for a watch than its client takes', async () => {
  const maker = new Maker();
  await start(maker);
  const stream = await client.open('/apis/example.com/v1/mades?watch=true');
  await maker.waits.promise;
  expect(maker.made).toBeLessThan(total / 2);
  const events = watchEvents(stream);
  const names: string[] = [];
  while (names.length < total) names.push((await events.next()).value.object.metadata.name);
  expect(names).toEqual(Array.from({ length: total }, (_, index) => `m${index}`));
  await maker.over.promise;
});

it('who waits for a client hears that it has left', async () => {
  const maker = new Maker();
  await start(maker);
  const stream = await client.open('/apis/example.com/v1/mades?watch=true');
  await maker.waits.promise;
  stream.leave();
  await maker.over.promise;
  expect(maker.made).toBeLessThan(total / 2);
});

it('a storage hears when a watch has had its time', async () => {
  const maker = new Maker();
  await start(maker);
  const stream = await client.open('/apis/example.com/v1/mades?watch=true&timeoutSeconds=1');
  let seen = 0;
  for await (const _ of watchEvents(stream)) seen++;
  await expect.poll(() => maker.signal?.aborted).toBe(true);
  expect(seen).toBe(total);
});
