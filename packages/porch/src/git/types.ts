/**
 * Git as the rest of the server sees it. Object ids are 40 hexadecimal digits. References are full names (`refs/heads/main`).
 */

export type ObjectId = string;

/** How to reach a remote. Credentials never appear on a command line, in a log or in an error. */
export interface RemoteAccess {
  readonly url: string;
  readonly credentials?:
    | { readonly type: 'basic'; readonly username: string; readonly password: string }
    | { readonly type: 'bearer'; readonly token: string }
    | SshCredentials;
  /** PEM certificates to trust instead of the system's. */
  readonly caBundle?: string;
}

/** A key for SSH, and the keys that its servers are known by. */
export interface SshCredentials {
  readonly type: 'ssh';
  /** In PEM or OpenSSH form, without a passphrase. */
  readonly privateKey: string;
  /** Lines of OpenSSH's `known_hosts`. */
  readonly knownHosts: string;
}

/** Classes of Git failures; each has its own retry interval and advice. */
export type GitErrorClass =
  | 'Unreachable'
  | 'Authentication'
  | 'NotFound'
  | 'Timeout'
  | 'Certificate'
  | 'HostKey'
  | 'RateLimited'
  | 'Rejected'
  | 'Interrupted'
  | 'TooLarge'
  | 'Other';

/** A failed Git command: what was tried, the class, and what a person can do about it. The message holds no secret. */
export class GitError extends Error {
  readonly errorClass: GitErrorClass;
  readonly advice: string;

  constructor(errorClass: GitErrorClass, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GitError';
    this.errorClass = errorClass;
    this.advice = advice;
  }

  /** The message and the advice, in sentences. */
  get explanation(): string {
    const advice = `${this.advice.charAt(0).toUpperCase()}${this.advice.slice(1)}`;
    return [this.message, advice].map((text) => text.replace(/\.?$/, '.')).join(' ');
  }
}

/** Modes in Git: of a plain file, an executable one, a symbolic link, a submodule. */
export type FileMode = '100644' | '100755' | '120000' | '160000';

/** One file of a package in Git. */
export interface GitFile {
  /** Relative to the package's directory. One that is not UTF-8 is no well-formed text: see `pathOfBytes`. */
  readonly path: string;
  readonly mode: FileMode;
  /** Content of a file, target of a link, id in ASCII of the commit that a submodule stands at. */
  readonly bytes: Buffer;
}

/** What a commit does to one directory of its first parent's tree. */
export interface DirectoryChange {
  /** Directory relative to the repository's root, without slashes at its ends; empty for the root itself. */
  readonly path: string;
  /** The new content: files, an existing tree, or null to remove the directory. */
  readonly content: { readonly files: readonly GitFile[] } | { readonly tree: ObjectId } | null;
}

