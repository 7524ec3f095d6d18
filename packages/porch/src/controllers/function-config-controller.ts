import { isDeepStrictEqual } from 'node:util';
import {
  encodeObject,
  type ObjectKey,
  PreconditionFailedError,
  type ServedObject,
  type Store,
  type WatchCache,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { FunctionConfig, FunctionConfigStatus } from '../resources/function-config.ts';
import { functionConfigs } from '../resources/group.ts';

/** What the server is able to do with FunctionConfigs. */
export interface FunctionAbilities {
  /** Names of the functions that are part of the program. */
  readonly builtIn: ReadonlySet<string>;
  readonly runsPrograms: boolean;
  /** Whether it runs containers, or has a function runner that may. */
  readonly runsContainers: boolean;
}

export interface FunctionConfigControllerOptions {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly abilities: FunctionAbilities;
  readonly logger: Logger;
}

/**
 * Notes in the status of each FunctionConfig that it is acted on, and what of it is not. The rules themselves need nobody to carry them
 * over: every render reads them.
 */
export class FunctionConfigController {
  readonly #options: FunctionConfigControllerOptions;
  #work: Promise<void> = Promise.resolve();
  #stop: (() => void) | undefined;

  constructor(options: FunctionConfigControllerOptions) {
    this.#options = options;
  }

  start(): void {
    const { cache } = this.#options;
    const { revision, items } = cache.list(functionConfigs);
    for (const item of items) this.#observe(item);
    this.#stop = cache.watch(functionConfigs, revision, (event) => {
      if (event.type !== 'DELETED') this.#observe(event.object);
      // Others for the same image may be the first now.
      const { namespace } = event.object.key;
      for (const item of cache.list(functionConfigs, { namespace }).items) this.#observe(item);
    });
  }

  /** Waits for what is under way. What is left is found again by the next start. */
  async close(): Promise<void> {
    this.#stop?.();
    await this.#work;
  }

  #observe({ key }: Pick<ServedObject, 'key'>): void {
    this.#work = this.#work.then(async () => {
      try {
        await this.#note(key);
      } catch (error) {
        const { namespace, name } = key;
        this.#options.logger.warn(
          { err: error, namespace, name },
          'the status of a FunctionConfig could not be written',
        );
      }
    });
  }

  async #note(key: ObjectKey): Promise<void> {
    const { cache, store } = this.#options;
    const served = cache.get(key);
    if (served === undefined) return;
    const object = served.decode<FunctionConfig>();
    const status = this.#statusOf(object);
    if (isDeepStrictEqual(status, object.status)) return;
    const { resourceVersion: _, ...metadata } = object.metadata;
    const changed: FunctionConfig = { ...object, metadata, status };
    const value = encodeObject(changed);
    try {
      await store.commit({ operations: [{ type: 'put', key, uid: served.uid, value, expected: served.revision }] });
    } catch (error) {
      // Somebody else has changed it, which is an event of its own.
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }

  #statusOf(object: FunctionConfig): FunctionConfigStatus {
    const { error: _, ...others } = object.status ?? {};
    const problems = [this.#precedence(object), ...this.#missing(object)].filter((text) => text !== undefined);
    return {
      ...others,
      apiServerObservedGeneration: object.metadata.generation ?? 1,
      ...(problems.length > 0 && { error: problems.join('; ') }),
    };
  }

  #precedence({ metadata, spec }: FunctionConfig): string | undefined {
    const { namespace = '', name = '' } = metadata;
    const same = this.#options.cache
      .list(functionConfigs, { namespace })
      .items.map((served) => served.decode<FunctionConfig>())
      .filter((other) => other.spec.image === spec.image && samePrefixes(other, spec.prefixes))
      .map((other) => other.metadata.name ?? '')
      .sort();
    const [first] = same;
    return first === undefined || first === name
      ? undefined
      : `FunctionConfig ${JSON.stringify(first)} is for the same images and decides`;
  }

  #missing({ metadata, spec }: FunctionConfig): readonly (string | undefined)[] {
    const { builtIn, runsPrograms, runsContainers } = this.#options.abilities;
    const id = spec.goExecutor && (spec.goExecutor.id || (metadata.name ?? ''));
    return [
      id === undefined || builtIn.has(id) ? undefined : `goExecutor: no function ${JSON.stringify(id)} is built in`,
      spec.binaryExecutor === undefined || runsPrograms
        ? undefined
        : 'binaryExecutor: the server runs no programs; start it with --functions',
      spec.podExecutor === undefined || runsContainers || spec.goExecutor !== undefined
        ? undefined
        : 'podExecutor: the server runs no containers; start it with --function-runner or --function-containers',
    ];
  }
}

function samePrefixes({ spec }: FunctionConfig, prefixes: readonly string[] = []): boolean {
  const sorted = (list: readonly string[] = []) => JSON.stringify([...list].sort());
  return sorted(spec.prefixes) === sorted(prefixes);
}
