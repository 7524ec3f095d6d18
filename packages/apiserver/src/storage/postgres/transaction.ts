import type { Connection } from './connection.ts';

/**
 * Sends a whole transaction at once: begin, what `send` sends, commit. One round trip, and no lock of it is held while this process
 * thinks. Nothing of it happens when any part fails.
 * @throws the first error
 */
export async function transaction<Results extends readonly unknown[]>(
  connection: Connection,
  begin: string,
  send: () => { readonly [index in keyof Results]: Promise<Results[index]> },
): Promise<Results> {
  const parts = connection.together((): Promise<unknown>[] => [
    connection.script(begin),
    ...(send() as readonly Promise<unknown>[]),
    // A limit that strikes while the commit waits for a replica would report as done what that replica may not have.
    connection.script('SET LOCAL statement_timeout = 0'),
    // By itself: after an error the server passes over all that came with a statement which is not COMMIT, and the transaction would stay.
    connection.script('COMMIT'),
  ]);
  const settled = await Promise.allSettled(parts);
  if (settled.at(-1)?.status === 'rejected') await leave(connection);
  for (const part of settled) if (part.status === 'rejected') throw part.reason;
  return settled
    .slice(1, -2)
    .map((part) => (part.status === 'fulfilled' ? part.value : undefined)) as unknown as Results;
}

/** A COMMIT that was cancelled before it began has left the transaction open, and whatever came next on the connection would fail. */
async function leave(connection: Connection): Promise<void> {
  await connection.script('ROLLBACK').catch(() => connection.destroy());
}
