/**
 * What discovery has learned of a remote's objects. None of it can change: a commit, a tree, and what a reference that names a certain
 * commit means. It is kept in a file of the mirror, so that nothing is read twice, also by later servers.
 */

import type { Task } from '../resources/package-revision.ts';
import { BoundedFacts } from './bounded-facts.ts';
import type { CommitFacts } from './commit-facts.ts';
import { CommitIndex } from './commit-index.ts';
import { LearnedFile } from './learned-file.ts';
import type { ObjectId } from './types.ts';

const FORMAT = 'porch discovery 2';
const MOST_BARREN = 100_000;
/** Characters of facts about references, and of those about places: of some hundred thousand as they are usually. Others are read again. */
const MOST_KEPT = 128 << 20;
const MOST_OUT_OF_DATE = 10_000;

/** The package that a tag or branch named when it named `id`. */
export interface PackageFacts {
  readonly id: ObjectId;
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  /** The blob of the Kptfile. */
  readonly kptfile: ObjectId;
  readonly workspaceName: string;
  readonly tasks: readonly Task[];
  readonly publishedBy?: string;
  readonly publishTimestamp?: string;
}

/** What a tag or branch turned out to be when it named `id`. */
export type ReferenceFacts =
  | PackageFacts
  | {
      readonly id: ObjectId;
      /** Why there is no package in it. */
      readonly reason: string;
    };

/** A package on a branch. */
export interface PlaceFacts {
  /** The head of the branch when this content was first seen there. */
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  /** The blob of the Kptfile. */
  readonly kptfile: ObjectId;
}

type Fact =
  | readonly ['commit', CommitFacts]
  | readonly ['reference', string, ReferenceFacts]
  | readonly ['barren', tree: ObjectId]
  | readonly ['place', ref: string, path: string, PlaceFacts];

/** What is remembered of one mirror. Shared by all Repositories of the mirror, which may use it at the same time. */
export class DiscoveryMemory {
  /** The commits of the mirror that references and branches lead to. */
  readonly commits = new CommitIndex();
  readonly #references = new BoundedFacts<ReferenceFacts>(MOST_KEPT);
  readonly #barren = new Set<ObjectId>();
  readonly #places = new BoundedFacts<PlaceFacts>(MOST_KEPT);
  #unsaved: Fact[] = [];
  #inFile = 0;
  readonly #file: LearnedFile<Fact> | undefined;
  #saving: Promise<void> = Promise.resolve();

  /** `file`: where it is kept between two servers; without one it is not. */
  private constructor(file: LearnedFile<Fact> | undefined) {
    this.#file = file;
  }

  /** A memory that begins with nothing and is not kept. */
  static empty(): DiscoveryMemory {
    return new DiscoveryMemory(undefined);
  }

  /** A memory that is kept in a file. @throws Error when the file is there and cannot be read */
  static async open(path: string): Promise<DiscoveryMemory> {
    const file = new LearnedFile<Fact>(path, FORMAT);
    const memory = new DiscoveryMemory(file);
    await file.read((facts) => memory.#restore(facts));
    return memory;
  }

  /** What is known of a reference, also when it named something else. */
  reference(ref: string): ReferenceFacts | undefined {
    return this.#references.get(ref);
  }

  learnReference(ref: string, facts: ReferenceFacts): void {
    if (this.#references.set(ref, facts)) this.#unsaved.push(['reference', ref, facts]);
  }

  /** Forgets references that the remote does not have any more. */
  forgetReferencesBut(present: { has(ref: string): boolean }): void {
    for (const ref of this.#references.names()) if (!present.has(ref)) this.#references.delete(ref);
  }

  /** Whether a tree is known to hold no package, at any depth. */
  isBarren(tree: ObjectId): boolean {
    return this.#barren.has(tree);
  }

  learnBarren(tree: ObjectId): void {
    if (this.#barren.has(tree) || this.#barren.size >= MOST_BARREN) return;
    this.#barren.add(tree);
    this.#unsaved.push(['barren', tree]);
  }

  /** What is known of a package on a branch, also when it had other content. */
  place(ref: string, path: string): PlaceFacts | undefined {
    return this.#places.get(`${ref} ${path}`);
  }

  learnPlace(ref: string, path: string, facts: PlaceFacts): void {
    if (this.#places.set(`${ref} ${path}`, facts)) this.#unsaved.push(['place', ref, path, facts]);
  }

  /** Writes what is new to the file; a file that is mostly out of date is written anew. @throws Error when that fails */
  save(): Promise<void> {
    const saving = this.#saving.then(() => this.#save());
    this.#saving = saving.catch(() => undefined); // the caller is told; the next one tries again
    return saving;
  }

  async #save(): Promise<void> {
    const facts = this.#unsaved.concat(this.commits.learned().map((commit): Fact => ['commit', commit]));
    if (this.#file === undefined || facts.length === 0) return;
    this.#unsaved = [];
    try {
      await this.#file.add(facts);
      this.#inFile += facts.length;
    } catch (error) {
      this.#unsaved = [...facts, ...this.#unsaved];
      throw error;
    }
    const current = this.commits.size + this.#references.size + this.#places.size + this.#barren.size;
    if (this.#inFile > 2 * current + MOST_OUT_OF_DATE) await this.#compact(this.#file);
  }

  async #compact(file: LearnedFile<Fact>): Promise<void> {
    const kept = new Map<string, Fact>();
    await file.read(async (facts) => {
      for (const fact of facts) kept.set(keyOf(fact), fact);
    });
    const facts = [...kept.values()].filter(([kind, name]) => kind !== 'reference' || this.#references.has(name));
    await file.replace(facts);
    this.#inFile = facts.length;
  }

  async #restore(facts: readonly Fact[]): Promise<void> {
    const commits: CommitFacts[] = [];
    for (const fact of facts) {
      if (fact[0] === 'commit') commits.push(fact[1]);
      else if (fact[0] === 'reference') this.#references.set(fact[1], fact[2]);
      else if (fact[0] === 'barren') this.#barren.add(fact[1]);
      else this.#places.set(`${fact[1]} ${fact[2]}`, fact[3]);
    }
    await this.commits.restore(commits);
    this.#inFile += facts.length;
  }
}

/** Facts with one key replace one another. */
function keyOf(fact: Fact): string {
  if (fact[0] === 'commit') return `commit ${fact[1].id}`;
  return fact[0] === 'place' ? `place ${fact[1]} ${fact[2]}` : `${fact[0]} ${fact[1]}`;
}
