import { StatusError, statusErrors } from '@porch/apiserver';
import { namespaces } from '../../resources/group.ts';

const resource = { group: '', resource: namespaces };

/** What the gate needs to know of namespaces. */
export interface NamespaceContents {
  exists(namespace: string): boolean;
  /** Resources that still have objects in a namespace, `repositories.config.porch.kpt.dev`, with how many. */
  contents(namespace: string): readonly { readonly resource: string; readonly count: number }[];
}

/**
 * Keeps creations in a namespace and the deletion of that namespace apart, so that no object is left in a namespace that is
 * gone.
 */
export class NamespaceGate {
  readonly #contents: NamespaceContents;
  readonly #creating = new Map<string, number>();
  readonly #removing = new Set<string>();

  constructor(contents: NamespaceContents) {
    this.#contents = contents;
  }

  /** @throws StatusError 404 when the namespace does not exist, 409 while it is being deleted */
  requireNamespace(namespace: string): void {
    if (!this.#contents.exists(namespace)) throw statusErrors.notFound(resource, namespace);
    if (this.#removing.has(namespace)) {
      throw statusErrors.conflict(resource, namespace, 'the namespace is being deleted');
    }
  }

  /** Creates something in a namespace that exists and stays until it is done. */
  async create<T>(namespace: string, work: () => Promise<T>): Promise<T> {
    this.requireNamespace(namespace);
    this.#creating.set(namespace, (this.#creating.get(namespace) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#creating.get(namespace) ?? 1) - 1;
      if (left === 0) this.#creating.delete(namespace);
      else this.#creating.set(namespace, left);
    }
  }

  /** Removes an empty namespace; nothing can be created in it meanwhile. @throws StatusError 409 when it is in use */
  async remove<T>(namespace: string, work: () => Promise<T>): Promise<T> {
    if (this.#removing.has(namespace)) {
      throw statusErrors.conflict(
        resource,
        namespace,
        'another request is already in progress to delete the namespace',
      );
    }
    if (this.#creating.has(namespace)) {
      throw statusErrors.conflict(resource, namespace, 'an object is being created in it; try again');
    }
    this.#requireEmpty(namespace);
    this.#removing.add(namespace);
    try {
      return await work();
    } finally {
      this.#removing.delete(namespace);
    }
  }

  #requireEmpty(namespace: string): void {
    const left = this.#contents.contents(namespace).filter(({ count }) => count > 0);
    if (left.length === 0) return;
    const list = left.map(({ resource: name, count }) => `${count} ${name}`).join(', ');
    throw new StatusError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on namespaces ${JSON.stringify(namespace)}: it still has ${list}; delete these first (deleting a Repository removes its package revisions from the API and leaves Git as it is)`,
      { name: namespace, kind: 'namespaces' },
    );
  }
}
