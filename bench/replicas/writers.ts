import { type ApiObject, newDraft, paths, revisionName } from '../api/objects.ts';
import type { PorchClient } from '../api/porch-client.ts';
import { kptfile, resourceFiles } from '../fixture/package-files.ts';

/** Clients that replace the files of a draft each, one request at a time, spread over the servers. */
export interface Writers {
  /** Lets all of them write for a time, and gives the number of writes that were acknowledged per second. */
  write(ms: number): Promise<number>;
}

/** Makes the drafts. */
export async function createWriters(clients: readonly PorchClient[], count: number): Promise<Writers> {
  const writers = await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const client = clients[n % clients.length];
      if (client === undefined) throw new Error('there are no servers');
      return createWriter(client, n);
    }),
  );
  return {
    async write(ms) {
      const begun = performance.now();
      const writes = await Promise.all(writers.map((writer) => writer(begun + ms)));
      return (writes.reduce((sum, each) => sum + each, 0) * 1000) / (performance.now() - begun);
    },
  };
}

/** @returns what writes until a point in time and gives how often it did */
async function createWriter(client: PorchClient, n: number): Promise<(until: number) => Promise<number>> {
  const packageName = `bench-replicas/w-${n}`;
  await client.post(paths.revisions, newDraft(packageName, 'v1'));
  const path = paths.resources(revisionName(packageName, 'v1'));
  let current: ApiObject = await client.get(path);
  let version = 0;
  return async (until) => {
    let writes = 0;
    for (; performance.now() < until; writes++) {
      const resources = { Kptfile: kptfile(`w-${n}`), ...resourceFiles(`w-${n}`, version++) };
      current = await client.put(path, { ...current, spec: { ...current.spec, resources } });
    }
    return writes;
  };
}
