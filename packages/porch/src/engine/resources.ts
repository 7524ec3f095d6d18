import { isDeepStrictEqual } from 'node:util';
import type { ObjectKey, RequestContext, UpdateFunction, WriteOptions, WriteResult } from '@porch/apiserver';
import { fieldError, othersFirst, statusErrors } from '@porch/apiserver';
import type { PackageStep } from '@porch/kpt';
import { type PackageContent, sameTexts, textsOf, withTexts } from '../cache/content.ts';
import { contentPathErrors, contentTreeErrors } from '../cache/content-path.ts';
import type { ResourcesState } from '../cache/records.ts';
import { putResources } from '../cache/resources-state.ts';
import { packageRevisionResources, porchGroup, pushOnRenderFailureAnnotation } from '../resources/group.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';
import { awaitMirror } from './await-mirror.ts';
import { isRenderingFailed, selfLock, withKptfile } from './derived-fields.ts';
import { renderFailed } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { renderStatusOf, resourcesObject, serveResources } from './resources-view.ts';
import { checkResourceVersion, type Target, withRevision } from './target.ts';
import { withRenderedFiles, writeRevision } from './write-revision.ts';

/** Replaces the files of a draft and renders it. An update that changes no file renders nothing, unless rendering has failed before. */
export async function updatePackageResources(
  parts: EngineParts,
  context: RequestContext,
  name: string,
  update: UpdateFunction<PackageRevisionResources>,
  options: WriteOptions,
): Promise<WriteResult> {
  const result = await withRevision(parts, context, packageRevisionResources, name, async (target) => {
    const before = await parts.contents.read(
      target.git.namespace,
      target.git.name,
      target.read.content ?? '',
      context.signal,
    );
    const known = parts.cache.resourcesState(context.namespace, name);
    const old = resourcesObject(target.read, before, known);
    await othersFirst();
    const wanted = await update(old);
    await othersFirst();
    checkResourceVersion(packageRevisionResources, name, wanted.metadata.resourceVersion, target.read.contentRevision);
    checkDraft(name, target);
    const files = new Map(Object.entries(wanted.spec.resources ?? {}));
    checkFiles(name, files, before);
    const owners = wanted.metadata.managedFields;
    // What has failed is tried again when it is sent again: it need not have failed for these files.
    if (sameTexts(textsOf(before), files) && !isRenderingFailed(target.read.value))
      return unchanged(parts, target, before, { known, owners }, options);
    return replace(parts, context, { ...target, known, owners }, before, files, options);
  });
  if (!options.dryRun) await awaitMirror(parts, context, name);
  return result;
}

function checkDraft(name: string, target: Target): void {
  const lifecycle = target.read.value.spec.lifecycle ?? 'Draft';
  if (lifecycle === 'Draft') return;
  throw statusErrors.badRequest(
    `cannot update a package revision with lifecycle value "${lifecycle}"; package must be Draft (${name})`,
  );
}

/** Paths that Git has already may stay as they are, whatever they look like. */
function checkFiles(name: string, files: ReadonlyMap<string, string>, before: PackageContent): void {
  const known = new Set(before.map(({ path }) => path));
  const errors = [...files.keys()]
    .filter((path) => !known.has(path))
    .flatMap((path) =>
      contentPathErrors(path).map((detail) =>
        fieldError.invalid(`spec.resources[${path}]`, path, `invalid resource path: ${detail}`),
      ),
    );
  errors.push(...contentTreeErrors(files.keys()).map((detail) => fieldError.forbidden('spec.resources', detail)));
  if (!files.has('Kptfile')) {
    errors.push(fieldError.required('spec.resources[Kptfile]', 'a package must have a Kptfile at its root'));
  }
  if (errors.length > 0) {
    throw statusErrors.invalid({ group: porchGroup, kind: 'PackageRevisionResources' }, name, errors, 400);
  }
}

/** What is known of the files of a revision beside them, and who owns what of them from now on. */
interface Beside {
  readonly known: ResourcesState;
  readonly owners: PackageRevisionResources['metadata']['managedFields'];
}

function withOwners({ known, owners }: Beside): ResourcesState {
  const { resourcesManagedFields: _, ...others } = known;
  return owners === undefined ? others : { ...others, resourcesManagedFields: owners };
}

/** Files that stay as they are may still get other owners. That is kept beside the files, and is no change of them. */
async function unchanged(
  parts: EngineParts,
  { read }: Target,
  content: PackageContent,
  beside: Beside,
  options: WriteOptions,
): Promise<WriteResult> {
  await writeOwners(parts, read.key, beside, options);
  return { object: serveResources(parts, read, content, withOwners(beside)), created: false };
}

async function writeOwners(
  parts: EngineParts,
  { namespace, name }: ObjectKey,
  beside: Beside,
  { dryRun }: WriteOptions,
): Promise<void> {
  if (isDeepStrictEqual(beside.owners, beside.known.resourcesManagedFields)) return;
  await parts.store.commit({ operations: putResources(parts.cache, namespace, name, withOwners(beside)) }, { dryRun });
}

async function replace(
  parts: EngineParts,
  context: RequestContext,
  target: Target & Beside,
  before: PackageContent,
  files: ReadonlyMap<string, string>,
  options: WriteOptions,
): Promise<WriteResult> {
  const { git, read } = target;
  const steps: PackageStep[] = [{ type: 'replace', files }, { type: 'render' }];
  const render = parts.render(git.namespace);
  await othersFirst();
  const job = await parts.workers.run({ files: textsOf(before), steps, render, whose: git.namespace }, context.signal);
  await othersFirst();
  const failure = job.render?.error === undefined ? undefined : job.render;
  const save = failure === undefined || read.value.metadata.annotations?.[pushOnRenderFailureAnnotation] === 'true';
  const renderStatus = job.render === undefined ? undefined : renderStatusOf(job.render);
  if (failure !== undefined && !save) throw renderFailed(failure, false);
  const after = withTexts(before, job.files);
  const resources: ResourcesState = {
    ...withOwners(target),
    ...(renderStatus === undefined ? {} : { renderStatus }),
  };
  const content = await parts.contents.prepare(after);
  if (content.digest === read.content) await writeOwners(parts, read.key, target, options);
  else {
    const derived = withKptfile(read.value, job.kptfile);
    const object = { ...derived, status: { ...derived.status, selfLock: selfLock(git, derived, null) } };
    const next = withRenderedFiles(parts, context, target, content.digest);
    await writeRevision(parts, context, target, object, { content, state: next, resources }, options);
  }
  if (failure !== undefined) throw renderFailed(failure, true);
  await othersFirst();
  const written = options.dryRun ? read : (parts.cache.packageRevision(read.key.namespace, read.key.name) ?? read);
  return { object: serveResources(parts, written, after, resources), created: false };
}
