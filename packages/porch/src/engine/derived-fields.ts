import { type KptfileSummary, renderedCondition } from '@porch/kpt';
import type { GitRepository } from '../cache/git-repositories.ts';
import { draftReference, proposedReference, shortReference, tagReference } from '../git/layout.ts';
import type { ObjectId } from '../git/types.ts';
import type {
  Locator,
  PackageRevision,
  PackageRevisionSpec,
  PackageRevisionStatus,
} from '../resources/package-revision.ts';

/** The object with the fields that a package revision takes from its Kptfile. */
export function withKptfile(object: PackageRevision, kptfile: KptfileSummary): PackageRevision {
  const { readinessGates: _, packageMetadata: __, ...spec } = object.spec;
  const { conditions: ___, upstreamLock: ____, ...status } = object.status;
  return {
    ...object,
    spec: { ...spec, ...specOfKptfile(kptfile) },
    status: { ...status, ...statusOfKptfile(kptfile) },
  };
}

/** The fields of the spec that a package revision takes from its Kptfile. */
export function specOfKptfile({
  labels,
  annotations,
  readinessGates,
}: KptfileSummary): Pick<PackageRevisionSpec, 'readinessGates' | 'packageMetadata'> {
  const packageMetadata = {
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
  };
  if (readinessGates.length === 0) return { packageMetadata };
  return { packageMetadata, readinessGates: readinessGates.map((gate) => ({ ...gate })) };
}

/** The same of the status. */
export function statusOfKptfile({
  upstreamLock,
  conditions,
}: KptfileSummary): Pick<PackageRevisionStatus, 'upstreamLock' | 'conditions'> {
  const lock = upstreamLock === undefined ? {} : { type: 'git' as const, git: { ...upstreamLock.git } };
  if (conditions.length === 0) return { upstreamLock: lock };
  return { upstreamLock: lock, conditions: conditions.map((condition) => ({ ...condition })) };
}

/** Fields that live in the Kptfile, as they are to be from now on. */
export interface KptfileFields {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly readinessGates?: NonNullable<PackageRevisionSpec['readinessGates']>;
  readonly conditions?: NonNullable<PackageRevisionStatus['conditions']>;
}

/**
 * The fields that live in the Kptfile and that an update changes; undefined where it changes none. The others are left out: the Kptfile may
 * say more there than the object shows. A `packageMetadata` that is undefined stands for "leave it as it is".
 */
export function changedKptfileFields(before: PackageRevision, after: PackageRevision): KptfileFields | undefined {
  const { packageMetadata: was = {} } = before.spec;
  const { packageMetadata: is = was } = after.spec;
  const { labels = {}, annotations = {} } = is;
  const { readinessGates = [] } = after.spec;
  const { conditions = [] } = after.status;
  const changed: KptfileFields = {
    ...(differ(was.labels ?? {}, labels) ? { labels } : {}),
    ...(differ(was.annotations ?? {}, annotations) ? { annotations } : {}),
    ...(differ(before.spec.readinessGates ?? [], readinessGates) ? { readinessGates } : {}),
    ...(differ(before.status.conditions ?? [], conditions) ? { conditions } : {}),
  };
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/** Whether the files of a draft are there although rendering them failed. */
export function isRenderingFailed(object: PackageRevision): boolean {
  return (
    object.status.conditions?.some(({ type, status }) => type === renderedCondition && status === 'False') === true
  );
}

/** The changed object, with its generation: that counts changes of the spec, whoever makes them. */
export function withGeneration(old: PackageRevision, object: PackageRevision): PackageRevision {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const generation = (old.metadata.generation ?? 1) + (differ(old.spec, object.spec) ? 1 : 0);
  return { ...object, metadata: { ...metadata, generation } };
}

function differ(before: unknown, after: unknown): boolean {
  return canonical(before) !== canonical(after);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Where a revision is in Git: with its commit when it is published, without while its branch moves. */
export function selfLock(git: GitRepository, object: Pick<PackageRevision, 'spec'>, commit: ObjectId | null): Locator {
  const path = git.fullPath(object.spec.packageName ?? '');
  const workspace = object.spec.workspaceName ?? '';
  const revision = object.spec.revision ?? 0;
  const ref =
    revision < 0
      ? git.branch
      : shortReference(
          object.spec.lifecycle === 'Draft'
            ? draftReference(path, workspace)
            : object.spec.lifecycle === 'Proposed'
              ? proposedReference(path, workspace)
              : tagReference(path, revision),
        );
  return { type: 'git', git: { repo: git.url, directory: path, ref, ...(commit === null ? {} : { commit }) } };
}
