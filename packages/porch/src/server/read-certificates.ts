import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { StartupError } from './startup-error.ts';

/** A file of certificates in PEM that a flag names. @throws StartupError that names the flag, when it is not one */
export async function readCertificates(path: string, flag: string): Promise<Buffer> {
  try {
    const text = await readFile(path);
    new X509Certificate(text);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`${flag} ${path} cannot be used: ${reason}; name a file with certificates in PEM`, {
      cause: error,
    });
  }
}
