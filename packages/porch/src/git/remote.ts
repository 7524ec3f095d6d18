/**
 * Commands that talk to the remote of one mirror.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { GitProcesses, RunResult } from './broker/git-processes.ts';
import { type Attempt, cleanText, commandBroken, commandFailed, gitError } from './errors.ts';
import { FetchQueue } from './fetch-queue.ts';
import { adoptClone, cloneArguments, cloneDirectory, isUnfetched } from './first-fetch.ts';
import { type PushedReference, parsePushReport } from './push-report.ts';
import { assertReferenceName, isObjectId } from './reference-name.ts';
import { accessKey, type RemoteSettings, remoteSettings } from './remote-settings.ts';
import type {
  ObjectId,
  OperationOptions,
  PushOutcome,
  ReferenceUpdate,
  RemoteAccess,
  RemoteReferences,
} from './types.ts';

const LS_REMOTE_TIMEOUT_MS = 60_000;
const FETCH_TIMEOUT_MS = 600_000;
const PUSH_TIMEOUT_MS = 290_000;
const MANY_REFERENCES_BYTES = 8 << 10;
const PEELED = '^{}';

/** Where a mirror is and what it mirrors. */
export interface RemoteOptions {
  readonly processes: GitProcesses;
  readonly logger: Logger;
  /** The bare repository. */
  readonly directory: string;
  /**
   * An empty bare repository. Pushes run in it, over the objects of the mirror: a push goes through all references of its repository
   * again and again, and the mirror has as many as the remote.
   */
  readonly pushDirectory: string;
  /** Normal form of the remote's URL. */
  readonly url: string;
  /** Where CA bundles are kept. */
  readonly caDirectory: string;
  /** Told of every fetch that brought something. */
  readonly onPack: () => void;
  /** Told when fetches have brought many references. */
  readonly onReferences: () => void;
}

/** The repository that a command runs in. */
type Where = 'mirror' | 'push' | 'none';

