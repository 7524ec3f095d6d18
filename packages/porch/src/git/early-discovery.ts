import { readAnnotations } from './annotation.ts';
import { type CommitFacts, factsOf, sizeOf } from './commit-facts.ts';
import type { DiscoveryOptions, SkippedReference } from './discovery-types.ts';
import { annotationsOf, type Candidate, candidatesOf, type NamedCommit } from './found-reference.ts';
import type { ArrivingCommits, CommitInfo, ObjectId, TakeArriving } from './types.ts';

/** More are read when all have come. */
const MOST_COMMITS = 200_000;
/** What is kept of annotations, in characters. */
const MOST_KEPT = 32 << 20;

/** What can be known of the revisions of a remote while its mirror is still fetched for the first time. */
export class EarlyDiscovery implements ArrivingCommits {
  /** See `candidatesOf`. */
  readonly candidates: Promise<readonly (Candidate | SkippedReference)[]>;
  #learned: Learned | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: Pick<DiscoveryOptions, 'references' | 'branch' | 'directory'>) {
    this.candidates = candidatesOf(options);
  }

  begin(read: (take: TakeArriving) => Promise<void>): void {
    this.#learned = undefined;
    this.#reading = this.#begin(read);
    this.#reading.catch(() => undefined); // whoever asks for all facts is told
  }

  has(id: ObjectId): boolean {
    return this.named(id) !== undefined;
  }

  /** What matters of the commits that arrive, in no order, when they are read. @throws Error when that fails */
  async facts(): Promise<readonly CommitFacts[]> {
    await this.#reading;
    return this.#learned?.facts ?? [];
  }

  /** A commit that is read and that candidates name. */
  named(id: ObjectId): EarlyCommit | undefined {
    return this.#learned?.named.get(id);
  }

  async #begin(read: (take: TakeArriving) => Promise<void>): Promise<void> {
    const learned = new Learned(await this.candidates);
    this.#learned = learned;
    await read((commit) => this.#learned === learned && learned.take(commit));
  }
}

/** A commit that candidates name. */
type EarlyCommit = NamedCommit & Pick<CommitInfo, 'tree'>;

/** What is learned of the commits of one fetch. */
class Learned {
  readonly named = new Map<ObjectId, EarlyCommit>();
  readonly facts: CommitFacts[] = [];
  readonly #wanted: ReadonlyMap<ObjectId, readonly Candidate[]>;
  #kept = 0;

  constructor(candidates: readonly (Candidate | SkippedReference)[]) {
    const possible = candidates.flatMap((candidate) => ('kind' in candidate ? [] : [candidate]));
    this.#wanted = Map.groupBy(possible, ({ commit }) => commit);
  }

  take(commit: CommitInfo): boolean {
    const annotations = readAnnotations(commit.message);
    const facts = factsOf(commit, annotations);
    this.#kept += sizeOf(facts);
    if (this.facts.length >= MOST_COMMITS || this.#kept > MOST_KEPT) return false;
    this.facts.push(facts);
    const { id, tree, author } = commit;
    const candidates = this.#wanted.get(id);
    if (candidates !== undefined) {
      this.named.set(id, { id, tree, author, annotations: annotationsOf(candidates, annotations) });
    }
    return true;
  }
}
