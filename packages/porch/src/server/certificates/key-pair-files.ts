import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { KeyPair } from '@porch/apiserver';
import { type DataFiles, readIfThere, writePrivateFile } from '../data-files.ts';

/** Reads `NAME.crt` and `NAME.key`; undefined unless both are there. */
export async function readPair(files: Pick<DataFiles, 'pki'>, name: string): Promise<KeyPair | undefined> {
  const certificate = await readIfThere(join(files.pki, `${name}.crt`));
  const key = await readIfThere(join(files.pki, `${name}.key`));
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** Why a certificate and its key cannot be used; undefined when they can. */
export function pairProblem({ certificate, key }: KeyPair): string | undefined {
  try {
    const fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
    return fits ? undefined : 'they do not belong together';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Puts the certificates of the authorities where `porch kubeconfig` and people find them, wherever the keys are. */
export async function showBundle(files: DataFiles, bundle: string): Promise<void> {
  const path = join(files.pki, 'ca.crt');
  if ((await readIfThere(path)) !== bundle) await writePrivateFile(path, bundle);
}

/** Writes `NAME.key` and `NAME.crt`, which only the owner may read. */
export async function writePair(files: DataFiles, name: string, pair: KeyPair): Promise<void> {
  await writePrivateFile(join(files.pki, `${name}.key`), pair.key);
  await writePrivateFile(join(files.pki, `${name}.crt`), pair.certificate);
}
