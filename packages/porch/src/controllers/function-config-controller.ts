import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { FunctionConfigSource } from '../cache/function-config-source.ts';
import { parseDuration } from '../resources/duration.ts';
import type { FunctionConfig, FunctionConfigStatus } from '../resources/function-config.ts';
import { parseBytes } from '../resources/quantity.ts';

/** What the server is able to do with FunctionConfigs. */
export interface FunctionAbilities {
  /** Names of the functions that are part of the program. */
  readonly builtIn: ReadonlySet<string>;
  readonly runsPrograms: boolean;
  /** Whether it runs containers, or has a function runner that may. */
  readonly runsContainers: boolean;
}

/** What the controller works on. */
export interface FunctionConfigControllerOptions {
  readonly configs: FunctionConfigSource;
  readonly abilities: FunctionAbilities;
  readonly logger: Logger;
  /** How long until a status that could not be written is tried again, in milliseconds. */
  readonly retryMs: number;
}

/**
 * Notes in the status of each FunctionConfig that it is acted on, and what of it is not. The rules themselves need nobody to carry them
 * over: every render reads them.
 */
export class FunctionConfigController {
  readonly #options: FunctionConfigControllerOptions;
  /** What waits for its turn: many changes of a namespace are looked at once. */
  readonly #waiting = new Set<string>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #closed = false;
  #work: Promise<void> = Promise.resolve();
  #stop: (() => void) | undefined;

  constructor(options: FunctionConfigControllerOptions) {
    this.#options = options;
  }

  start(): void {
    const { configs } = this.#options;
    this.#stop = configs.watch(({ namespace }) => {
      // Others for the same image may be the first now.
      for (const { metadata } of configs.list(namespace)) this.#observe(namespace, metadata.name ?? '');
    });
  }

  /** Waits for what is under way. What is left is found again by the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop?.();
    for (const retry of this.#retries) clearTimeout(retry);
    await this.#work;
  }

  #observe(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    if (this.#waiting.has(key)) return;
    this.#waiting.add(key);
    this.#work = this.#work.then(async () => {
      this.#waiting.delete(key);
      if (this.#closed) return;
      try {
        await this.#note(namespace, name);
      } catch (error) {
        const { logger, retryMs } = this.#options;
        logger.warn({ err: error, namespace, name }, 'the status of a FunctionConfig could not be written');
        if (this.#closed) return;
        const retry = setTimeout(() => {
          this.#retries.delete(retry);
          this.#observe(namespace, name);
        }, retryMs);
        this.#retries.add(retry.unref());
      }
    });
  }

  async #note(namespace: string, name: string): Promise<void> {
    const { configs } = this.#options;
    const object = configs.get(namespace, name);
    if (object === undefined) return;
    const status = this.#statusOf(object);
    if (!isDeepStrictEqual(status, object.status)) await configs.writeStatus(object, status);
  }

  #statusOf(object: FunctionConfig): FunctionConfigStatus {
    const { error: _, ...others } = object.status ?? {};
    const problems = [this.#precedence(object), ...this.#missing(object), ...unusableLimits(object)].filter(
      (text) => text !== undefined,
    );
    return {
      ...others,
      apiServerObservedGeneration: object.metadata.generation ?? 1,
      ...(problems.length > 0 && { error: problems.join('; ') }),
    };
  }

  #precedence({ metadata, spec }: FunctionConfig): string | undefined {
    const { namespace = '', name = '' } = metadata;
    const same = this.#options.configs
      .list(namespace)
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
      spec.podExecutor === undefined || runsContainers || isBuiltInForAll(spec)
        ? undefined
        : 'podExecutor: the server runs no containers; start it with --function-runner or --function-containers',
    ];
  }
}

/** Whether a built-in function is used for all tags that are known to exist as containers. */
function isBuiltInForAll({ goExecutor, podExecutor }: FunctionConfig['spec']): boolean {
  return goExecutor !== undefined && (podExecutor?.tags ?? []).every((tag) => goExecutor.tags.includes(tag));
}

/** Limits that a schema let pass and that cannot be kept to. */
function unusableLimits({ spec: { limits = {} } }: FunctionConfig): readonly (string | undefined)[] {
  const { timeout, memory, output } = limits;
  const unusable = (field: string, text: string) =>
    `limits.${field}: ${JSON.stringify(text)} is no limit, and not kept to`;
  return [
    timeout === undefined || Number(parseDuration(timeout)) > 0 ? undefined : unusable('timeout', timeout),
    memory === undefined || parseBytes(memory) !== undefined ? undefined : unusable('memory', memory),
    output === undefined || parseBytes(output) !== undefined ? undefined : unusable('output', output),
  ];
}

function samePrefixes({ spec }: FunctionConfig, prefixes: readonly string[] = []): boolean {
  const sorted = (list: readonly string[] = []) => JSON.stringify([...list].sort());
  return sorted(spec.prefixes) === sorted(prefixes);
}
