import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ownerOfDirectory } from '../git/broker/directory-owner.ts';
import { isMissingFile, isUnsupported } from '../git/broker/system-errors.ts';

/** Where everything stands below the data directory. */
export interface DataFiles {
  readonly root: string;
  readonly store: string;
  readonly pki: string;
  readonly kubeconfig: string;
  readonly secretsKey: string;
  /** What tells this directory from others. */
  readonly instance: string;
  /** The server's own users, with digests of their tokens. */
  readonly users: string;
}

/** The places below a data directory. */
export function dataFilesOf(root: string): DataFiles {
  return {
    root,
    store: join(root, 'store'),
    pki: join(root, 'pki'),
    kubeconfig: join(root, 'kubeconfig'),
    secretsKey: join(root, 'keys', 'secrets.key'),
    instance: join(root, 'instance'),
    users: join(root, 'users.json'),
  };
}

/** The places below a data directory; makes the folders, readable by their owner only. */
export async function openDataFiles(root: string): Promise<DataFiles> {
  const files = dataFilesOf(root);
  for (const path of [files.store, files.pki, dirname(files.secretsKey)]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  return files;
}

/** Reads a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

const temporarySuffix = '.tmp';

/** Whether a path is one that `writePrivateFile` writes to before it puts the file in its place. */
export function isTemporary(path: string): boolean {
  return path.endsWith(temporarySuffix);
}

/**
 * Writes a file that only the owner may read, durably and all at once. One that cannot be written leaves nothing behind. What root writes
 * belongs to whom the directory does, unless it is to belong to `self`.
 */
export async function writePrivateFile(
  path: string,
  text: string,
  owner: 'directory' | 'self' = 'directory',
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${temporarySuffix}`;
  try {
    await writeNewFile(temporary, text, owner === 'self' ? undefined : ownerOfDirectory(path));
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    // On a disk that is full, what tries again would fill it further with halves.
    await rm(temporary, { force: true });
    // Errors of writing to an open file name none.
    throw error instanceof Error && 'syscall' in error ? Object.assign(error, { path }) : error;
  }
}

/** After a power failure the file has its name only where the directory has been written too. Not all can be: that must do. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined);
  try {
    await directory?.sync();
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  } finally {
    await directory?.close();
  }
}

async function writeNewFile(path: string, text: string, owner: ReturnType<typeof ownerOfDirectory>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Tells this data directory from others; made at the first start. */
export async function instanceId(files: DataFiles): Promise<string> {
  const known = (await readIfThere(files.instance))?.trim() ?? '';
  if (known !== '') return known;
  const made = randomUUID();
  await writePrivateFile(files.instance, `${made}\n`);
  return made;
}
