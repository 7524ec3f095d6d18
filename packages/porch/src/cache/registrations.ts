import type { Repository } from '../resources/repository.ts';

/** A registered repository has appeared or changed, or is gone; then the object is its last state. */
export interface RegistrationEvent {
  readonly type: 'CHANGED' | 'REMOVED';
  readonly object: Repository;
}

/**
 * The registered repositories, wherever they are kept: in the store of a standalone server, or as custom resources in a cluster.
 * Reads are answered from memory, with objects that nobody may change.
 */
export interface Registrations {
  get(namespace: string, name: string): Repository | undefined;

  /** Those of all namespaces. */
  list(): readonly Repository[];

  /** Tells of every one that is registered, before it returns, and of all changes from then on. Returns what ends it. */
  watch(listener: (event: RegistrationEvent) => void): () => void;

  /**
   * Changes what the controller owns of a Repository (status, finalizers, `runOnceAt`), on top of whatever others have changed
   * meanwhile. `change` gets a copy that it may change, and may run more than once; undefined leaves the object as it is.
   * Returns whether the Repository still exists.
   */
  update(namespace: string, name: string, change: (object: Repository) => Repository | undefined): Promise<boolean>;
}
