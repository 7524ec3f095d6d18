/**
 * Runs git commands that talk to one remote: with its settings and credentials, and with errors that say what was tried.
 */

import { join } from 'node:path';
import type { HostRules } from '../resources/host-rules.ts';
import type { GitProcesses, RunResult } from './broker/git-processes.ts';
import type { GitSetting } from './broker/messages.ts';
import { type Attempt, commandBroken, commandFailed } from './errors.ts';
import { type SettingsDirectories, withRemoteSettings } from './remote-settings.ts';
import { type ResolvedHost, resolvedHost } from './resolved-host.ts';
import type { OperationOptions, RemoteAccess } from './types.ts';

/** The repository that a command runs in: the mirror; the empty one over the mirror's objects, from which is pushed; or none. */
export type CommandPlace = 'mirror' | 'push' | 'none';

/** A command that talks to the remote. */
export interface RemoteCommand extends OperationOptions {
  /** Reads well before a colon: `fetch https://host/repo.git`. */
  readonly what: string;
  readonly args: readonly string[];
  readonly settings?: readonly GitSetting[];
  /** `mirror` unless told. */
  readonly place?: CommandPlace;
  /** More output than this ends the command. */
  readonly maxOutputBytes?: number;
}

/** How a command ended, and what an error about it needs to know. */
export interface RemoteResult extends RunResult {
  readonly attempt: Attempt;
}

/** Where commands for one remote run. */
export interface RemotePlace {
  readonly processes: GitProcesses;
  /** Normal form of the remote's URL. */
  readonly url: string;
  /** The mirror. */
  readonly directory: string;
  /**
   * An empty bare repository. Pushes run in it, over the objects of the mirror: a push goes through all references of its repository
   * again and again, and the mirror has as many as the remote.
   */
  readonly pushDirectory: string;
  readonly settings: SettingsDirectories;
  /** Which addresses names of hosts may stand for; all if absent. */
  readonly hosts: HostRules | undefined;
}

/** Commands for one remote. */
export class RemoteCommands {
  readonly #place: RemotePlace;

  constructor(place: RemotePlace) {
    this.#place = place;
  }

  /** Runs a command to its end, however it ends. @throws GitError when that is not known; the signal's reason */
  async run(access: RemoteAccess, command: RemoteCommand): Promise<RemoteResult> {
    const { processes, url, settings: directories, hosts } = this.#place;
    const { what, args, settings = [], place = 'mirror', ...options } = command;
    const host: ResolvedHost = hosts === undefined ? { settings: [] } : await resolvedHost(url, hosts);
    return await withRemoteSettings(url, access, directories, async ({ env, settings: own, secrets }) => {
      const attempt = { what, secrets };
      try {
        const request = {
          args,
          env: { ...env, ...this.#environment(place) },
          settings: [...own, ...host.settings, ...settings],
        };
        const result = await processes.run({ ...request, ...options, pushes: place === 'push' });
        return { ...result, stderr: withUnknownHost(result.stderr, host), attempt };
      } catch (error) {
        throw commandBroken(attempt, error);
      }
    });
  }

  /** Runs a command that has to succeed. @throws GitError */
  async succeed(access: RemoteAccess, command: RemoteCommand): Promise<RemoteResult> {
    const result = await this.run(access, command);
    if (result.exitCode !== 0) throw commandFailed(result.attempt, result);
    return result;
  }

  #environment(place: CommandPlace): Readonly<Record<string, string>> {
    const { directory, pushDirectory } = this.#place;
    if (place === 'none') return {};
    if (place === 'mirror') return { GIT_DIR: directory };
    return { GIT_DIR: pushDirectory, GIT_OBJECT_DIRECTORY: join(directory, 'objects') };
  }
}

/** Git tried to connect to an address that it was told, in place of those that the host's name does not have. */
function withUnknownHost(stderr: string, { unknown }: ResolvedHost): string {
  return stderr.replaceAll(/Failed to connect to (\S+) .*/g, (said, host: string) =>
    host === unknown ? `Could not resolve host: ${host}` : said,
  );
}
