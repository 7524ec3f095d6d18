/** The porch command. */
import process from 'node:process';
import { runProgram } from './program.ts';
import { endWhenUnwritable, flushed } from './standard-output.ts';

endWhenUnwritable(process, process.argv[2]);

try {
  const exitCode = await runProgram(process.argv.slice(2), {
    process,
    loadServer: async () => (await import('../server/server.ts')).startServer,
    loadControllers: async () => (await import('../server/controllers-process.ts')).startControllers,
    loadMigration: async () => (await import('../server/migration/migrate-store.ts')).migrateStore,
    loadUsers: async (directory, keyFile, logger) =>
      (await import('../server/users/manage-users.ts')).UserManager.open(directory, keyFile, logger),
  });
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(exitCode);
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`porch: ${text}\n`);
  process.exit(1);
}
