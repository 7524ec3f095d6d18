import type { Secret } from '../resources/secret.ts';

/** Where Secrets are read, at the moment they are needed. */
export interface SecretSource {
  /** Undefined when there is none. Rejects when that cannot be found out. */
  get(namespace: string, name: string): Promise<Secret | undefined>;

  /** Tells which Secrets change, as far as that is known without reading them again. Returns what ends it. */
  watch(listener: (namespace: string, name: string) => void): () => void;
}
