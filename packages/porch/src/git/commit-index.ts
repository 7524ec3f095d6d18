import { turns } from '@porch/apiserver';
import type { Task } from '../resources/package-revision.ts';
import { type CommitAnnotation, readAnnotations } from './annotation.ts';
import { type CommitFacts, factsOf, sizeOf, withoutExtras } from './commit-facts.ts';
import { forEachOf } from './for-each-of.ts';
import { type CommitInfo, GitError, type Mirror, type ObjectId } from './types.ts';

/** An annotated commit, seen from one package. */
export interface PackageMark {
  readonly commit: ObjectId;
  readonly workspaceName: string | undefined;
  /** How the revision came to be, when this commit says so. */
  readonly task: Task | undefined;
  /** Whether it published a revision, and thereby ended the work in its workspace. */
  readonly approval: boolean;
  readonly authorEmail: string;
  /** Milliseconds since the epoch, as is the next. */
  readonly authorTime: number;
  readonly committerTime: number;
  /** Position in the index. */
  readonly position: number;
}

/**
 * What is kept of annotations, and of parents beyond the second, in characters: those of half a million commits as they are written. A
 * pack of some megabytes can have gigabytes of them.
 */
const MOST_KEPT = 128 << 20;

/** One ancestor of so many commits may be missing when they are taken over, and so many behind one another. */
const COMMITS_PER_MISSING = 10;
const MOST_MISSING_DEPTH = 20;

const noop = (): void => undefined;
const noParents: readonly number[] = [];

/** Is handed a commit that was read, and the annotations of its message. */
export type TakeCommit = (commit: CommitInfo, annotations: readonly CommitAnnotation[]) => void;

/**
 * The commits of a mirror, as far as they have been asked for: who descends from whom, and what annotations say of each package.
 * Commits never change, so it only grows, and each commit is read once. What it knows can be kept, and given to another one.
 */
export class CommitIndex {
  readonly #positions = new Map<ObjectId, number>();
  readonly #parents: (readonly number[])[] = [];
  /** One more than the largest of the parents': an ancestor's is always smaller. */
  readonly #generations: number[] = [];
  readonly #marks = new Map<string, PackageMark[]>();
  readonly #heads = new Set<ObjectId>();
  #learned: CommitFacts[] = [];
  readonly #mostKept: number;
  #kept = 0;
  #work: Promise<void> = Promise.resolve();

  /** `mostKept`: characters of annotations and parents that are kept; those of further commits, which are older, count as not there. */
  constructor(mostKept = MOST_KEPT) {
    this.#mostKept = mostKept;
  }

  /**
   * Reads the history of these commits, but for what is already here, and hands over what it reads. Those that are not in the mirror are
   * left out.
   * @throws GitError
   */
  extend(mirror: Mirror, commits: Iterable<ObjectId>, take?: TakeCommit): Promise<void> {
    return this.#inTurn(() => this.#extend(mirror, commits, take));
  }

  /**
   * Takes over commits of the mirror that were read in another way, in any order, each once. Their ancestors that are missing are read, if
   * they are few. Where they are many, or one of them cannot be read, nothing is taken over: `extend` reads all.
   */
  adopt(mirror: Mirror, facts: readonly CommitFacts[]): Promise<void> {
    return this.#inTurn(() => this.#adopt(mirror, facts));
  }

  /** Annotated commits of a package, newest first. */
  marks(path: string): readonly PackageMark[] {
    return this.#marks.get(path) ?? [];
  }