/** Who did something, and when. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly time: Date;
}

/** A commit to write. Parents may name earlier commits of the same call by their index. */
export interface NewCommit {
  readonly parents: readonly (ObjectId | { readonly index: number })[];
  /** Applied to the tree of the first parent (the empty tree without parents). */
  readonly changes: readonly DirectoryChange[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

/** A reference to change on the remote. `old` and `new` null: must not exist, delete. */
export interface ReferenceUpdate {
  readonly ref: string;
  readonly old: ObjectId | null;
  readonly new: ObjectId | null;
}

/** What the remote answered for each reference. */
export type PushOutcome =
  | { readonly type: 'accepted' }
  /** The remote said no, or a lease did not hold; nothing was changed for these references (none at all when atomic, where the remote can do that). */
  | { readonly type: 'rejected'; readonly refs: ReadonlyMap<string, string> };

/** Who wrote what is in a commit, as far as it matters to anybody. */
export interface Author {
  readonly email: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Commit data that never changes. */
export interface CommitInfo {
  readonly id: ObjectId;
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Author;
  /** Milliseconds since the epoch. */
  readonly committed: number;
  readonly message: string;
}

/** What stands at a path of a tree. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly id: ObjectId;
}

/** A path in a commit (or tree). */
export interface ObjectPlace {
  /** A commit or tree. */
  readonly treeish: ObjectId;
  readonly path: string;
}

/** The tree that stands there. */
export interface PlacedTree {
  readonly id: ObjectId;
  /** Its entry of the name that was asked for. */
  readonly entry: TreeEntry | undefined;
}

/** What may end an operation on a remote early. */
export interface OperationOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** How a fetch is made. */
export interface FetchOptions extends OperationOptions {
  /** The remote's references, where the caller has just asked for them. The first fetch of a mirror is faster with them. */
  readonly listed?: RemoteReferences;
  /** Wants to hear of commits that a first fetch brings, some or all, while it still brings other things. */
  readonly arriving?: ArrivingCommits;
}

/** Takes a commit. Returns whether others are wanted. Must not throw. */
export type TakeArriving = (commit: CommitInfo) => boolean;

/** Whoever wants to hear of commits before all of a fetch has come. */
export interface ArrivingCommits {
  /**
   * A fetch begins, or begins again: the mirror may not have what has arrived before. `read` hands over what arrives; it may take longer than
   * the fetch.
   */
  begin(read: (take: TakeArriving) => Promise<void>): void;

  /** Whether a commit is known to have arrived. */
  has(id: ObjectId): boolean;
}

/**
 * A local bare mirror of one remote, shared by all Repositories with its URL. Objects are only ever added; what the remote's
 * references were at the last fetch stands below `refs/mirror/`. Safe for concurrent use: fetches of one mirror are serialised,
 * reads and commits are not held up by them.
 */
export interface Mirror {
  readonly directory: string;

  /** The remote's branches and tags, from the remote itself. What annotated tags are about is in `peeled`. */
  lsRemote(access: RemoteAccess, options?: OperationOptions): Promise<RemoteReferences>;

  /** The short name of the branch that the remote's `HEAD` names, or undefined when it names none. @throws GitError */
  defaultBranch(access: RemoteAccess, options?: OperationOptions): Promise<string | undefined>;

  /** Brings all branches and tags and their objects. @throws GitError */
  fetch(access: RemoteAccess, options?: FetchOptions): Promise<void>;

  /** Whether the object is here. */
  has(id: ObjectId): Promise<boolean>;

  /** @throws GitError NotFound */
  commit(id: ObjectId): Promise<CommitInfo>;

  /** The commit that a full or shortened id means, or undefined when there is none, or several. @throws GitError */
  commitNamed(text: string): Promise<ObjectId | undefined>;

  /** What stands at a path of a commit or tree, or undefined. */
  entryAt(treeish: ObjectId, path: string): Promise<TreeEntry | undefined>;

  /**
   * The tree that stands at each place, in order, with its entry of one name, which is in ASCII: for many at once, where reading all the
   * trees on the way would cost too much. Undefined where there is no tree, an error where it cannot be read.
   */
  treesAt(places: readonly ObjectPlace[], name: string): Promise<readonly (PlacedTree | GitError | undefined)[]>;

  /** Entries of a tree; `recursive` gives what is no tree, with paths. */
  listTree(treeish: ObjectId, options?: { readonly recursive?: boolean }): Promise<readonly TreeEntry[]>;

  /**
   * Contents of blobs, in order. `mostBytes`: of each; unless told, as much as a file of a package may have.
   * @throws GitError TooLarge for one that has more, which is not kept in memory, NotFound
   */
  blobs(ids: readonly ObjectId[], mostBytes?: number): Promise<readonly Buffer[]>;

  /**
   * All files, symbolic links and submodules below a tree. What Git itself would not check out is left out: names such as `..` and
   * `.git`, and all but the first of several entries of one name.
   */
  files(tree: ObjectId): Promise<readonly GitFile[]>;

  /**
   * Hands over the commits that are reachable from the given ones and not from those in `except`, newest first by committer time; blank
   * space at the ends of their messages' lines is left out, and what is beyond the first MiB of a commit. What is not in the mirror, or no
   * commit, has no history.
   */
  history(from: readonly ObjectId[], except: readonly ObjectId[], take: (commit: CommitInfo) => void): Promise<void>;

  /** Writes commits with one fast-import; nothing refers to them until they are pushed. Returns their ids in order. */
  writeCommits(commits: readonly NewCommit[]): Promise<readonly ObjectId[]>;

  /**
   * Pushes with a lease on every reference. `atomic`: all or none; a remote that takes no atomic pushes gets them one by one in the order
   * given, once all leases have been found to hold, up to the first that it refuses.
   * A push that was begun is never cut short by a signal, only by its own deadline.
   * @throws GitError when it is not known what the remote did (ask it with `lsRemote`), or when it could not be asked
   */
  push(
    access: RemoteAccess,
    updates: readonly ReferenceUpdate[],
    options: { readonly atomic: boolean; readonly timeoutMs?: number },
  ): Promise<PushOutcome>;
}

/** What `ls-remote` said. */
export interface RemoteReferences {
  /** Full reference name to object id (for annotated tags the tag object's). */
  readonly refs: ReadonlyMap<string, ObjectId>;
  /** Peeled commit of annotated tags. */
  readonly peeled: ReadonlyMap<string, ObjectId>;
  /** Digest of the answer: equal ones say the same. */
  readonly digest: string;
}

/** Opens mirrors; one per URL, kept below the data directory. */
export interface Mirrors {
  open(url: string): Promise<Mirror>;

  /**
   * Removes mirrors that are not needed and were not used for a while. One that cannot be removed keeps no other, and is tried again
   * the next time. @throws Error when the mirrors cannot be looked through
   */
  removeUnused(options: RemovalOfMirrors): Promise<RemovalReport>;

  close(): Promise<void>;
}

/** Which mirrors stay. */
export interface RemovalOfMirrors {
  /** URLs of remotes whose mirrors are needed. */
  readonly needed: readonly string[];
  /** How long others stay after they were needed or used last, in milliseconds: much longer than any operation takes. */
  readonly unusedMs: number;
  /** Most that are removed at once. */
  readonly most: number;
}

/** What came of a removal. */
export interface RemovalReport {
  readonly removed: readonly RemovedMirror[];
  /** Why others could not be removed: errors of the file system. */
  readonly failures: readonly unknown[];
}

/** A mirror that is no more. */
export interface RemovedMirror {
  readonly directory: string;
  /** What it was the mirror of. */
  readonly description: string;
}
