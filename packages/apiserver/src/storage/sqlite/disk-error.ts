/** Primary result codes of SQLite after which nothing that was written may be relied on. */
const fatalCodes = new Map([
  [7, 'out of memory'],
  [8, 'the file cannot be written'],
  [10, 'input or output failed'],
  [11, 'the database is damaged'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [26, 'not a database'],
]);

/** What SQLite reports on an error, or undefined for other errors. `primary` is the code without its extension. */
export function sqliteCode(error: unknown): { readonly primary: number; readonly text: string } | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  const primary = error.errcode & 0xff;
  return { primary, text: fatalCodes.get(primary) ?? error.message };
}

/** What can be done about some of them. */
const advice = new Map([
  [11, 'restore it from a backup'],
  [13, 'make room on it, and start the server again: what was acknowledged is there'],
]);

/** An error of SQLite that ends the use of a database, in words that name the file; other errors are given back as they are. */
export function describeFailure(file: string, cause: unknown): unknown {
  const code = sqliteCode(cause);
  if (code === undefined) return cause;
  const said = advice.get(code.primary);
  return new Error(`the database ${file} has failed: ${code.text}${said === undefined ? '' : `; ${said}`}`, { cause });
}

/** Whether an error means that the disk or the database file failed, rather than one write set. */
export function isDiskError(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && fatalCodes.has(code.primary);
}
