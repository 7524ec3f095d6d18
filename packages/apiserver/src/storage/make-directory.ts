import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it that are missing, for its owner only unless told. One that is there is left as it is.
 * `mkdir` of Node.js with `recursive` does not come back where no directory can be made, as below `/proc`.
 * @throws Error of the operating system, with its code
 */
export async function makeDirectory(path: string, mode = 0o700): Promise<void> {
  if (await isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeDirectory(parent, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Somebody else may have made it in this moment.
    if (!(await isDirectory(path))) throw error;
  }
}

/** One that cannot be looked at is none: making it says why. */
async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
