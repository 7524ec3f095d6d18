import { randomBytes } from 'node:crypto';
import { tokenDigest, type UserInfo } from '@porch/apiserver';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { lockBriefly } from '../../git/broker/directory-lock.ts';
import { readIfThere, writePrivateFile } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';

const userSchema = Type.Object({
  name: Type.String(),
  groups: Type.Array(Type.String()),
  tokens: Type.Array(Type.Object({ digest: Type.String(), created: Type.String() })),
});
const fileSchema = Type.Object({ users: Type.Array(userSchema) });

/** A user that the server itself knows. Of tokens it has digests only. */
export type User = Static<typeof userSchema>;

/** What is wrong with a user's name, or undefined. */
export function userNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9](?:[-A-Za-z0-9._@]*[A-Za-z0-9])?$/.test(name) || name.length > 63) {
    return 'a user name has at most 63 letters, digits, and "-", "_", ".", "@" between them';
  }
  return undefined;
}

/** Reads the text of a users file. @throws Error when it is damaged */
export function parseUsers(text: string): readonly User[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error('it is not JSON', { cause: error });
  }
  if (!Check(fileSchema, value)) throw new Error('it does not have the form of a users file');
  return value.users;
}

/** Users by the digests of their tokens. */
export function usersByToken(users: readonly User[]): Map<string, UserInfo> {
  return new Map(
    users.flatMap(({ name, groups, tokens }) =>
      tokens.map(({ digest }): [string, UserInfo] => [digest, { name, groups }]),
    ),
  );
}

function usersIn(path: string, text: string | undefined): readonly User[] {
  if (text === undefined) return [];
  try {
    return parseUsers(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `${path} is damaged: ${why}; restore it from a backup, or remove it and add the users again`,
      { cause: error },
    );
  }
}

/** The users in a file; none where there is no file. @throws StartupError when it is damaged */
export async function readUsers(path: string): Promise<readonly User[]> {
  return usersIn(path, await readIfThere(path));
}

/** How long others may take to change the file, in milliseconds; each needs a few. */
const changedWithinMs = 10_000;

/**
 * Changes the users in a file, one process at a time: what is changed by two in the same moment would be lost for one of them, and a
 * token that was made worthless could come back. A server that runs notices by itself.
 * @throws StartupError when the file is damaged, or others do not come to an end with it
 */
export async function changeUsers(path: string, change: (users: readonly User[]) => readonly User[]): Promise<void> {
  const lock = await lockBriefly(`${path}.lock`, changedWithinMs);
  if (lock === undefined) {
    throw new StartupError(`${path} is being changed by another porch command; try again when that has ended`);
  }
  try {
    const users = [...change(await readUsers(path))].sort((a, b) => (a.name < b.name ? -1 : 1));
    await writePrivateFile(path, `${JSON.stringify({ users }, undefined, 2)}\n`);
  } finally {
    lock.release();
  }
}

/** A new token, and what is kept of it. */
export function newToken(now: Date): { readonly token: string; readonly kept: User['tokens'][number] } {
  const token = `porch_${randomBytes(32).toString('base64url')}`;
  return { token, kept: { digest: tokenDigest(token), created: now.toISOString() } };
}
