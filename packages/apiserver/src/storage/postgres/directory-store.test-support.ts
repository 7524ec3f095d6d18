/** Stores that tests and the processes they start find by a directory: each has a schema of its own. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store.ts';
import { openPostgresStore } from './open.ts';
import type { PostgresConnection, PostgresStoreOptions } from './options.ts';

/** Leaves in the directory what `openDirectoryStore` needs, away from command lines. */
export async function linkDirectory(directory: string, connection: PostgresConnection): Promise<void> {
  await writeFile(join(directory, 'connection.json'), JSON.stringify(connection), { mode: 0o600 });
}

export function schemaOf(directory: string): string {
  return `test_${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`;
}

export async function openDirectoryStore(
  directory: string,
  options: Omit<PostgresStoreOptions, 'connection' | 'url' | 'schema'> = {},
): Promise<Store> {
  const connection = JSON.parse(await readFile(join(directory, 'connection.json'), 'utf8')) as PostgresConnection;
  return openPostgresStore({ connection, schema: schemaOf(directory), ...options });
}
