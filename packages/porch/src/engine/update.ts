import {
  PreconditionFailedError,
  type RequestContext,
  serveObject,
  type UpdateFunction,
  type WriteOptions,
  type WriteResult,
} from '@porch/apiserver';
import { packageRevisions } from '../resources/group.ts';
import { isPublished, type PackageRevision } from '../resources/package-revision.ts';
import { awaitMirror } from './await-mirror.ts';
import { removeRevision } from './delete.ts';
import { selfLock, withKptfile } from './derived-fields.ts';
import { stale } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { publish } from './publish.ts';
import { type RenderedDraft, renderDraft } from './render-draft.ts';
import { renderStatusOf } from './resources-view.ts';
import { checkResourceVersion, type Target, withRevision } from './target.ts';
import { type Extras, withRenderedFiles, writeRevision } from './write-revision.ts';

/** Changes a package revision: lifecycle, metadata, and the fields that its Kptfile carries. */
export async function updatePackageRevision(
  parts: EngineParts,
  context: RequestContext,
  name: string,
  update: UpdateFunction<PackageRevision>,
  options: WriteOptions,
): Promise<WriteResult> {
  const result = await withRevision(parts, context, packageRevisions, name, async (target) => {
    const old = target.read.value;
    const wanted = await update(structuredClone(old));
    checkResourceVersion(packageRevisions, name, wanted.metadata.resourceVersion, target.read.revision);
    if (old.metadata.deletionTimestamp !== undefined && (wanted.metadata.finalizers ?? []).length === 0) {
      return finishDeletion(parts, context, target, wanted, options);
    }
    if (isPublished(old.spec.lifecycle)) return updatePublished(parts, context, target, wanted, options);
    if (wanted.spec.lifecycle === 'Published') {
      // Not tried again on what others have made of it meanwhile: nobody has looked at that.
      return publish(parts, context, target, wanted, options).catch(refuseOvertaken(name));
    }
    return updateDraft(parts, context, target, wanted, options);
  });
  if (!options.dryRun) await awaitMirror(parts, context, name);
  return result;
}

/** What is approved is what was there when the approval came. */
function refuseOvertaken(name: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof PreconditionFailedError ? stale(packageRevisions, name) : error;
  };
}

async function finishDeletion(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const { revision } = await removeRevision(parts, context, target, wanted, options.dryRun);
  // What was removed still had the finalizers; the writer is shown that they are gone.
  const last: PackageRevision = { ...target.read.value, metadata: wanted.metadata };
  const rules = parts.cache.rules.get(packageRevisions);
  return { object: serveObject(last, { resource: packageRevisions, revision, rules }), created: false };
}

function updatePublished(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const object = { ...target.read.value, metadata: wanted.metadata, spec: { ...target.read.value.spec } };
  if (wanted.spec.lifecycle !== undefined) object.spec.lifecycle = wanted.spec.lifecycle;
  return writeRevision(parts, context, target, object, {}, options);
}

async function updateDraft(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const { git, read } = target;
  const lifecycle = wanted.spec.lifecycle ?? 'Draft';
  const rendered = await renderDraft(parts, context, target, wanted);
  const asked = { ...read.value, metadata: wanted.metadata, spec: { ...read.value.spec, lifecycle } };
  const derived = rendered === undefined ? asked : withKptfile(asked, rendered.kptfile);
  const object = { ...derived, status: { ...derived.status, selfLock: selfLock(git, derived, null) } };
  const files = rendered === undefined ? {} : await changedFiles(parts, context, target, rendered);
  return writeRevision(parts, context, target, object, files, options);
}

/** What rendering has made of a draft's files, where they are others than before. */
async function changedFiles(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  { content: files, render }: RenderedDraft,
): Promise<Extras> {
  const { key, content: before } = target.read;
  const content = files && (await parts.contents.prepare(files));
  if (content === undefined || content.digest === before) return {};
  const state = withRenderedFiles(parts, context, target, content.digest);
  if (render === undefined) return { content, state };
  const known = parts.cache.resourcesState(key.namespace, key.name);
  return { content, state, resources: { ...known, renderStatus: renderStatusOf(render) } };
}
