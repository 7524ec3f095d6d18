import type { Store } from '@porch/apiserver';

/** What looks after something for as long as that belongs to this process. */
export interface Caretaker {
  /** Begins. Write sets of `store` are applied only while the lease is this process's: late ones fail with LeaseLostError. */
  begin(store: Store): void;
  /** Ends what is under way. May begin again later. */
  end(): Promise<void>;
}

/** A wish to look after something. */
export interface Claim {
  /** Gives up: ends the caretaker, then lets others take over. */
  release(): Promise<void>;
}

/** Decides who looks after what: each thing belongs to one process at a time. */
export interface Ownership {
  /** Whether everything belongs to this process from the beginning. */
  readonly sole: boolean;

  /**
   * Lets the caretaker begin as soon as the named thing belongs to nobody else, and end when the claim is released. When it is lost before
   * that, the store that the caretaker was given refuses writes.
   */
  claim(name: string, caretaker: Caretaker): Claim;

  /** Whether the thing belongs to another process that is alive, as far as is known here. */
  isElsewhere(name: string): boolean;
}

/** The lease was lost before a write set was applied. */
export class LeaseLostError extends Error {
  constructor(name: string, cause: Error) {
    super(`${name} is looked after by another server by now`, { cause });
    this.name = 'LeaseLostError';
  }
}

/** The name under which a repository is claimed. */
export function repositoryLease(namespace: string, name: string): string {
  return `repository/${namespace}/${name}`;
}

/** Everything belongs to this process. */
export function soleOwnership(store: Store): Ownership {
  return {
    sole: true,
    claim(_name, caretaker) {
      caretaker.begin(store);
      return { release: () => caretaker.end() };
    },
    isElsewhere: () => false,
  };
}
