import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore } from '@porch/apiserver';

/** Removes the history up to a revision from the store of a server that is stopped, as the passing of time does. */
export async function forgetHistory(dataDirectory: string, revision: number): Promise<void> {
  const key = Buffer.from((await readFile(join(dataDirectory, 'keys', 'secrets.key'), 'utf8')).trim(), 'base64');
  const store = await openSqliteStore({
    directory: join(dataDirectory, 'store'),
    encryption: { key, resources: new Set(['secrets']) },
  });
  try {
    await store.compact(revision, 0);
  } finally {
    await store.close();
  }
}
