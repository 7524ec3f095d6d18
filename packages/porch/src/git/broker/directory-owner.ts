import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * To whom a file is to belong that root makes in somebody's directory: a server that runs as its own user must be able to read what
 * `sudo porch ...` has written. Undefined where it belongs to who makes it.
 * @throws Error of the operating system where there is no such directory
 */
export function ownerOfDirectory(file: string): { readonly uid: number; readonly gid: number } | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(dirname(file));
  return uid === 0 ? undefined : { uid, gid };
}
