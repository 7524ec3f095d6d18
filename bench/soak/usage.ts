import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PorchClient } from '../api/porch-client.ts';

/** What a server holds at one moment. Bytes, except for open files. */
export interface Usage {
  readonly heap: number;
  /** Memory of buffers and the like, outside of the heap. */
  readonly external: number;
  readonly resident: number;
  readonly openFiles: number;
  /** Size of the files in the data directory. */
  readonly disk: number;
}

/** The names of what is looked at, in the order of the report. */
export const usageNames = ['heap', 'external', 'resident', 'openFiles', 'disk'] as const satisfies (keyof Usage)[];

/** Asks a server for its metrics, and looks at its files. @throws Error when a metric is missing */
export async function usageOf(client: PorchClient, dataDirectory: string): Promise<Usage> {
  const text = (await client.call('/metrics')).body.toString('utf8');
  const metric = (name: string): number => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`the server has no metric ${name}`);
    return Number(value);
  };
  return {
    heap: metric('nodejs_heap_size_used_bytes'),
    external: metric('nodejs_external_memory_bytes'),
    resident: metric('process_resident_memory_bytes'),
    openFiles: metric('process_open_fds'),
    disk: await sizeOf(dataDirectory),
  };
}

/** Files come and go meanwhile. */
async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
