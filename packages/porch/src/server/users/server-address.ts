import { parse, YAMLParseError } from 'yaml';
import { type DataFiles, readIfThere } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';

/** Where the server of a data directory was last reached, `https://127.0.0.1:9443`. @throws StartupError when it never ran */
export async function serverAddress(files: DataFiles): Promise<string> {
  const text = await readIfThere(files.kubeconfig);
  if (text === undefined) {
    throw new StartupError(`${files.kubeconfig} is missing; start the server once, it makes the file`);
  }
  const server = serverIn(text);
  if (server === undefined) {
    throw new StartupError(
      `${files.kubeconfig} names no server, or is damaged; start the server once, it makes the file anew`,
    );
  }
  return server;
}

function serverIn(kubeconfig: string): string | undefined {
  try {
    const config = parse(kubeconfig) as { clusters?: { cluster?: { server?: string } }[] } | null;
    return config?.clusters?.[0]?.cluster?.server;
  } catch (error) {
    if (error instanceof YAMLParseError) return undefined;
    throw error;
  }
}
