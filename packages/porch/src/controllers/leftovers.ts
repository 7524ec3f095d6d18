import type { Logger } from 'pino';
import { releasePendingContent } from '../cache/pending-content.ts';
import type { EngineParts } from '../engine/parts.ts';
import { packageRevisions } from '../resources/group.ts';
import { unregisterRepository } from './unregister.ts';

/** What is looked through, and how often. */
export interface LeftoversOptions {
  readonly parts: EngineParts;
  readonly logger: Logger;
  /** How often it is looked for content that is kept for nothing, in milliseconds. */
  readonly contentMs: number;
}

/** Removes what nobody looks after: revisions of repositories that are not registered, and content whose commits have reached Git. */
export class Leftovers {
  readonly #options: LeftoversOptions;
  #timer: NodeJS.Timeout | undefined;
  #removing: Promise<unknown> = Promise.resolve();
  #releasing: Promise<void> | undefined;

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /** Begins with a look at all revisions. The registered repositories must be known by then. */
  start(): void {
    this.#removing = removeLeftRevisions(this.#options);
    this.#timer = setInterval(() => this.#release(), this.#options.contentMs);
    this.#timer.unref();
    this.#release();
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#removing;
    await this.#releasing;
  }

  #release(): void {
    const { parts, logger } = this.#options;
    this.#releasing ??= releasePendingContent(parts.cache, parts.store)
      .then(
        () => undefined,
        (error: unknown) => {
          logger.error({ err: error }, 'content could not be released; it is tried again');
        },
      )
      .finally(() => {
        this.#releasing = undefined;
      });
  }
}

/** What removal needs. */
export type RemovalOptions = Pick<LeftoversOptions, 'parts' | 'logger'>;

/**
 * Removes what is left of a repository that is not registered: it can go without having been unregistered, when somebody takes its
 * finalizer away. Gives how many package revisions that were.
 */
export async function removeLeftovers(
  { parts, logger }: RemovalOptions,
  namespace: string,
  name: string,
): Promise<number> {
  const { cache, registrations } = parts;
  if (registrations.get(namespace, name) !== undefined) return 0;
  const known = cache.isRepositoryRead(namespace, name);
  const { length: revisions } = cache.revisionsOfRepository(namespace, name);
  if (!known && revisions === 0) return 0;
  await unregisterRepository(parts, namespace, name, { discardDrafts: true });
  logger.warn({ namespace, repository: name }, 'removed what was left of a repository that is not registered any more');
  return revisions;
}

/**
 * Takes package revisions of repositories that are not registered out of the API, with DELETED events. Gives how many; what cannot
 * be removed now is logged, and found again the next time.
 */
export async function removeLeftRevisions(options: RemovalOptions): Promise<number> {
  const { cache } = options.parts;
  const owners = new Map<string, { readonly namespace: string; readonly name: string }>();
  for (const { key, fields } of cache.objects.list(packageRevisions).items) {
    const name = fields['spec.repository'] ?? '';
    owners.set(`${key.namespace}/${name}`, { namespace: key.namespace, name });
  }
  let removed = 0;
  for (const { namespace, name } of owners.values()) {
    try {
      removed += await removeLeftovers(options, namespace, name);
    } catch (error) {
      options.logger.error(
        { err: error, namespace, repository: name },
        'package revisions of a repository that is gone stay',
      );
    }
  }
  return removed;
}
