import { isDeepStrictEqual } from 'node:util';
import { PreconditionFailedError } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import { forgetDeleted } from '../cache/package-writes.ts';
import { type RevisionState, sameReferences } from '../cache/records.ts';
import { replaceState } from '../cache/replace-state.ts';
import type { Read } from '../cache/revision-cache.ts';
import { parseReference } from '../git/layout.ts';
import type { NewCommit, ObjectId, ReferenceUpdate, RemoteReferences } from '../git/types.ts';
import { draftCommits, withLastVersionOnly } from './draft-commits.ts';
import { ensureObjects } from './ensure-objects.ts';
import type { RepositoryQueueOptions } from './repository-queue.ts';
import { settlePush } from './settle-push.ts';
import { lifecycleReferences, lifecycleUpdates, wantedReferences } from './wanted-references.ts';

/** One revision on its way. */
interface Item {
  readonly name: string;
  readonly state: Read<RevisionState>;
  /** Its commits that the remote may not have, oldest first. */
  readonly commits: readonly ObjectId[];
  /** How many pending commits are done with when those are in Git. */
  readonly covered: number;
  readonly tip: ObjectId | null;
  readonly updates: readonly ReferenceUpdate[];
}

/** One push of several revisions' branches to one repository. */
export class MirrorBatch {
  readonly #git: GitRepository;
  readonly #options: RepositoryQueueOptions;

  constructor(git: GitRepository, options: RepositoryQueueOptions) {
    this.#git = git;
    this.#options = options;
  }

  /**
   * Pushes what the named revisions need and records the outcome. Returns the reason for each that was refused. `lastVersionOnly`: what
   * drafts were in between is left out.
   * @throws GitError when the remote could not be asked, or did not answer
   */
  async push(
    names: readonly string[],
    options: { readonly lastVersionOnly?: boolean } = {},
  ): Promise<ReadonlyMap<string, string>> {
    await this.#settle(names);
    const items = await this.#announce(await this.#prepare(names, options.lastVersionOnly === true));
    const updates = items.flatMap((item) => item.updates);
    const refused = new Map<string, string>();
    let actual: RemoteReferences | undefined;
    if (updates.length > 0) {
      const access = await this.#git.access();
      const outcome = await this.#git.mirror.push(access, updates, { atomic: false });
      if (outcome.type === 'rejected') {
        for (const [ref, reason] of outcome.refs) refused.set(ref, reason);
        actual = await this.#git.mirror.lsRemote(access);
      }
    }
    const failures = new Map<string, string>();
    for (const item of items) {
      const reason = await this.#record(item, refused, actual);
      if (reason !== undefined) failures.set(item.name, reason);
    }
    return failures;
  }

