/** A process whose clients replace the files of drafts again and again, so that a server always has packages to render. */
import { join } from 'node:path';
import { openConnection } from '../api/http2-client.ts';
import { readKubeconfig } from '../api/kubeconfig.ts';
import { type ApiObject, paths } from '../api/objects.ts';
import { createPorchClient } from '../api/porch-client.ts';
import { packageOf } from '../rendering/packages.ts';
import { childReady, childSettings } from './child.ts';

/** Settings: the server, and the drafts, each of which gets a client over a connection of its own. */
export interface RenderingClientsSettings {
  readonly dataDirectory: string;
  readonly drafts: readonly string[];
}

const { dataDirectory, drafts } = childSettings<RenderingClientsSettings>();
const { address, credentials } = readKubeconfig(join(dataDirectory, 'kubeconfig'));
let stopped = false;
/** Writes of each client before anything is measured: until then it is still starting, and the workers have pauses. */
const warmUpWrites = 10;

async function keepReplacing(name: string, warm: () => void): Promise<void> {
  const client = createPorchClient(await openConnection(address, credentials));
  const path = paths.resources(name);
  let current = await client.get(path);
  for (let version = 0; !stopped; version++) {
    if (version === warmUpWrites) warm();
    current = await client.put(path, withPackage(current, version));
  }
  client.connection.close();
}

function withPackage(object: ApiObject, version: number): ApiObject {
  const resources = Object.fromEntries(packageOf(100, 'five functions', version));
  return { ...object, spec: { ...object.spec, resources } };
}

const clients = drafts.map((name) => ({ name, warm: Promise.withResolvers<void>() }));
const done = Promise.all(clients.map(({ name, warm }) => keepReplacing(name, warm.resolve)));
done.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
await Promise.all(clients.map(({ warm }) => warm.promise));
childReady({}, () => {
  stopped = true;
  return done;
});
