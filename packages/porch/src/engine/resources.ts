import { isDeepStrictEqual } from 'node:util';
import type { RequestContext, UpdateFunction, WriteOptions, WriteResult } from '@porch/apiserver';
import { fieldError, othersFirst, statusErrors } from '@porch/apiserver';
import type { PackageStep } from '@porch/kpt';
import {
  contentPathErrors,
  contentTreeErrors,
  type PackageContent,
  sameTexts,
  textsOf,
  withTexts,
} from '../cache/content.ts';
import type { RevisionState } from '../cache/records.ts';
import { commitAuthor } from '../git/annotation.ts';
import { packageRevisionResources, porchGroup, pushOnRenderFailureAnnotation } from '../resources/group.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';
import { awaitMirror } from './create.ts';
import { isRenderingFailed, selfLock, withKptfile } from './derived-fields.ts';
import { renderFailed } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { renderStatusOf, resourcesObject, resourcesStateOf, serveResources } from './resources-view.ts';
import { checkResourceVersion, type Target, withRevision, write } from './update.ts';

/** Replaces the files of a draft and renders it. An update that changes no file renders nothing and writes nothing. */
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
    const wanted = await update(resourcesObject(target.read, before, target.state.value));
    await othersFirst();
    checkResourceVersion(packageRevisionResources, name, wanted.metadata.resourceVersion, target.read.contentRevision);
    checkDraft(name, target);
    const files = new Map(Object.entries(wanted.spec.resources ?? {}));
    checkFiles(name, files);
    const owners = wanted.metadata.managedFields;
    // What has failed is tried again when it is sent again: it need not have failed for these files.
    if (sameTexts(textsOf(before), files) && !isRenderingFailed(target.read.value))
      return unchanged(parts, target, before, owners, options);
    return replace(parts, context, { ...target, owners }, before, files, options);
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

function checkFiles(name: string, files: ReadonlyMap<string, string>): void {
  const errors = [...files.keys()].flatMap((path) =>
    contentPathErrors(path).map((detail) => fieldError.invalid(`spec.resources[${path}]`, path, detail)),
  );
  errors.push(...contentTreeErrors(files.keys()).map((detail) => fieldError.forbidden('spec.resources', detail)));
  if (!files.has('Kptfile')) {
    errors.push(fieldError.required('spec.resources[Kptfile]', 'a package must have a Kptfile at its root'));
  }
  if (errors.length > 0) {
    throw statusErrors.invalid({ group: porchGroup, kind: 'PackageRevisionResources' }, name, errors, 400);
  }
}

type Owners = PackageRevisionResources['metadata']['managedFields'];

/** Files that stay as they are may still get other owners. That is kept beside the files, and is no change of them. */
async function unchanged(
  parts: EngineParts,
  { read, state }: Target,
  content: PackageContent,
  owners: Owners,
  options: WriteOptions,
): Promise<WriteResult> {
  await writeOwners(parts, state, owners, options);
  const { resourcesManagedFields: _, ...kept } = resourcesStateOf(state.value);
  const next = resourcesStateOf(owners === undefined ? kept : { ...kept, resourcesManagedFields: owners });
  return { object: serveResources(parts, read, content, next), created: false };
}

async function writeOwners(
  parts: EngineParts,
  state: Target['state'],
  owners: Owners,
  options: WriteOptions,
): Promise<void> {
  if (isDeepStrictEqual(owners, state.value.resourcesManagedFields)) return;
  const patch = { record: { resourcesManagedFields: owners ?? null } };
  await parts.store.commit({ operations: [{ type: 'merge', key: state.key, patch }] }, { dryRun: options.dryRun });
}

async function replace(
  parts: EngineParts,
  context: RequestContext,
  target: Target & { readonly owners: Owners },
  before: PackageContent,
  files: ReadonlyMap<string, string>,
  options: WriteOptions,
): Promise<WriteResult> {
  const { git, read, state, owners } = target;
  const steps: PackageStep[] = [{ type: 'replace', files }, { type: 'render' }];
  const render = parts.render(git.namespace);
  await othersFirst();
  const job = await parts.workers.run({ files: textsOf(before), steps, render }, context.signal);
  const failure = job.render?.error === undefined ? undefined : job.render;
  const save = failure === undefined || read.value.metadata.annotations?.[pushOnRenderFailureAnnotation] === 'true';
  const renderStatus = job.render === undefined ? undefined : renderStatusOf(job.render);
  if (failure !== undefined && !save) throw renderFailed(failure, false);
  const after = withTexts(before, job.files);
  const { resourcesManagedFields: _, ...others } = state.value;
  const known: RevisionState = {
    ...others,
    ...(renderStatus === undefined ? {} : { renderStatus }),
    ...(owners === undefined ? {} : { resourcesManagedFields: owners }),
  };
  const content = await parts.contents.prepare(after);
  if (content.digest === read.content) await writeOwners(parts, state, owners, options);
  else {
    const derived = withKptfile(read.value, job.kptfile);
    const object = { ...derived, status: { ...derived.status, selfLock: selfLock(git, derived, null) } };
    const next: RevisionState = {
      ...known,
      pending: [
        ...state.value.pending,
        {
          content: content.digest,
          task: { type: 'render' },
          author: commitAuthor(git.object.spec.git, context.user),
          time: parts.clock().toISOString(),
        },
      ],
    };
    await write(parts, context, target, object, { content, state: next }, options);
  }
  if (failure !== undefined) throw renderFailed(failure, true);
  await othersFirst();
  const written = options.dryRun ? read : (parts.cache.packageRevision(read.key.namespace, read.key.name) ?? read);
  return { object: serveResources(parts, written, after, known), created: false };
}
