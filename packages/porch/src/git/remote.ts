/**
 * Commands that talk to the remote of one mirror.
 */

import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { GitSetting } from './broker/messages.ts';
import { cleanText, commandFailed, gitError, LONG_IDS_ADVICE } from './errors.ts';
import { FetchQueue } from './fetch-queue.ts';
import { fetchFirst, isUnfetched } from './first-fetch.ts';
import { isLocked, removeLeftByFetch } from './left-by-fetch.ts';
import { ListedReferences } from './listed-references.ts';
import { MANY_REFERENCES_BYTES } from './mirror-maintenance.ts';
import { headsOfRemotes, mirroredHeads, mirroredTags, tagsOfRemotes } from './mirrored-names.ts';
import { type PushedReference, parsePushReport } from './push-report.ts';
import { assertReferenceName, isObjectId } from './reference-name.ts';
import { RemoteCommands, type RemotePlace, type RemoteResult } from './remote-command.ts';
import { accessKey } from './remote-settings.ts';
import {
  type FetchOptions,
  GitError,
  type OperationOptions,
  type PushOutcome,
  type ReferenceUpdate,
  type RemoteAccess,
  type RemoteReferences,
} from './types.ts';

const LS_REMOTE_TIMEOUT_MS = 60_000;
/** About half a million references. */
const LS_REMOTE_BYTES = 64 << 20;
const PUSH_TIMEOUT_MS = 290_000;
/** A remote that sends nothing for this long has stopped; what it sends while it works counts, however little it is. */
const STALLED: readonly GitSetting[] = [
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '60'],
];
/** Whoever reads commits while they come has a core to do so. */
const ONE_CORE_LEFT: GitSetting = ['pack.threads', String(Math.max(1, availableParallelism() - 1))];
/** Hexadecimal digits of an object id of SHA-256. */
const LONG_ID = 64;

/** What a remote needs to know. */
export interface RemoteOptions {
  readonly place: RemotePlace;
  /** Longest time of one fetch, in milliseconds; asking for references takes at most a minute of it. */
  readonly readTimeoutMs: number;
  readonly logger: Logger;
  /** Told of every fetch that brought something. */
  readonly onPack: () => void;
  /** Told when fetches have brought many references. */
  readonly onReferences: () => void;
}

/** What matters to a first fetch. */
type FirstOptions = Pick<FetchOptions, 'listed' | 'arriving'>;

