import { type DeleteOptions, type RequestContext, statusErrors } from '@porch/apiserver';
import { LRUCache } from 'lru-cache';
import { porchGroup } from '../../resources/group.ts';
import { isPublished, type PackageRevision } from '../../resources/package-revision.ts';

/**
 * Why a package revision outlives its owners. Deleting a published one deletes from Git, and nothing but a request for just that may; a
 * draft or a proposal goes as if a client had deleted it.
 */
export function publishedStays({ spec }: PackageRevision): string | undefined {
  if (!isPublished(spec.lifecycle)) return undefined;
  return 'a published package revision is deleted on request only: propose its deletion and delete it, or remove metadata.ownerReferences';
}

/** Where the objects are collected by a cluster that the server stands behind. */
export interface ClusterCollection {
  /** Whether a namespace is being deleted: there a deletion takes nothing from Git. */
  isTerminating(namespace: string): boolean;
  /** Is told once of each state of a package revision that the collector is refused. */
  kept(object: PackageRevision, message: string): void;
}

/** As whom a cluster's garbage collector asks: it has an account of its own, or all of kube-controller-manager has one name. */
const collectors: ReadonlySet<string> = new Set([
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
]);

/** Of how many package revisions is remembered that they were told of. */
const mostRemembered = 10_000;

/** Keeps what outlives its owners from the garbage collector of a cluster, which deletes as any client would, and tries again when refused. */
export class CollectorGuard {
  readonly #collection: ClusterCollection;
  /** Versions that were told of, by uid. */
  readonly #told = new LRUCache<string, string>({ max: mostRemembered });

  constructor(collection: ClusterCollection) {
    this.#collection = collection;
  }

  /** Whether nobody has asked for a deletion but the collector. It names the object by its UID, as other controllers do not. */
  isCollection({ user }: Pick<RequestContext, 'user'>, { preconditions }: DeleteOptions): boolean {
    return collectors.has(user.name) && preconditions?.uid !== undefined;
  }

  /** @throws StatusError 403 with the reason, for what is not to be collected */
  check(object: PackageRevision): void {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata;
    const reason = this.#collection.isTerminating(namespace) ? undefined : publishedStays(object);
    if (reason === undefined) return;
    const message = `its owners are gone: ${reason}`;
    if (this.#told.get(uid) !== resourceVersion) {
      this.#told.set(uid, resourceVersion);
      this.#collection.kept(object, message);
    }
    throw statusErrors.forbidden({ group: porchGroup, resource: 'packagerevisions' }, name, message);
  }
}
