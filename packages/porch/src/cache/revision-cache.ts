import type {
  ExtractionRules,
  KubernetesObject,
  ObjectKey,
  Precondition,
  ServedObject,
  WatchCache,
} from '@porch/apiserver';
import { latestRevisionLabel, packageRevisions, packages } from '../resources/group.ts';
import { packageObjectName } from '../resources/names.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import type { PorchPackage } from '../resources/porch-package.ts';
import {
  type EarlierRevisionState,
  packageFamilies,
  type RepositoryState,
  type ResourcesState,
  type RevisionState,
  repositoryStates,
  resourcesStates,
  revisionStates,
  type Tombstone,
  tombstones,
} from './records.ts';
import { stateAtRest } from './state-at-rest.ts';

/** An object together with what identifies the version that was read. */
export interface Read<T> {
  readonly key: ObjectKey;
  readonly revision: number;
  readonly value: T;
  /** What must hold, beside the revision, when what is based on this is written alone. */
  readonly preconditions?: readonly Precondition[];
}

/** A package revision as read: the object, and its content's place and revision. */
export interface ReadRevision extends Read<PackageRevision> {
  readonly content: string | null;
  readonly contentRevision: number;
}

/** A served package revision, read. */
export function readRevision(served: ServedObject): ReadRevision {
  return {
    key: served.key,
    revision: served.revision,
    value: served.decode<PackageRevision & KubernetesObject>(),
    content: served.content,
    contentRevision: served.contentRevision,
  };
}

/** What selectors and labels say of a package revision. */
export interface RevisionSummary {
  readonly name: string;
  readonly workspaceName: string;
  readonly revision: number;
  readonly lifecycle: string;
  /** Whether it carries the label of the latest revision. */
  readonly latest: boolean;
}

/** The same of a served package revision, which is not decoded for it. */
export function summaryOf(served: ServedObject): RevisionSummary {
  return {
    name: served.key.name,
    workspaceName: served.fields['spec.workspaceName'] ?? '',
    revision: Number(served.fields['spec.revision'] ?? '0'),
    lifecycle: served.fields['spec.lifecycle'] ?? '',
    latest: served.labels[latestRevisionLabel] === 'true',
  };
}

/** Typed reads of what is known of packages and of the state of repositories. Synchronous; each answer is of the cache's current revision. */
export class RevisionCache {
  readonly objects: WatchCache;
  /** What is taken out of the objects of each resource, for objects that are served without being in the cache. */
  readonly rules: ReadonlyMap<string, ExtractionRules>;

  constructor(objects: WatchCache, rules: ReadonlyMap<string, ExtractionRules>) {
    this.objects = objects;
    this.rules = rules;
  }

  /** Revision of the store that reads see. */
  get revision(): number {
    return this.objects.revision;
  }

  packageRevision(namespace: string, name: string): ReadRevision | undefined {
    const served = this.objects.get(revisionKey(namespace, name));
    return served === undefined ? undefined : readRevision(served);
  }

  /** What selectors and labels say of a package revision; it is not decoded for it. */
  summary(namespace: string, name: string): RevisionSummary | undefined {
    const served = this.objects.get(revisionKey(namespace, name));
    return served === undefined ? undefined : summaryOf(served);
  }

  /** All revisions of one package, placeholder included, in order of name; nothing is parsed. */
  revisionsOfPackage(namespace: string, repository: string, packageName: string): RevisionSummary[] {
    const found: RevisionSummary[] = [];
    const prefix = `${packageObjectName(repository, packageName)}.`;
    for (const served of this.objects.prefix(packageRevisions, namespace, prefix)) {
      if (served.fields['spec.packageName'] !== packageName || served.fields['spec.repository'] !== repository)
        continue;
      found.push(summaryOf(served));
    }
    return found;
  }

  /** All revisions of one repository, as they are now, undecoded. */
  *eachRevisionOfRepository(namespace: string, repository: string): Generator<ServedObject> {
    for (const served of this.objects.prefix(packageRevisions, namespace, `${repository}.`)) {
      if (served.fields['spec.repository'] === repository) yield served;
    }
  }

  /** The same at once. */
  revisionsOfRepository(namespace: string, repository: string): ServedObject[] {
    return [...this.eachRevisionOfRepository(namespace, repository)];
  }

