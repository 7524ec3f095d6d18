import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { KeyPair } from '@porch/apiserver';
import type { Logger } from 'pino';
import { StartupError } from './startup-error.ts';

/** The certificate that the server shows, which is renewed while it runs. */
export interface ServingCertificate {
  readonly pair: KeyPair;
  /** Tells of a new one. */
  onChange(listener: (pair: KeyPair) => void): void;
  close(): void;
}

export interface ServingCertificateOptions {
  /** The certificate as it should be now. Rejects when there is none that can be used. */
  load(): Promise<KeyPair>;
  /** How often that is asked, in milliseconds. */
  readonly everyMs: number;
  readonly logger: Logger;
}

/** Looks for a new certificate again and again. While there is none that can be used, the server goes on with the old one. */
export async function openServingCertificate(options: ServingCertificateOptions): Promise<ServingCertificate> {
  const { load, everyMs, logger } = options;
  let pair = await load();
  const listeners: ((pair: KeyPair) => void)[] = [];
  const look = async (): Promise<void> => {
    try {
      const found = await load();
      if (found.certificate === pair.certificate && found.key === pair.key) return;
      pair = found;
      for (const listener of listeners) listener(found);
      logger.info({ until: new X509Certificate(found.certificate).validTo }, 'the server shows a new certificate');
    } catch (error) {
      logger.error({ err: error }, 'the new certificate of the server cannot be used; the old one is shown');
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    get pair() {
      return pair;
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

/**
 * Reads a certificate and its key, PEM, that somebody else made.
 * @throws StartupError that names the files, when they cannot be read or do not belong together
 */
export async function readCertificateFiles(files: { readonly cert: string; readonly key: string }): Promise<KeyPair> {
  try {
    const pair = { certificate: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') };
    const fits = new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key));
    if (!fits) throw new Error('they do not belong together');
    return pair;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the certificate ${files.cert} and its key ${files.key} cannot be used: ${why}`, {
      cause: error,
    });
  }
}
