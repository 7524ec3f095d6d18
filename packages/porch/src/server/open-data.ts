import type { GitProcesses } from '../git/broker/git-processes.ts';
import { BrokerRefusedError, startBroker } from '../git/broker/start-broker.ts';
import type { Composition } from './composition.ts';
import { type DataFiles, openDataFiles } from './data-files.ts';
import { StartupError } from './startup-error.ts';

/** The data directory, held. */
export interface ServerData {
  readonly processes: GitProcesses;
  readonly files: DataFiles;
}

/**
 * Takes the data directory: the broker holds its lock, and has ended what an earlier server left.
 * @throws StartupError when it is in use or damaged
 */
export async function openData(composition: Composition): Promise<ServerData> {
  const { settings, onClose } = composition;
  const processes = await holdDirectory(composition);
  onClose(() => processes.close());
  const files = await openDataFiles(settings.dataDirectory);
  return { processes, files };
}

async function holdDirectory({ settings, logger, isClosing, fatal }: Composition): Promise<GitProcesses> {
  try {
    return await startBroker({
      directory: settings.dataDirectory,
      logger,
      onFailure: (error) => {
        if (!isClosing()) fatal(error);
      },
    });
  } catch (error) {
    if (error instanceof BrokerRefusedError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}
