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
/** Writes of each client before anything is measured: until then they, and what they make run for the first time, are still warming up. */
const warmUp = 10;

interface Replacing {
  /** Has replaced the files often enough to be warm. */
  readonly warm: Promise<void>;
  /** Ends after `stopped`. */
  readonly done: Promise<void>;
}

function keepReplacing(name: string): Replacing {
  const warm = Promise.withResolvers<void>();
  const done = (async () => {
    const client = createPorchClient(await openConnection(address, credentials));
    const path = paths.resources(name);
    let current = await client.get(path);
    for (let version = 0; !stopped; version++) {
      current = await client.put(path, withPackage(current, version));
      if (version === warmUp) warm.resolve();
    }
    client.connection.close();
  })();
  return { warm: warm.promise, done };
}

function withPackage(object: ApiObject, version: number): ApiObject {
  const resources = Object.fromEntries(packageOf(100, 'five functions', version));
  return { ...object, spec: { ...object.spec, resources } };
}

const clients = drafts.map(keepReplacing);
const done = Promise.all(clients.map((client) => client.done));
done.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
await Promise.race([Promise.all(clients.map(({ warm }) => warm)), done]);
childReady({}, () => {
  stopped = true;
  return done;
});
