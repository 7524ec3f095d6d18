import { noMetrics } from '@porch/apiserver';
import type { Logger } from 'pino';
import { BrokerRefusedError, startBroker } from '../../git/broker/start-broker.ts';
import type { DataFiles } from '../data-files.ts';
import { openStore } from '../open-store.ts';
import { defaultSettings } from '../settings.ts';
import { requireOwnState } from '../shared-state.ts';
import { StartupError } from '../startup-error.ts';
import { openAdminClient } from './admin-client.ts';
import type { BindingAccess } from './binding-access.ts';
import { servedBindings } from './served-bindings.ts';
import { openStoredBindings } from './stored-bindings.ts';

/**
 * The bindings of a data directory: through the server where one runs, else in its store, which is locked meanwhile and read with the key
 * of `encryptionKeyFile`, by default the directory's own.
 * @throws StartupError, also where the state is in a database and no server runs
 */
export async function openBindings(
  files: DataFiles,
  encryptionKeyFile: string,
  logger: Logger,
): Promise<BindingAccess> {
  let closing = false;
  const failed = (error: Error): void => {
    if (closing) return;
    logger.fatal({ err: error }, 'the data directory cannot be used any further');
    process.exit(1);
  };
  try {
    const lock = await startBroker({ directory: files.root, logger, onFailure: failed });
    try {
      await requireOwnState(files.root, 'start the server first, through which this command reaches it');
      const settings = { ...defaultSettings, encryptionKeyFile };
      const store = await openStore(files, settings, logger, failed, noMetrics);
      const access = await openStoredBindings(store, logger);
      return {
        ...access,
        async close() {
          closing = true;
          await access.close();
          await store.close();
          await lock.close();
        },
      };
    } catch (error) {
      closing = true;
      await lock.close();
      throw error;
    }
  } catch (error) {
    if (!(error instanceof BrokerRefusedError)) throw error;
    if (!error.inUse) throw new StartupError(error.message, { cause: error });
    return servedBindings(await openAdminClient(files));
  }
}
