import type { FunctionConfig, FunctionConfigStatus } from '../resources/function-config.ts';

/**
 * The FunctionConfigs, wherever they are kept: in the store of a standalone server, or as custom resources in a cluster. Reads are
 * answered from memory.
 */
export interface FunctionConfigSource {
  get(namespace: string, name: string): FunctionConfig | undefined;

  /** Those of a namespace, in no order. */
  list(namespace: string): readonly FunctionConfig[];

  /** Tells of every one there is, before it returns, and of all changes from then on. Returns what ends it. */
  watch(listener: (event: FunctionConfigEvent) => void): () => void;

  /**
   * Notes what the server makes of an object as it was read. Where it is gone or has changed since, that need not succeed: it is an
   * event of its own. Rejects when the status cannot be written.
   */
  writeStatus(object: FunctionConfig, status: FunctionConfigStatus): Promise<void>;
}

/** A FunctionConfig has appeared or changed, or is gone. */
export interface FunctionConfigEvent {
  readonly type: 'CHANGED' | 'REMOVED';
  readonly namespace: string;
  readonly name: string;
}
