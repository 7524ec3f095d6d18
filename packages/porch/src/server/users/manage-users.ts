import type { Stats } from 'node:fs';
import { realpath, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { isMissingFile } from '../../git/broker/system-errors.ts';
import { checkDataDirectory, prepareDataDirectory } from '../data-directory.ts';
import { type DataFiles, dataFilesOf, openDataFiles, readIfThere, writePrivateFile } from '../data-files.ts';
import { kubeconfigText } from '../kubeconfig.ts';
import { requireNothingElse } from '../require-store.ts';
import { StartupError } from '../startup-error.ts';
import { type Grant, Grants } from './grants.ts';
import { openBindings } from './open-bindings.ts';
import { serverAddress } from './server-address.ts';
import { changeUsers, newToken, readUsers, type User, userNameProblem } from './user-file.ts';

/** A user with the roles that were given by `porch user`. */
export interface ListedUser {
  readonly user: User;
  readonly grants: readonly Grant[];
}

/** What `porch kubeconfig` may be told. */
export interface UserKubeconfigOptions {
  readonly name: string;
  /** Address that the user reaches the server at; the one it last printed unless told. */
  readonly server?: string;
  /** Namespace that kubectl uses. */
  readonly namespace: string;
  /** Makes all earlier tokens of the user worthless. */
  readonly revokeOthers: boolean;
  /** File to write, or a pipe or device to write to; without it the text is returned only. */
  readonly out?: string;
}

/** Manages the users of a data directory, with the server up or down. Only `add` makes a directory that is not there. */
export class UserManager {
  readonly #files: DataFiles;
  readonly #encryptionKeyFile: string;
  readonly #logger: Logger;

  private constructor(files: DataFiles, encryptionKeyFile: string, logger: Logger) {
    this.#files = files;
    this.#encryptionKeyFile = encryptionKeyFile;
    this.#logger = logger;
  }

  /**
   * `encryptionKeyFile`: the key that the server has, which is needed while it does not run; empty for the directory's own.
   * @throws StartupError when the directory cannot be used
   */
  static async open(dataDirectory: string, encryptionKeyFile: string, logger: Logger): Promise<UserManager> {
    const root = resolve(dataDirectory);
    for (const warning of await checkDataDirectory(root)) logger.warn(warning);
    return new UserManager(dataFilesOf(root), encryptionKeyFile, logger);
  }

  /** Makes a user where there is none, and gives them a role and groups. */
  async add(grant: Grant, groups: readonly string[]): Promise<void> {
    const problem = userNameProblem(grant.user);
    if (problem !== undefined) throw new StartupError(`${JSON.stringify(grant.user)} cannot be used: ${problem}`);
    await requireNothingElse(this.#files.root);
    await prepareDataDirectory(this.#files.root);
    await openDataFiles(this.#files.root);
    await this.#withGrants((grants) => grants.add(grant));
    await changeUsers(this.#files.users, (users) => {
      const known = users.find(({ name }) => name === grant.user);
      const user: User = {
        name: grant.user,
        groups: [...new Set([...(known?.groups ?? []), ...groups])],
        tokens: known?.tokens ?? [],
      };
      return [...users.filter((other) => other !== known), user];
    });
  }

  /** Makes a user's tokens worthless at once, and takes away the roles. The user is known until that is done, so that it can be done again. */
  async remove(name: string): Promise<void> {
    await this.#require(name);
    await changeUsers(this.#files.users, (users) =>
      users.map((user) => (user.name === name ? { ...user, tokens: [] } : user)),
    );
    await this.#withGrants((grants) => grants.removeAll(name));
    await changeUsers(this.#files.users, (users) => users.filter((user) => user.name !== name));
  }

  async list(): Promise<readonly ListedUser[]> {
    const users = await readUsers(this.#files.users);
    if (users.length === 0) return [];
    const grants = await this.#withGrants((all) => all.list());
    return users.map((user) => ({ user, grants: grants.filter((grant) => grant.user === user.name) }));
  }

  /** Makes a token for a user, and a kubeconfig with it. */
  async kubeconfig(options: UserKubeconfigOptions): Promise<string> {
    const { name, revokeOthers } = options;
    await this.#require(name);
    const server = options.server ?? (await serverAddress(this.#files));
    const authority = await readIfThere(join(this.#files.pki, 'ca.crt'));
    if (authority === undefined) {
      throw new StartupError(`${join(this.#files.pki, 'ca.crt')} is missing; start the server once, it makes the file`);
    }
    const { token, kept } = newToken(new Date());
    const text = kubeconfigText({ server, authority, namespace: options.namespace, name, user: { token } });
    if (options.out !== undefined) await writeOut(resolve(options.out), text);
    await changeUsers(this.#files.users, (users) =>
      users.map((user) =>
        user.name === name ? { ...user, tokens: [...(revokeOthers ? [] : user.tokens), kept] } : user,
      ),
    );
    return text;
  }

  async #require(name: string): Promise<void> {
    const users = await readUsers(this.#files.users);
    if (users.some((user) => user.name === name)) return;
    throw new StartupError(
      `there is no user ${JSON.stringify(name)} in ${this.#files.root}; add one with: porch user add ${name} --role ROLE`,
    );
  }

  async #withGrants<T>(work: (grants: Grants) => Promise<T>): Promise<T> {
    const access = await openBindings(this.#files, this.#encryptionKeyFile, this.#logger);
    try {
      return await work(new Grants(access));
    } finally {
      await access.close();
    }
  }
}

/**
 * Writes for whoever runs the command: into what a link leads to, and into a pipe or a device, such as `/dev/stdout`, instead of putting
 * a file in its place.
 */
async function writeOut(path: string, text: string): Promise<void> {
  const found = await statIfThere(path);
  if (found?.isFile() === false) await writeFile(path, text);
  else await writePrivateFile(found === undefined ? path : await realpath(path), text, 'self');
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
