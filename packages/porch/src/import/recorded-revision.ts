import type { Task } from '../resources/package-revision.ts';

/** What a record of the Go server says of one package revision. */
export interface RecordedRevision {
  readonly namespace: string;
  readonly name: string;
  /** Metadata as users gave it: what the Go server keeps there for itself has been taken out. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly ownerReferences: readonly OwnerReference[];
  /** Whether it was being deleted, and waited for its finalizers. */
  readonly deleting: boolean;
  /** Only databases have it: `PackageRev` objects say nothing of lifecycle and files. */
  readonly draft?: RecordedDraft;
  /** Likewise; absent where the record does not know. */
  readonly lifecycle?: string;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** A package revision that is not published, which may be in the database only. */
export interface RecordedDraft {
  readonly repository: string;
  /** With its path, `a/b/pkg`. */
  readonly packageName: string;
  readonly workspaceName: string;
  readonly lifecycle: 'Draft' | 'Proposed';
  /** At most one, as the API has it. */
  readonly tasks: Task[];
  /** Text by path relative to the package. */
  readonly files: Readonly<Record<string, string>>;
}