  packageObject(namespace: string, repository: string, packageName: string): Read<PorchPackage> | undefined {
    return this.#read<PorchPackage>({
      resource: packages,
      namespace,
      name: packageObjectName(repository, packageName),
    });
  }

  /** Packages of a repository whose path lies below the given one. */
  packagesBelow(namespace: string, repository: string, packageName: string): string[] {
    return this.objects
      .prefix(packages, namespace, `${packageObjectName(repository, packageName)}.`)
      .map((served) => served.fields['spec.packageName'] ?? '')
      .filter((name) => name.startsWith(`${packageName}/`));
  }

  /** Of revision 0 where nothing is stored, because the revision itself says it all. */
  state(namespace: string, name: string): Read<RevisionState> | undefined {
    const key = stateKey(namespace, name);
    const stored = this.#record<RevisionState>(key);
    if (stored !== undefined) return stored;
    const value = this.packageRevision(namespace, name)?.value;
    const said = value === undefined ? undefined : stateAtRest(value);
    if (said === undefined) return undefined;
    // The revision may go, and come back as another one, without a trace in a record that is not there.
    const tombstone = tombstoneKey(packageRevisions, namespace, name);
    const preconditions = [{ key: tombstone, revision: this.buriedAt(packageRevisions, namespace, name) }];
    return { key, revision: 0, value: said, preconditions };
  }

  /** Whether the state of a revision is stored. */
  isStateStored(namespace: string, name: string): boolean {
    return this.objects.get(stateKey(namespace, name)) !== undefined;
  }

  /** What is known of a revision's files beside them; with nothing in it where nothing is. */
  resourcesState(namespace: string, name: string): ResourcesState {
    const earlier = this.earlierResourcesState(namespace, name);
    return earlier ?? this.#record<ResourcesState>(resourcesKey(namespace, name))?.value ?? {};
  }

  /**
   * The same as an earlier version of the server has left it in the revision's state; undefined when that has nothing of the kind. It is
   * newer than the record of its own: who writes that takes it out of the state.
   */
  earlierResourcesState(namespace: string, name: string): ResourcesState | undefined {
    const { renderStatus, resourcesManagedFields } =
      this.#record<EarlierRevisionState>(stateKey(namespace, name))?.value ?? {};
    if (renderStatus === undefined && resourcesManagedFields === undefined) return undefined;
    return {
      ...(renderStatus === undefined ? {} : { renderStatus }),
      ...(resourcesManagedFields === undefined ? {} : { resourcesManagedFields }),
    };
  }

  /** States of all revisions of a repository as they are now, those of deleted ones included. Each is decoded when it is asked for. */
  *eachStateOfRepository(namespace: string, repository: string): Generator<Read<RevisionState>> {
    const stored = new Set<string>();
    for (const served of this.objects.prefix(revisionStates, namespace, `${repository}.`)) {
      const read = { key: served.key, revision: served.revision, value: decodeRecord<RevisionState>(served) };
      stored.add(served.key.name);
      if (read.value.repository === repository) yield read;
    }
    for (const { key } of this.eachRevisionOfRepository(namespace, repository)) {
      const state = stored.has(key.name) ? undefined : this.state(namespace, key.name);
      if (state !== undefined) yield state;
    }
  }

  /** The same at once. */
  statesOfRepository(namespace: string, repository: string): Read<RevisionState>[] {
    return [...this.eachStateOfRepository(namespace, repository)];
  }

  /**
   * Whether the state of any revision of a repository has changed, or any has been deleted, after a revision of the store. Those of the
   * names in `but` are not looked at.
   */
  statesChangedSince(
    namespace: string,
    repository: string,
    revision: number,
    but: { has(name: string): boolean } = new Set(),
  ): boolean {
    const buried = tombstoneKey(packageRevisions, namespace, `${repository}.`).name;
    const isLater = (served: ServedObject) => served.revision > revision;
    const tombs = this.objects.prefix(tombstones, namespace, buried);
    if (tombs.some((served) => isLater(served) && !but.has(buriedKey(served.key).name))) return true;
    return this.objects
      .prefix(revisionStates, namespace, `${repository}.`)
      .some(
        (served) =>
          isLater(served) && !but.has(served.key.name) && decodeRecord<RevisionState>(served).repository === repository,
      );
  }

  /** States of all revisions, without those that nothing is to be done for because the revision is published and is all there is. */
  *statesToLookAt(): Generator<Read<RevisionState>> {
    for (const served of this.objects.list(revisionStates).items) {
      yield { key: served.key, revision: served.revision, value: decodeRecord<RevisionState>(served) };
    }
    for (const served of this.objects.list(packageRevisions).items) {
      const { namespace, name } = served.key;
      if (summaryOf(served).lifecycle === 'Published' || this.isStateStored(namespace, name)) continue;
      const state = this.state(namespace, name);
      if (state !== undefined) yield state;
    }
  }

  /** Key and revision of the record that changes with every new package below a top-level directory. Revision 0: there is none. */
  family(namespace: string, repository: string, packageName: string): Pick<Read<unknown>, 'key' | 'revision'> {
    const key = { resource: packageFamilies, namespace, name: `${repository}/${packageName.split('/', 1)[0]}` };
    return { key, revision: this.objects.get(key)?.revision ?? 0 };
  }

  /** Keys of all such records of a repository. */
  familiesOfRepository(namespace: string, repository: string): ObjectKey[] {
    return this.objects.prefix(packageFamilies, namespace, `${repository}/`).map(({ key }) => key);
  }

  repositoryState(namespace: string, name: string): Read<RepositoryState> | undefined {
    return this.#record<RepositoryState>(repositoryStateKey(namespace, name));
  }

  /** Whether a repository has been read. */
  isRepositoryRead(namespace: string, name: string): boolean {
    return this.objects.get(repositoryStateKey(namespace, name)) !== undefined;
  }

  /** How many objects of this name have been deleted before. */
  incarnation(resource: string, namespace: string, name: string): number {
    return this.tombstone(resource, namespace, name)?.incarnation ?? 0;
  }

  /** Revision of the store at which an object of this name was last deleted, or its last branch left Git after that; 0 when it never was. */
  buriedAt(resource: string, namespace: string, name: string): number {
    return this.objects.get(tombstoneKey(resource, namespace, name))?.revision ?? 0;
  }

  /** What is left of the object of this name that was deleted last. */
  tombstone(resource: string, namespace: string, name: string): Tombstone | undefined {
    return this.#record<Tombstone>(tombstoneKey(resource, namespace, name))?.value;
  }

  #read<T extends KubernetesObject>(key: ObjectKey): Read<T> | undefined {
    const served = this.objects.get(key);
    return served === undefined ? undefined : { key, revision: served.revision, value: served.decode<T>() };
  }

  #record<T>(key: ObjectKey): Read<T> | undefined {
    const served = this.objects.get(key);
    return served === undefined ? undefined : { key, revision: served.revision, value: decodeRecord<T>(served) };
  }
}

