import { resolve } from 'node:path';
import { createWatchCache, noMetrics } from '@porch/apiserver';
import type { Logger } from 'pino';
import { prepareDataDirectory } from '../data-directory.ts';
import { type DataFiles, openDataFiles } from '../data-files.ts';
import { isShared } from '../database-url.ts';
import { extractionRules } from '../extraction-rules.ts';
import { openStore } from '../open-store.ts';
import { requireStore } from '../require-store.ts';
import type { Settings } from '../settings.ts';
import { requireOwnState } from '../shared-state.ts';
import { StartupError } from '../startup-error.ts';
import { type AuthorityPlace, authoritiesAt, type KeptAuthorities, withSuccessor } from './authorities.ts';
import { authorityFiles } from './authority-files.ts';
import { showBundle } from './key-pair-files.ts';
import { storedAuthority } from './stored-authority.ts';

/** A change of the certificate authority by hand. */
export interface RotationOptions extends Pick<Settings, 'database' | 'encryptionKeyFile'> {
  readonly dataDirectory: string;
  /** For how long the new one is shown before it signs, in milliseconds. */
  readonly signAfterMs: number;
  /** Believe the old ones no longer: what they have signed, and kubeconfigs that know only them, are worthless at once. */
  readonly forgetOld: boolean;
  readonly clock: () => Date;
  readonly logger: Logger;
}

/**
 * Makes a new certificate authority for a data directory, or for all servers on a database; those that run take it up within seconds.
 * Returns from when it signs.
 * @throws StartupError when there is none yet, or the place cannot be used
 */
export async function rotateAuthority(options: RotationOptions): Promise<Date> {
  const root = resolve(options.dataDirectory);
  if (!isShared(options.database)) {
    await requireOwnState(root, 'name it with --database-url-file');
    await requireStore(root);
  }
  for (const warning of await prepareDataDirectory(root)) options.logger.warn(warning);
  const files = await openDataFiles(root);
  const kept = isShared(options.database)
    ? await rotateStored(files, options)
    : await rotate(authorityFiles(files), options);
  // Kubeconfigs that are made from now on know the new one, also where no server runs that would put it there.
  await showBundle(files, authoritiesAt(kept, options.clock).bundle);
  const signsFrom = kept.successors?.at(-1)?.signsFrom;
  return signsFrom === undefined ? options.clock() : new Date(signsFrom);
}

async function rotateStored(files: DataFiles, options: RotationOptions): Promise<KeptAuthorities> {
  const { logger } = options;
  const failed = (error: Error): never => {
    logger.fatal({ err: error }, 'the database cannot be used any further');
    process.exit(1);
  };
  const store = await openStore(files, options, logger, failed, noMetrics);
  try {
    const objects = await createWatchCache({ store, definitions: extractionRules, logger });
    return await rotate(storedAuthority({ store, objects }), options);
  } finally {
    await store.close();
  }
}

async function rotate(
  place: AuthorityPlace,
  { clock, signAfterMs, forgetOld }: RotationOptions,
): Promise<KeptAuthorities> {
  for (;;) {
    const known = await place.read();
    if (known === undefined) {
      throw new StartupError('there is no certificate authority yet; the first start of a server makes one');
    }
    const next = await withSuccessor(forgetOld ? undefined : known, clock, () => clock().getTime() + signAfterMs);
    // A server may have made a successor in the same moment.
    if ((await place.replace(known, next)) === next) return next;
  }
}