  /** Finds out what became of earlier pushes whose outcome was not recorded. */
  async #settle(names: readonly string[]): Promise<void> {
    const unsettled = names.filter((name) => this.#options.cache.state(this.#git.namespace, name)?.value.pushing);
    if (unsettled.length === 0) return;
    const references = await this.#git.mirror.lsRemote(await this.#git.access());
    for (const name of unsettled) await settlePush(this.#options, this.#git, name, references);
  }

  /** Records what the push is about to do, so that references which it has moved are known whatever happens. */
  async #announce(items: readonly Item[]): Promise<Item[]> {
    const announced = await Promise.all(
      items.map((item) => (item.updates.length === 0 ? item : this.#announced(item))),
    );
    return announced.filter((item) => item !== undefined);
  }

  async #announced(item: Item): Promise<Item | undefined> {
    const pushing = Object.fromEntries(item.updates.map((update) => [update.ref, update.new]));
    const { cache, locks, store } = this.#options;
    const { namespace, name } = item.state.key;
    for (let read = item.state; ; ) {
      if (locks.heldElsewhere(namespace, name)) return undefined;
      try {
        const value = { ...read.value, pushing };
        return { ...item, state: await replaceState(store, read, value, locks.notElsewhere(namespace, name)) };
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        const now = cache.state(namespace, name);
        // It may be in conflict by now; or another server has deleted it, or made it anew, and this would be a push of the former one.
        if (now === undefined || !this.#options.needed(name, now.value)) return undefined;
        if (!isContinued(item.state.value, now.value)) return undefined;
        read = now;
      }
    }
  }

  async #prepare(names: readonly string[], lastVersionOnly: boolean): Promise<Item[]> {
    const states: Read<RevisionState>[] = [];
    const commits: NewCommit[] = [];
    const lastCommit = new Map<string, number>();
    for (const name of names) {
      const state = this.#options.cache.state(this.#git.namespace, name);
      if (this.#options.locks.heldElsewhere(this.#git.namespace, name)) continue;
      if (state === undefined || !this.#options.needed(name, state.value)) continue;
      states.push(state);
    }
    const parents = states.map(({ value }) => (value.deleted === true ? null : (value.tip ?? value.base)));
    await ensureObjects(this.#git, parents);
    for (const state of states) {
      const { name } = state.key;
      if (state.value.deleted === true || state.value.pending.length === 0) continue;
      const workspace = this.#options.revision(name)?.workspaceName ?? '';
      const draft = lastVersionOnly ? withLastVersionOnly(state.value) : state.value;
      commits.push(...(await draftCommits(this.#options.contents, this.#git, draft, workspace, commits.length)));
      lastCommit.set(name, commits.length - 1);
    }
    const ids = commits.length === 0 ? [] : await this.#git.mirror.writeCommits(commits);
    return states.map((state) => {
      const index = lastCommit.get(state.key.name);
      const tip = index === undefined ? state.value.tip : (ids[index] ?? state.value.tip);
      const wanted = wantedReferences(state.value, this.#options.revision(state.key.name), tip);
      const covered = index === undefined ? 0 : state.value.pending.length;
      const own = index === undefined ? [] : ids.slice(index + 1 - (lastVersionOnly ? 1 : covered), index + 1);
      const updates = lifecycleUpdates(state.value, wanted);
      return { name: state.key.name, state, commits: own, covered, tip, updates };
    });
  }

  /** Writes down what became of one revision. */
  async #record(
    item: Item,
    refused: ReadonlyMap<string, string>,
    actual: RemoteReferences | undefined,
  ): Promise<string | undefined> {
    let failure: string | undefined;
    let conflict: ObjectId | undefined;
    let behind = false;
    const known = { ...item.state.value.refs };
    for (const update of item.updates) {
      const reason = refused.get(update.ref);
      const there = reason === undefined ? update.new : (actual?.refs.get(update.ref) ?? null);
      const isGone = reason !== undefined && there === null && update.old !== null;
      const published = isGone ? this.#unknownTag(item, actual) : undefined;
      if (published !== undefined) conflict = published;
      else if (there === null) delete known[update.ref];
      else if (there === update.new || there === update.old) known[update.ref] = there;
      else if (item.commits.includes(there) || item.state.value.unanswered?.includes(there) === true) {
        // An earlier push of ours, whose outcome could not be recorded.
        known[update.ref] = there;
        behind = true;
        continue;
      } else conflict = there;
      if (there !== update.new) failure = `${update.ref}: ${reason ?? 'refused'}`;
    }
    if (conflict !== undefined) await this.#takeBack(known, refused);
    await this.#update(item, known, failure === undefined && !behind, conflict);
    return failure;
  }

  /**
   * A tag of a draft's package that no package revision here is known by: when the draft's branch is gone, it may be the draft, published
   * by others. That is for the next synchronisation to find out, which makes the branch again if it is not.
   */
  #unknownTag({ name, state }: Item, actual: RemoteReferences | undefined): ObjectId | undefined {
    const { cache, revision } = this.#options;
    if (actual === undefined || state.value.deleted === true || revision(name)?.revision !== 0) return undefined;
    const isOfPackage = (ref: string) => {
      const { type, path } = parseReference(ref) ?? {};
      return type === 'tag' && path === state.value.path;
    };
    const tags = new Set([...actual.refs.keys()].filter(isOfPackage));
    for (const { value } of cache.eachStateOfRepository(this.#git.namespace, this.#git.name)) {
      for (const ref of Object.keys(value.refs)) tags.delete(ref);
    }
    const [tag] = tags;
    return tag === undefined ? undefined : (actual.peeled.get(tag) ?? actual.refs.get(tag));
  }

  /**
   * Removes the branch that a move has made, now or in an earlier push whose answer was lost, where somebody else has changed the one that
   * it was to leave: with both in Git only one would be found, and nobody could decide for the other.
   * @throws GitError when it is not known to be gone: nothing is recorded then, and the next attempt comes here again
   */
  async #takeBack(known: Record<string, ObjectId>, refused: ReadonlyMap<string, string>): Promise<void> {
    for (const [ref, old] of lifecycleReferences(known)) {
      if (refused.has(ref)) continue;
      const access = await this.#git.access();
      const outcome = await this.#git.mirror.push(access, [{ ref, old, new: null }], { atomic: false });
      if (outcome.type === 'accepted') delete known[ref];
    }
  }

  async #update(
    item: Item,
    refs: Record<string, ObjectId>,
    complete: boolean,
    conflict: ObjectId | undefined,
  ): Promise<void> {
    let read: Read<RevisionState> | undefined = item.state;
    while (read !== undefined) {
      const { pushing: _, ...state }: RevisionState = read.value;
      const next: RevisionState = {
        ...state,
        refs,
        ...(complete ? { tip: item.tip, pending: state.pending.slice(item.covered) } : {}),
        ...(conflict === undefined ? {} : { conflict }),
      };
      // A push that was begun before the deletion has left branches, not removed them.
      const removes = item.state.value.deleted === true;
      const gone = removes && next.deleted === true && (complete || conflict !== undefined);
      const { cache, store } = this.#options;
      try {
        if (gone) await store.commit({ operations: forgetDeleted(cache, { ...read, value: next }) });
        else await replaceState(store, read, next);
        return;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        read = this.#options.cache.state(this.#git.namespace, item.name);
      }
    }
  }
}

/** Whether all that has happened to a revision since its state was read is that it has got further commits. */
function isContinued(before: RevisionState, now: RevisionState): boolean {
  return (
    now.deleted === before.deleted &&
    now.tip === before.tip &&
    sameReferences(now.refs, before.refs) &&
    isDeepStrictEqual(now.pending.slice(0, before.pending.length), before.pending)
  );
}