  /** Whether one indexed commit is another one's ancestor, or the same. */
  isAncestor(ancestor: ObjectId, descendant: ObjectId): boolean {
    const target = this.#positions.get(ancestor);
    const start = this.#positions.get(descendant);
    if (target === undefined || start === undefined) return false;
    if (target === start || this.#parents[start]?.includes(target) === true) return true;
    const [least, own] = [this.#generations[target] ?? 0, this.#generations[start]];
    if (own !== undefined && own <= least) return false;
    const seen = new Set<number>([start]);
    const stack = [start];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next === target) return true;
      // The last parent is looked at first: in merges that publish, it is the draft.
      for (const parent of this.#parents[next] ?? []) {
        if ((this.#generations[parent] ?? 0) < least || seen.has(parent)) continue;
        seen.add(parent);
        stack.push(parent);
      }
    }
    return false;
  }

  /** Tells of any mark whether its commit is the given one or one of its ancestors. */
  reachableFrom(commit: ObjectId): (mark: PackageMark) => boolean {
    const reached = this.#reached(commit);
    return (mark) => reached[mark.position] === 1;
  }

  /** Tells of any commit whether it is the given one or one of its ancestors: for many, where `isAncestor` is for few. */
  ancestorsOf(commit: ObjectId): (ancestor: ObjectId) => boolean {
    const reached = this.#reached(commit);
    return (ancestor) => reached[this.#positions.get(ancestor) ?? -1] === 1;
  }

  #reached(commit: ObjectId): Uint8Array {
    const reached = new Uint8Array(this.#parents.length);
    const start = this.#positions.get(commit);
    const stack = start === undefined ? [] : [start];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (reached[next] === 1) continue;
      reached[next] = 1;
      for (const parent of this.#parents[next] ?? []) if (reached[parent] === 0) stack.push(parent);
    }
    return reached;
  }

  /** Takes over what another index knew. Commits must come after their parents, as `learned` gives them. */
  async restore(facts: readonly CommitFacts[]): Promise<void> {
    await this.#addAll(facts.map((commit) => this.#bounded(commit)));
  }

  /** What was read since the last call, parents first. */
  learned(): readonly CommitFacts[] {
    const facts = this.#learned;
    this.#learned = [];
    const generation = ({ id }: CommitFacts) => this.#generations[this.#positions.get(id) ?? 0] ?? 0;
    return facts.sort((a, b) => generation(a) - generation(b));
  }

  /** Commits that are known. */
  get size(): number {
    return this.#parents.length;
  }

  async #extend(mirror: Mirror, commits: Iterable<ObjectId>, take?: TakeCommit): Promise<void> {
    const fresh = [...new Set(commits)].filter((id) => !this.#positions.has(id));
    if (fresh.length === 0) return;
    const facts: CommitFacts[] = [];
    const keptBefore = this.#kept;
    try {
      await mirror.history(fresh, [...this.#heads], (commit) => {
        const annotations = readAnnotations(commit.message);
        take?.(commit, annotations);
        if (!this.#positions.has(commit.id)) facts.push(this.#bounded(factsOf(commit, annotations)));
      });
    } catch (error) {
      this.#kept = keptBefore;
      throw error;
    }
    await this.#learn(facts);
  }

  async #learn(facts: readonly CommitFacts[]): Promise<void> {
    await this.#addAll(facts);
    // Too many to be the arguments of a call.
    this.#learned = this.#learned.concat(facts);
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const work = this.#work.then(read);
    this.#work = work.then(noop, noop); // the caller is told; those who wait behind it begin anew
    return work;
  }

  async #adopt(mirror: Mirror, facts: readonly CommitFacts[]): Promise<void> {
    const missing = await this.#missing(mirror, facts);
    if (missing === undefined) return;
    const fresh = this.size === 0 ? facts : facts.filter(({ id }) => !this.#positions.has(id));
    await this.#learn(fresh.concat(missing).map((commit) => this.#bounded(commit)));
  }

  /** The ancestors of commits that are neither among them nor here; undefined where they are many, or cannot be read. */
  async #missing(mirror: Mirror, facts: readonly CommitFacts[]): Promise<readonly CommitFacts[] | undefined> {
    const present = new Set(facts.map(({ id }) => id));
    const missing: CommitFacts[] = [];
    for (let level = facts, depth = 0; level.length > 0; depth++) {
      const wanted = new Set<ObjectId>();
      for (const { parents } of level) {
        if (turns.over) await turns.next();
        for (const id of parents) if (!present.has(id) && !this.#positions.has(id)) wanted.add(id);
      }
      if (wanted.size > 0 && depth === MOST_MISSING_DEPTH) return undefined;
      if ((missing.length + wanted.size) * COMMITS_PER_MISSING > facts.length) return undefined;
      const read = await factsOfEach(mirror, [...wanted]);
      if (read === undefined) return undefined;
      for (const commit of read) present.add(commit.id);
      missing.push(...read);
      level = read;
    }
    return missing;
  }

  /** The facts as they are kept. */
  #bounded(commit: CommitFacts): CommitFacts {
    this.#kept += sizeOf(commit);
    return this.#kept <= this.#mostKept ? commit : withoutExtras(commit);
  }

  async #addAll(facts: readonly CommitFacts[]): Promise<void> {
    const first = this.#parents.length;
    for (const { id } of facts) {
      this.#positions.set(id, this.#parents.length);
      this.#parents.push(noParents);
    }
    const touched = new Set<string>();
    let position = first;
    for (const commit of facts) {
      if (turns.over) await turns.next();
      this.#add(commit, position++, touched);
    }
    // Parents before children, as far as that is known: whoever is numbered first numbers all before it.
    const isNewestFirst = (this.#parents[first] ?? noParents).some((parent) => parent > first);
    for (let done = 0; done < facts.length; done++) {
      if (turns.over) await turns.next();
      this.#number(isNewestFirst ? position - 1 - done : first + done);
    }
    for (const path of touched) {
      if (turns.over) await turns.next();
      this.#marks.get(path)?.sort((a, b) => this.#newestFirst(a, b));
    }
    this.#noteHeads(facts, first);
  }

  /** Keeps those commits that are nobody's parent; `first`: position of the first that was added. */
  #noteHeads(facts: readonly CommitFacts[], first: number): void {
    const isParent = new Uint8Array(this.#parents.length);
    for (let child = first; child < first + facts.length; child++) {
      for (const parent of this.#parents[child] ?? []) isParent[parent] = 1;
    }
    for (const head of this.#heads) if (isParent[this.#positions.get(head) ?? 0] === 1) this.#heads.delete(head);
    let position = first;
    for (const { id } of facts) if (isParent[position++] === 0) this.#heads.add(id);
  }

  #add(commit: CommitFacts, position: number, touched: Set<string>): void {
    this.#parents[position] = this.#positionsOf(commit.parents);
    const [authorEmail = '', authorTime = 0] = commit.author ?? [];
    for (const { path, workspaceName, task, approval = false } of commit.marks) {
      const mark: PackageMark = {
        commit: commit.id,
        workspaceName,
        task,
        approval,
        authorEmail,
        authorTime,
        committerTime: commit.committed,
        position,
      };
      const marks = this.#marks.get(path);
      if (marks === undefined) this.#marks.set(path, [mark]);
      else marks.push(mark);
      touched.add(path);
    }
  }

  /** Where those of these commits stand that are here. */
  #positionsOf(ids: readonly ObjectId[]): readonly number[] {
    if (ids.length !== 1) return ids.flatMap((id) => this.#positions.get(id) ?? []);
    // Nearly all have one parent: a list that has grown by one would have room for seventeen.
    const position = this.#positions.get(ids[0] ?? '');
    return position === undefined ? noParents : [position];
  }

  /** Gives a commit and, before it, its ancestors their generation. Clocks may be wrong, so their order cannot be relied on. */
  #number(start: number): void {
    const stack = [start];
    for (let next = stack.at(-1); next !== undefined; next = stack.at(-1)) {
      let most = 0;
      let open = false;
      if (this.#generations[next] === undefined) {
        for (const parent of this.#parents[next] ?? []) {
          const generation = this.#generations[parent];
          if (generation !== undefined) most = Math.max(most, generation);
          else {
            stack.push(parent);
            open = true;
          }
        }
      }
      if (open) continue;
      this.#generations[next] ??= 1 + most;
      stack.pop();
    }
  }

  #newestFirst(a: PackageMark, b: PackageMark): number {
    return (
      b.committerTime - a.committerTime || (this.#generations[b.position] ?? 0) - (this.#generations[a.position] ?? 0)
    );
  }
}

/** Undefined where one of them cannot be read. */
async function factsOfEach(mirror: Mirror, ids: readonly ObjectId[]): Promise<readonly CommitFacts[] | undefined> {
  const facts: CommitFacts[] = [];
  try {
    await forEachOf(ids, async (id, index) => {
      const commit = await mirror.commit(id);
      facts[index] = factsOf(commit, readAnnotations(commit.message));
    });
    return facts;
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
