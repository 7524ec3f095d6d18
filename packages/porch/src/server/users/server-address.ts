import { parse } from 'yaml';
import { type DataFiles, readIfThere } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';

/** Where the server of a data directory was last reached, `https://127.0.0.1:9443`. @throws StartupError when it never ran */
export async function serverAddress(files: DataFiles): Promise<string> {
  const text = await readIfThere(files.kubeconfig);
  if (text === undefined) {
    throw new StartupError(`${files.kubeconfig} is missing; start the server once, it makes the file`);
  }
  const { clusters } = parse(text) as { clusters?: { cluster?: { server?: string } }[] };
  const server = clusters?.[0]?.cluster?.server;
  if (server === undefined) {
    throw new StartupError(`${files.kubeconfig} names no server; start the server once, it makes the file anew`);
  }
  return server;
}
