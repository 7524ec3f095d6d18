import { readFile } from 'node:fs/promises';
import type { KeyPair } from '@porch/apiserver';
import { StartupError } from '../startup-error.ts';
import { pairProblem } from './key-pair-files.ts';

/**
 * Reads a certificate and its key, PEM, that somebody else made.
 * @throws StartupError that names the files, when they cannot be read or do not belong together
 */
export async function readCertificateFiles(files: { readonly cert: string; readonly key: string }): Promise<KeyPair> {
  try {
    const pair = { certificate: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') };
    const problem = pairProblem(pair);
    if (problem !== undefined) throw new Error(problem);
    return pair;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `the certificate ${files.cert} and its key ${files.key} cannot be used: ${why}; name a certificate in PEM with --tls-cert-file and its key with --tls-private-key-file`,
      {
        cause: error,
      },
    );
  }
}
