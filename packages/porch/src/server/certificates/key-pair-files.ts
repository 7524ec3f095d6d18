import { join } from 'node:path';
import type { KeyPair } from '@porch/apiserver';
import { type DataFiles, readIfThere, writePrivateFile } from '../data-files.ts';

/** Reads `NAME.crt` and `NAME.key`; undefined unless both are there. */
export async function readPair(files: DataFiles, name: string): Promise<KeyPair | undefined> {
  const certificate = await readIfThere(join(files.pki, `${name}.crt`));
  const key = await readIfThere(join(files.pki, `${name}.key`));
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

export async function writePair(files: DataFiles, name: string, pair: KeyPair): Promise<void> {
  await writePrivateFile(join(files.pki, `${name}.key`), pair.key);
  await writePrivateFile(join(files.pki, `${name}.crt`), pair.certificate);
}
