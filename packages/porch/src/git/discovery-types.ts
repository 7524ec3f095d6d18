import type { Lifecycle, Task } from '../resources/package-revision.ts';
import type { DiscoveryMemory } from './discovery-memory.ts';
import type { EarlyDiscovery } from './early-discovery.ts';
import type { Mirror, ObjectId, RemoteReferences } from './types.ts';

/** A package revision as Git has it. Plain data: it may be kept as JSON and handed back as `known`. */
export interface DiscoveredRevision {
  /** Relative to the Repository's directory. */
  readonly packageName: string;
  /** Directory of the package in the Git repository. */
  readonly path: string;
  readonly workspaceName: string;
  /** 0 for drafts and proposals, -1 for what tracks the branch and for tags without a number. */
  readonly revision: number;
  readonly lifecycle: Lifecycle;
  /** Full name of the tag or branch that it was found at. */
  readonly ref: string;
  /** References that belong to it alone, with what they name on the remote (for annotated tags the tag object). */
  readonly refs: Readonly<Record<string, ObjectId>>;
  /** A commit that has this content. For what tracks the branch: the head when the content was first seen there. */
  readonly commit: ObjectId;
  /** The package's own tree. */
  readonly tree: ObjectId;
  /** How it came to be; one task at most. */
  readonly tasks: readonly Task[];
  /** The blob of its Kptfile. */
  readonly kptfile: ObjectId;
  /** Who published it: address of the commit's author. Only for published revisions, where it is known. */
  readonly publishedBy?: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly publishTimestamp?: string;
}

/** A reference, or a package on the branch, that is not listed. */
export interface SkippedReference {
  readonly ref: string;
  /** Path of the package, where the reference is the tracked branch. */
  readonly path?: string;
  readonly id: ObjectId;
  /**
   * `name`: the API cannot carry its name. `duplicate`: it would have the name of another one. `content`: there is no package
   * in it. `missing`: its objects are not in the mirror; fetch and look again.
   */
  readonly kind: 'name' | 'duplicate' | 'content' | 'missing';
  /** The revision whose name it would have, where that is what is wrong with it. */
  readonly listed?: Pick<DiscoveredRevision, 'packageName' | 'workspaceName'>;
  /** In words for a person. */
  readonly reason: string;
}

/** What a look at all references found. */
export interface Discovery {
  /** Head of the tracked branch; null when the remote has no such branch. */
  readonly head: ObjectId | null;
  /** In order of package, revision and workspace. */
  readonly revisions: readonly DiscoveredRevision[];
  readonly skipped: readonly SkippedReference[];
}

/** What a look at some of them found. */
export type Found = Pick<Discovery, 'revisions' | 'skipped'>;

/** Where revisions are looked for, and what is known already. */
export interface DiscoveryOptions {
  readonly mirror: Mirror;
  readonly references: RemoteReferences;
  readonly branch: string;
  readonly directory?: string;
  /** The result before this one: what its references still name is taken from there. */
  readonly known?: Discovery;
  /** What was learned of the mirror before; more is added. */
  readonly memory?: DiscoveryMemory;
  /** Told of Kptfiles of tags and drafts that are read anew, while other things are still looked for. Must not throw. */
  readonly onKptfile?: (blob: ObjectId) => void;
  /** What was learned while the mirror was fetched; of the same references, branch and directory. */
  readonly early?: EarlyDiscovery;
  readonly signal?: AbortSignal;
}
