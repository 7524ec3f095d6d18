/** The porch command with a server that does nothing but listen, for tests of the command itself. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import type { StartServer } from '../server/running-server.ts';
import { runProgram } from './program.ts';

const start: StartServer = async (settings, logger) => {
  if (settings.defaultImagePrefix === 'fails') throw new Error('broken');
  const server = createServer();
  server.listen(settings.listen.port, settings.listen.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(settings.dataDirectory, 'port'), String(port));
  return {
    address: `https://${settings.listen.host}:${port}`,
    kubeconfigPath: join(settings.dataDirectory, 'kubeconfig'),
    async close() {
      if (settings.defaultImagePrefix === 'never-closes') {
        logger.info('closing for ever');
        await new Promise(() => undefined);
      }
      server.close();
      await once(server, 'close');
    },
  };
};

try {
  const loadUsers = async (): Promise<never> => {
    throw new Error('this command has no users');
  };
  process.exit(
    await runProgram(process.argv.slice(2), {
      process,
      loadServer: async () => start,
      loadControllers: async () => start,
      loadUsers,
      loadMigration: loadUsers,
    }),
  );
} catch (error) {
  process.stderr.write(`porch: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