/** The remote of a mirror. */
export class Remote {
  readonly #options: RemoteOptions;
  readonly #fetches = new FetchQueue();
  #reportedSincePacking = 0;

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  /** See `Mirror.lsRemote`. */
  async references(access: RemoteAccess, options: OperationOptions = {}): Promise<RemoteReferences> {
    const { url } = this.#options;
    const attempt = `list references of ${url}`;
    const result = await this.#succeed(attempt, access, ['ls-remote', '--quiet', '--heads', '--tags', '--', url], {
      timeoutMs: LS_REMOTE_TIMEOUT_MS,
      ...options,
    });
    const refs = new Map<string, ObjectId>();
    const peeled = new Map<string, ObjectId>();
    for (const line of result.stdout.toString().split('\n')) {
      const tab = line.indexOf('\t');
      if (tab < 0) continue;
      const name = line.slice(tab + 1);
      if (name.endsWith(PEELED)) peeled.set(name.slice(0, -PEELED.length), line.slice(0, tab));
      else refs.set(name, line.slice(0, tab));
    }
    return { refs, peeled };
  }

  /** See `Mirror.fetch`. */
  async fetch(access: RemoteAccess, options: OperationOptions = {}): Promise<void> {
    const { timeoutMs, signal } = options;
    const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [signal, deadline].filter((one) => one !== undefined);
    try {
      await this.#fetches.fetch(
        accessKey(access),
        (shared) => this.#fetch(access, shared),
        signals.length === 0 ? undefined : AbortSignal.any(signals),
      );
    } catch (error) {
      if (deadline?.aborted && error === deadline.reason) {
        throw gitError('Timeout', `fetch ${this.#options.url}: not done within ${timeoutMs} ms`, { cause: error });
      }
      throw error;
    }
  }

  /** See `Mirror.push`. */
  async push(
    access: RemoteAccess,
    updates: readonly ReferenceUpdate[],
    options: { readonly atomic: boolean; readonly timeoutMs?: number },
  ): Promise<PushOutcome> {
    if (updates.length === 0) return { type: 'accepted' };
    for (const update of updates) checkUpdate(update);
    const attempt = { what: `push to ${this.#options.url}` };
    const args = [
      'push',
      '--porcelain',
      '--no-verify',
      '--recurse-submodules=no',
      options.atomic ? '--atomic' : '--no-atomic',
      ...updates.map(({ ref, old }) => `--force-with-lease=${ref}:${old ?? ''}`),
      '--',
      this.#options.url,
      ...updates.map(({ ref, new: id }) => `${id ?? ''}:${ref}`),
    ];
    const settings = await this.#settings(access);
    const timing = { timeoutMs: options.timeoutMs ?? PUSH_TIMEOUT_MS };
    const result = await this.#run(attempt, settings, args, timing, 'push');
    return this.#outcome({ ...attempt, secrets: settings.secrets }, updates, result);
  }

  #outcome(attempt: Attempt, updates: readonly ReferenceUpdate[], result: RunResult): PushOutcome {
    const report = parsePushReport(result.stdout.toString());
    const states = updates.map(({ ref }): readonly [string, PushedReference | undefined] => [ref, report.get(ref)]);
    if (states.some(([, answer]) => answer?.state === 'lost')) {
      const said = cleanText(result.stderr, attempt.secrets ?? []);
      throw gitError('Interrupted', `${attempt.what}: the remote did not say what it did; ${said}`);
    }
    const rejected = states.filter(([, answer]) => answer?.state === 'rejected');
    if (rejected.length > 0) {
      const said = remoteText(result.stderr, attempt.secrets ?? []);
      return {
        type: 'rejected',
        refs: new Map(rejected.map(([ref, answer]) => [ref, [answer?.reason, said].filter(Boolean).join(': ')])),
      };
    }
    if (result.exitCode === 0 && states.every(([, answer]) => answer !== undefined)) return { type: 'accepted' };
    if (result.exitCode === 0) throw gitError('Interrupted', `${attempt.what}: git did not report all references`);
    throw commandFailed(attempt, result);
  }

  async #fetch(access: RemoteAccess, signal: AbortSignal): Promise<void> {
    const { url, logger, directory } = this.#options;
    const began = performance.now();
    if (await isUnfetched(directory)) {
      await rm(cloneDirectory(directory), { recursive: true, force: true });
      const options = { signal, timeoutMs: FETCH_TIMEOUT_MS };
      await this.#succeed(`fetch ${url}`, access, cloneArguments(url, directory), options, 'none');
      const bytes = await adoptClone(directory);
      logger.debug({ url, milliseconds: Math.round(performance.now() - began) }, 'fetched for the first time');
      this.#options.onPack();
      if (bytes >= MANY_REFERENCES_BYTES) this.#options.onReferences();
      return;
    }
    const result = await this.#succeed(
      `fetch ${url}`,
      access,
      [
        'fetch',
        '--prune',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
        '--no-show-forced-updates',
        '--',
        url,
        '+refs/heads/*:refs/mirror/heads/*',
        '+refs/tags/*:refs/mirror/tags/*',
      ],
      { signal, timeoutMs: FETCH_TIMEOUT_MS },
    );
    logger.debug({ url, milliseconds: Math.round(performance.now() - began) }, 'fetched');
    if (result.stderr !== '') this.#options.onPack();
    this.#reportedSincePacking += result.stderr.length;
    if (this.#reportedSincePacking < MANY_REFERENCES_BYTES) return;
    // Each changed reference is a file of its own until they are packed; fetches read them all.
    this.#reportedSincePacking = 0;
    const attempt = { what: `pack references of the mirror of ${url}` };
    const none = { env: {}, settings: [], secrets: [] };
    const packed = await this.#run(attempt, none, ['pack-refs', '--all'], {});
    if (packed.exitCode !== 0) logger.warn({ err: commandFailed(attempt, packed) }, 'references stay unpacked for now');
    this.#options.onReferences();
  }

  async #succeed(
    what: string,
    access: RemoteAccess,
    args: readonly string[],
    options: OperationOptions,
    repository: Where = 'mirror',
  ): Promise<RunResult> {
    const settings = await this.#settings(access);
    const result = await this.#run({ what }, settings, args, options, repository);
    if (result.exitCode !== 0) throw commandFailed({ what, secrets: settings.secrets }, result);
    return result;
  }

  #settings(access: RemoteAccess): Promise<RemoteSettings> {
    return remoteSettings(this.#options.url, access, this.#options.caDirectory);
  }

  async #run(
    attempt: Attempt,
    settings: RemoteSettings,
    args: readonly string[],
    options: OperationOptions,
    repository: Where = 'mirror',
  ): Promise<RunResult> {
    const { processes } = this.#options;
    try {
      return await processes.run({
        args,
        env: { ...settings.env, ...this.#place(repository) },
        settings: settings.settings,
        ...options,
      });
    } catch (error) {
      throw commandBroken(attempt, error);
    }
  }

  #place(where: Where): Readonly<Record<string, string>> {
    const { directory, pushDirectory } = this.#options;
    if (where === 'none') return {};
    if (where === 'mirror') return { GIT_DIR: directory };
    return { GIT_DIR: pushDirectory, GIT_OBJECT_DIRECTORY: join(directory, 'objects') };
  }
}

function checkUpdate(update: ReferenceUpdate): void {
  assertReferenceName(update.ref);
  for (const id of [update.old, update.new]) {
    if (id !== null && !isObjectId(id)) throw gitError('Other', `${JSON.stringify(id)} is not an object id`);
  }
  if (update.old === null && update.new === null) {
    throw gitError('Other', `${update.ref} would be both absent before and deleted`);
  }
}

/** What the remote's hooks wrote. */
function remoteText(stderr: string, secrets: readonly string[]): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('remote:'));
  return cleanText(lines.map((line) => line.slice('remote:'.length)).join('\n'), secrets);
}