/** Key of the tombstone of an object. */
export function tombstoneKey(resource: string, namespace: string, name: string): ObjectKey {
  return { resource: tombstones, namespace, name: `${resource}/${name}` };
}

/** Key of the object that a tombstone is of. */
export function buriedKey({ namespace, name }: ObjectKey): ObjectKey {
  const slash = name.indexOf('/');
  return { resource: name.slice(0, slash), namespace, name: name.slice(slash + 1) };
}

/** Key of a package revision. */
export function revisionKey(namespace: string, name: string): ObjectKey {
  return { resource: packageRevisions, namespace, name };
}

/** Key of the state that belongs to a package revision. */
export function stateKey(namespace: string, name: string): ObjectKey {
  return { resource: revisionStates, namespace, name };
}

/** Key of what is known of the files of a package revision. */
export function resourcesKey(namespace: string, name: string): ObjectKey {
  return { resource: resourcesStates, namespace, name };
}

/** Key of the state that belongs to a Repository. */
export function repositoryStateKey(namespace: string, name: string): ObjectKey {
  return { resource: repositoryStates, namespace, name };
}

/** The record in an object of one of the server's own resources. */
export function decodeRecord<T>(served: ServedObject): T {
  return (served.decode() as KubernetesObject & { record: T }).record;
}
