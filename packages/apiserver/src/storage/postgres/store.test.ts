import { afterAll, beforeAll, describe } from 'vitest';
import { describeStore } from '../store-suite.test-support.ts';
import { linkDirectory, openDirectoryStore } from './directory-store.test-support.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';

describe.skipIf(!canRunPostgres())('on a server', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  describeStore('PostgreSQL store', {
    open: async (directory) => {
      await linkDirectory(directory, server.connection);
      return openDirectoryStore(directory);
    },
    crashWriter: new URL('./crash-writer.test-support.ts', import.meta.url),
  });
});
