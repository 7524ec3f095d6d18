import { type GroupResource, StatusError, statusErrors } from '@porch/apiserver';
import { namespaces } from '../../resources/group.ts';

/** Whether a namespace is there, and whether it stays. */
export type NamespaceState = 'active' | 'terminating' | undefined;

/** What is to be created, as errors name it. The name is empty where the server makes one. */
export interface NewName {
  readonly resource: GroupResource;
  readonly name: string;
}

/**
 * Lets objects be created only in namespaces that exist and stay, and knows where that is going on, so that no object is left in
 * a namespace that is gone.
 */
export class NamespaceGate {
  readonly #stateOf: (namespace: string) => NamespaceState;
  readonly #lookUp: (namespace: string) => Promise<NamespaceState>;
  readonly #creating = new Map<string, number>();

  /** `lookUp` is asked about namespaces that `stateOf` does not know (yet). */
  constructor(
    stateOf: (namespace: string) => NamespaceState,
    lookUp: (namespace: string) => Promise<NamespaceState> = async () => undefined,
  ) {
    this.#stateOf = stateOf;
    this.#lookUp = lookUp;
  }

  /**
   * Creates something in a namespace that stays until it is done.
   * @throws StatusError 404 when the namespace does not exist, 403 while it is being deleted
   */
  async create<T>(namespace: string, what: NewName, work: () => Promise<T>): Promise<T> {
    const known = this.#stateOf(namespace);
    const leave = this.#enter(namespace, what, known ?? (await this.#lookUp(namespace)));
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /**
   * Begins to create something in a namespace that stays until the returned function is called, once.
   * @throws StatusError as `create`
   */
  enter(namespace: string, what: NewName): () => void {
    return this.#enter(namespace, what, this.#stateOf(namespace));
  }

  #enter(namespace: string, what: NewName, state: NamespaceState): () => void {
    requireState(namespace, what, state);
    this.#creating.set(namespace, (this.#creating.get(namespace) ?? 0) + 1);
    return () => {
      const left = (this.#creating.get(namespace) ?? 1) - 1;
      if (left === 0) this.#creating.delete(namespace);
      else this.#creating.set(namespace, left);
    };
  }

  /** Whether something is being created in a namespace at this moment. */
  isCreating(namespace: string): boolean {
    return this.#creating.has(namespace);
  }
}

function requireState(namespace: string, { resource, name }: NewName, state: NamespaceState): void {
  if (state === undefined) throw statusErrors.notFound({ group: '', resource: namespaces }, namespace);
  if (state === 'active') return;
  const message = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const refused = statusErrors.forbidden(resource, name, message);
  throw new StatusError(403, 'Forbidden', refused.message, {
    ...refused.status.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}
