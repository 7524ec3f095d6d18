import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a process holds. */
export interface ServerLoad {
  readonly residentMegabytes: number;
  readonly handles: number;
}

/** Whether this system tells what other processes hold. */
export const canMeasure = existsSync('/proc/self/fd');

/** What the server of a data directory holds now. */
export async function serverLoad(dataDirectory: string): Promise<ServerLoad> {
  const pid = Number.parseInt(await readFile(join(dataDirectory, 'server.pid'), 'utf8'), 10);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return { residentMegabytes: kilobytes / 1024, handles: (await readdir(`/proc/${pid}/fd`)).length };
}
