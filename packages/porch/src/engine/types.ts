import type {
  DeleteOptions,
  DeleteResult,
  KubernetesObject,
  RequestContext,
  ResourceStorage,
  UpdateFunction,
  WriteOptions,
  WriteResult,
} from '@porch/apiserver';
import type { PackageRevision } from '../resources/package-revision.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';

/** The reading half of a storage. */
export type Reads = Required<Pick<ResourceStorage<KubernetesObject>, 'get' | 'list' | 'watch'>>;

/** Reads and watches of what the engine keeps, by resource. */
export interface ObjectCache {
  readonly packageRevisions: Reads;
  readonly packageRevisionResources: Reads;
  readonly packages: Reads;
  /** Records of package revisions, for existing tools. */
  readonly packageRevs: Reads;
}

/**
 * The lifecycle of packages. Objects that are handed over, and those that an update function returns, have been through the
 * strategy of their endpoint. All methods throw StatusErrors for what a client did wrong; a stale resourceVersion, and a
 * write that overlaps another one to the same package revision, is a 409 Conflict.
 */
export interface Engine {
  /** Reads and watches of package revisions, package revision resources and packages. */
  objectCache(): ObjectCache;

  /** Makes a draft or a proposal by the object's task. */
  createPackageRevision(context: RequestContext, object: PackageRevision, options: WriteOptions): Promise<WriteResult>;

  /** Changes a package revision: its lifecycle, its metadata, and what its Kptfile carries. */
  updatePackageRevision(
    context: RequestContext,
    name: string,
    update: UpdateFunction<PackageRevision>,
    options: WriteOptions,
  ): Promise<WriteResult>;

  deletePackageRevision(context: RequestContext, name: string, options: DeleteOptions): Promise<DeleteResult>;

  /** Replaces the files of a draft and renders it. */
  updatePackageResources(
    context: RequestContext,
    name: string,
    update: UpdateFunction<PackageRevisionResources>,
    options: WriteOptions,
  ): Promise<WriteResult>;
}
