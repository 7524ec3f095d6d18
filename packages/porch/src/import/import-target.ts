import type { PackageRevision } from '../resources/package-revision.ts';
import type { OwnerReference } from './recorded-revision.ts';

/** The server said no. */
export class RefusedError extends Error {
  /** HTTP status code; 0 where the server could not be asked. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RefusedError';
    this.code = code;
  }
}

/** Text by path. */
export type PackageText = Readonly<Record<string, string>>;

/** A package revision to be made. */
export interface NewRevision {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PackageRevision['spec'];
}

/** The Porch server that is imported into. Everything throws `RefusedError` where the server refuses. */
export interface ImportTarget {
  /** All package revisions of a namespace. */
  revisions(namespace: string): Promise<readonly PackageRevision[]>;
  /** Undefined when there is none of this name. */
  revision(namespace: string, name: string): Promise<PackageRevision | undefined>;
  create(revision: NewRevision): Promise<void>;
  /** A merge patch. */
  patch(namespace: string, name: string, patch: object): Promise<void>;
  delete(namespace: string, name: string): Promise<void>;
  files(namespace: string, name: string): Promise<PackageText>;
  /** Replaces all files of a draft, which renders it. */
  replaceFiles(namespace: string, name: string, files: PackageText): Promise<void>;
  /** UID of the object that a reference names in this cluster, or undefined when there is none. */
  ownerUid(namespace: string, owner: OwnerReference): Promise<string | undefined>;
  hasRepository(namespace: string, name: string): Promise<boolean>;
}
