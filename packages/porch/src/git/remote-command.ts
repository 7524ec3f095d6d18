/**
 * Runs git commands that talk to one remote: with its settings and credentials, and with errors that say what was tried.
 */

import { join } from 'node:path';
import type { Logger } from 'pino';
import type { HostRules } from '../resources/host-rules.ts';
import type { GitProcesses, RunResult } from './broker/git-processes.ts';
import type { GitSetting } from './broker/messages.ts';
import { type Attempt, classify, commandBroken, commandFailed, saysRedirected } from './errors.ts';
import { type Redirect, redirectIn, SHOWING_ANSWERS } from './redirects.ts';
import { type SettingsDirectories, withRemoteSettings } from './remote-settings.ts';
import { type ResolvedHost, resolvedHost } from './resolved-host.ts';
import type { OperationOptions, RemoteAccess } from './types.ts';

/** A server that redirects more often leads nowhere. */
const MOST_REDIRECTS = 5;

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
  /** Asks at the remote's own address, wherever that has led before. */
  readonly anew?: boolean;
}

/** A way to run a command: with more in its environment than what it needs in any case. */
interface Run extends RemoteCommand {
  readonly env?: Readonly<Record<string, string>>;
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
  readonly #logger: Logger;
  /** Where the remote's address has led. */
  #ledTo: string | undefined;

  constructor(place: RemotePlace, logger: Logger) {
    this.#place = place;
    this.#logger = logger;
  }

  /**
   * Runs a command to its end, however it ends. Where the Git server redirects to another address of its own, the command is run there.
   * @throws GitError when its end is not known; the signal's reason
   */
  async run(access: RemoteAccess, command: RemoteCommand): Promise<RemoteResult> {
    const { url } = this.#place;
    const ledTo = command.anew ? undefined : this.#ledTo;
    if (ledTo !== undefined) {
      const result = await this.#runAt(ledTo, access, command);
      if (result.exitCode === 0 || classify(result.stderr) !== 'NotFound') return result;
    }
    let at = url;
    for (let redirects = 0; ; redirects++) {
      const result = await this.#runAt(at, access, command);
      if (result.exitCode === 0 || !saysRedirected(result.stderr)) {
        this.#leadsTo(at);
        return result;
      }
      const redirect = await this.#redirect(at, access, command);
      if (redirect?.type !== 'followed' || redirects === MOST_REDIRECTS) {
        this.#ledTo = undefined;
        return redirect === undefined ? result : { ...result, stderr: withRedirect(result.stderr, redirect) };
      }
      at = redirect.url;
    }
  }

  /** Runs a command that has to succeed. @throws GitError */
  async succeed(access: RemoteAccess, command: RemoteCommand): Promise<RemoteResult> {
    const result = await this.run(access, command);
    if (result.exitCode !== 0) throw commandFailed(result.attempt, result);
    return result;
  }

  /** Asks at an address once more, to be shown where it leads. */
  async #redirect(at: string, access: RemoteAccess, command: RemoteCommand): Promise<Redirect | undefined> {
    const args = ['ls-remote', '--quiet', '--', this.#place.url, 'HEAD'];
    const { stderr } = await this.#runAt(at, access, { ...command, args, place: 'none', env: SHOWING_ANSWERS });
    return redirectIn(stderr, at);
  }

  #leadsTo(address: string): void {
    const { url } = this.#place;
    if (address !== url && address !== this.#ledTo) {
      this.#logger.info({ url, address }, 'the Git server redirects to another address of a repository');
    }
    this.#ledTo = address === url ? undefined : address;
  }

  /** Runs a command for the remote at one of its addresses, in place of its own. */
  async #runAt(address: string, access: RemoteAccess, run: Run): Promise<RemoteResult> {
    const { processes, url, settings: directories, hosts } = this.#place;
    const { what, args, settings = [], place = 'mirror', anew: _, env: more = {}, ...options } = run;
    const host: ResolvedHost = hosts === undefined ? { settings: [] } : await resolvedHost(address, hosts);
    const moved: readonly GitSetting[] = address === url ? [] : [[`url.${address}.insteadOf`, url]];
    return await withRemoteSettings(address, access, directories, async ({ env, settings: own, secrets }) => {
      const attempt = { what, secrets };
      try {
        const request = {
          args,
          env: { ...env, ...more, ...this.#environment(place) },
          settings: [...own, ...host.settings, ...moved, ...settings],
        };
        const result = await processes.run({ ...request, ...options, pushes: place === 'push' });
        return { ...result, stderr: withUnknownHost(result.stderr, host), attempt };
      } catch (error) {
        throw commandBroken(attempt, error);
      }
    });
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

/** What git said, with where the server redirects to. */
function withRedirect(stderr: string, redirect: Redirect): string {
  const [to, why] =
    redirect.type === 'followed' ? [redirect.url, 'one redirect too many'] : [redirect.shown, redirect.reason];
  return `${stderr.trimEnd()}\nit redirects to '${to}', which is ${why}\n`;
}