/** The remote of a mirror. */
export class Remote {
  readonly #options: RemoteOptions;
  readonly #url: string;
  readonly #commands: RemoteCommands;
  readonly #fetches = new FetchQueue();
  #reportedSincePacking = 0;
  /** The remote has been found to take no atomic pushes. */
  #oneByOne = false;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#url = options.place.url;
    this.#commands = new RemoteCommands(options.place, options.logger);
  }

  /** See `Mirror.lsRemote`. */
  async references(access: RemoteAccess, options: OperationOptions = {}): Promise<RemoteReferences> {
    const printed = await this.#list(['--heads', '--tags', '--', this.#url], access, options);
    if (printed.indexOf('\t') === LONG_ID) throw longIds(this.#url);
    return new ListedReferences(printed);
  }

  /** See `Mirror.defaultBranch`. */
  async defaultBranch(access: RemoteAccess, options: OperationOptions = {}): Promise<string | undefined> {
    const printed = await this.#list(['--symref', '--', this.#url, 'HEAD'], access, options);
    for (const line of printed.toString().split('\n')) {
      const name = /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1];
      if (name !== undefined) return name;
    }
    return undefined;
  }

  async #list(args: readonly string[], access: RemoteAccess, options: OperationOptions): Promise<Buffer> {
    const result = await this.#commands.succeed(access, {
      what: `list references of ${this.#url}`,
      args: ['ls-remote', '--quiet', ...args],
      timeoutMs: Math.min(LS_REMOTE_TIMEOUT_MS, this.#options.readTimeoutMs),
      maxOutputBytes: LS_REMOTE_BYTES,
      anew: true,
      ...options,
    });
    return result.stdout;
  }

  /** See `Mirror.fetch`. */
  async fetch(access: RemoteAccess, options: FetchOptions = {}): Promise<void> {
    const { timeoutMs, signal, ...first } = options;
    const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [signal, deadline].filter((one) => one !== undefined);
    try {
      await this.#fetches.fetch(
        accessKey(access),
        (shared) => this.#fetch(access, first, shared),
        signals.length === 0 ? undefined : AbortSignal.any(signals),
      );
    } catch (error) {
      if (deadline?.aborted && error === deadline.reason) {
        throw gitError('Timeout', `fetch ${this.#url}: not done within ${timeoutMs} ms`, { cause: error });
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
    const { timeoutMs = PUSH_TIMEOUT_MS } = options;
    const together = (atomic: boolean) => this.#push(access, updates, atomic, timeoutMs);
    if (!options.atomic || updates.length === 1) return outcomeOf(updates, await together(false));
    if (!this.#oneByOne) {
      const result = await together(true);
      if (!takesNoAtomicPush(result)) return outcomeOf(updates, result);
      this.#oneByOne = true;
      this.#options.logger.warn(
        { url: this.#url },
        'the repository takes no atomic pushes: what changes several references changes them one by one',
      );
    }
    return await this.#pushOneByOne(access, updates, timeoutMs);
  }

  /**
   * What comes as near to an atomic push as can be without one: nothing is begun where a lease does not hold, and nothing is done after
   * the first reference that is refused.
   */
  async #pushOneByOne(
    access: RemoteAccess,
    updates: readonly ReferenceUpdate[],
    timeoutMs: number,
  ): Promise<PushOutcome> {
    const { refs } = await this.references(access);
    const moved = updates.filter(({ ref, old }) => (refs.get(ref) ?? null) !== old);
    if (moved.length > 0) return { type: 'rejected', refs: new Map(moved.map(({ ref }) => [ref, 'stale info'])) };
    for (const [index, update] of updates.entries()) {
      try {
        const outcome = outcomeOf([update], await this.#push(access, [update], false, timeoutMs));
        if (outcome.type === 'rejected') return outcome;
      } catch (error) {
        if (index === 0 || !(error instanceof GitError)) throw error;
        // Whatever it is, it does not mean that nothing was changed.
        throw gitError('Interrupted', `${error.message} (${index} of ${updates.length} references were changed)`, {
          cause: error,
        });
      }
    }
    return { type: 'accepted' };
  }

  async #push(
    access: RemoteAccess,
    updates: readonly ReferenceUpdate[],
    atomic: boolean,
    timeoutMs: number,
  ): Promise<RemoteResult> {
    const args = [
      'push',
      '--porcelain',
      '--no-verify',
      '--recurse-submodules=no',
      atomic ? '--atomic' : '--no-atomic',
      ...updates.map(({ ref, old }) => `--force-with-lease=${ref}:${old ?? ''}`),
      '--',
      this.#url,
      ...updates.map(({ ref, new: id }) => `${id ?? ''}:${ref}`),
    ];
    return await this.#commands.run(access, { what: `push to ${this.#url}`, args, place: 'push', timeoutMs });
  }

  async #fetch(access: RemoteAccess, first: FirstOptions, signal: AbortSignal): Promise<void> {
    const { logger, place } = this.#options;
    try {
      await this.#fetchOnce(access, first, signal);
    } catch (error) {
      await removeLeftByFetch(place.directory);
      if (!isLocked(error)) throw error;
      logger.warn({ err: error, url: this.#url }, 'removed locks that an earlier git left in a mirror; fetching again');
      await this.#fetchOnce(access, first, signal);
    }
  }

  async #fetchOnce(access: RemoteAccess, first: FirstOptions, signal: AbortSignal): Promise<void> {
    const { logger, place, onPack, onReferences } = this.#options;
    const { directory } = place;
    const began = performance.now();
    const command = { what: `fetch ${this.#url}`, signal, settings: STALLED, timeoutMs: this.#options.readTimeoutMs };
    if (await isUnfetched(directory)) {
      const settings = first.arriving === undefined ? STALLED : [...STALLED, ONE_CORE_LEFT];
      const run = (args: readonly string[]) =>
        this.#commands.succeed(access, { ...command, settings, args, place: 'none' });
      const { processes } = place;
      const { bytes, isComplete } = await fetchFirst({ ...first, processes, directory, url: this.#url, run });
      const milliseconds = Math.round(performance.now() - began);
      logger.debug({ url: this.#url, milliseconds }, 'fetched for the first time');
      onPack();
      if (bytes >= MANY_REFERENCES_BYTES) onReferences();
      if (isComplete) return;
    }
    const result = await this.#commands.succeed(access, {
      ...command,
      args: [
        'fetch',
        '--prune',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
        '--no-show-forced-updates',
        '--',
        this.#url,
        `+${headsOfRemotes}*:${mirroredHeads}*`,
        `+${tagsOfRemotes}*:${mirroredTags}*`,
      ],
    });
    logger.debug({ url: this.#url, milliseconds: Math.round(performance.now() - began) }, 'fetched');
    if (result.stderr !== '') onPack();
    this.#reportedSincePacking += result.stderr.length;
    if (this.#reportedSincePacking < MANY_REFERENCES_BYTES) return;
    // Each changed reference is a file of its own until they are packed; fetches read them all.
    this.#reportedSincePacking = 0;
    await this.#packReferences();
    onReferences();
  }

  async #packReferences(): Promise<void> {
    const { logger, place } = this.#options;
    const what = `pack references of the mirror of ${this.#url}`;
    const packed = await place.processes.run({ args: ['pack-refs', '--all'], env: { GIT_DIR: place.directory } });
    if (packed.exitCode === 0) return;
    logger.warn({ err: commandFailed({ what }, packed) }, 'references stay unpacked for now');
  }
}

/** Git found out before it sent anything. */
function takesNoAtomicPush({ exitCode, stderr }: RemoteResult): boolean {
  return exitCode !== 0 && /^fatal: the receiving end does not support --atomic push/m.test(stderr);
}

/** What a push that has ended did. @throws GitError when that is not known */
function outcomeOf(updates: readonly ReferenceUpdate[], result: RemoteResult): PushOutcome {
  const { attempt } = result;
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

function longIds(url: string): GitError {
  return new GitError(
    'Other',
    `${url} is a repository with SHA-256 object ids, which are not supported`,
    LONG_IDS_ADVICE,
  );
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
