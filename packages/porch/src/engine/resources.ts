import type { RequestContext, UpdateFunction, WriteOptions, WriteResult } from '@porch/apiserver';
import { fieldError, statusErrors } from '@porch/apiserver';
import type { RenderOutcome } from '@porch/kpt';
import { contentPathErrors, type PackageContent, textsOf, withTexts } from '../cache/content.ts';
import type { RevisionState } from '../cache/records.ts';
import { commitAuthor } from '../git/annotation.ts';
import { packageRevisionResources, porchGroup, pushOnRenderFailureAnnotation } from '../resources/group.ts';
import type { PackageRevisionResources, RenderStatus } from '../resources/package-revision-resources.ts';
import { awaitMirror } from './create.ts';
import { selfLock, withKptfile } from './derived-fields.ts';
import { renderFailed } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { resourcesObject, serveResources } from './resources-view.ts';
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
    const wanted = await update(resourcesObject(target.read, before, target.state.value.renderStatus));
    checkResourceVersion(packageRevisionResources, name, wanted.metadata.resourceVersion, target.read.contentRevision);
    checkDraft(name, target);
    const files = new Map(Object.entries(wanted.spec.resources ?? {}));
    checkFiles(name, files);
    if (sameFiles(textsOf(before), files)) return unchanged(parts, target, before);
    return replace(parts, context, target, before, files, options);
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
  if (!files.has('Kptfile')) {
    errors.push(fieldError.required('spec.resources[Kptfile]', 'a package must have a Kptfile at its root'));
  }
  if (errors.length > 0) {
    throw statusErrors.invalid({ group: porchGroup, kind: 'PackageRevisionResources' }, name, errors, 400);
  }
}

function sameFiles(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  return before.size === after.size && [...after].every(([path, text]) => before.get(path) === text);
}

function unchanged(parts: EngineParts, target: Target, content: PackageContent): WriteResult {
  return { object: serveResources(parts, target.read, content, target.state.value.renderStatus), created: false };
}

async function replace(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  before: PackageContent,
  files: ReadonlyMap<string, string>,
  options: WriteOptions,
): Promise<WriteResult> {
  const { git, read, state } = target;
  const job = await parts.workers.run(
    { files: textsOf(before), steps: [{ type: 'replace', files }, { type: 'render' }], render: parts.render },
    context.signal,
  );
  const failure = job.render?.error === undefined ? undefined : job.render;
  const save = failure === undefined || read.value.metadata.annotations?.[pushOnRenderFailureAnnotation] === 'true';
  const renderStatus = job.render === undefined ? undefined : statusOf(job.render);
  if (failure !== undefined && !save) throw renderFailed(failure, false);
  const after = withTexts(before, job.files);
  const content = await parts.contents.prepare(after);
  if (content.digest !== read.content) {
    const derived = withKptfile(read.value, job.kptfile);
    const object = { ...derived, status: { ...derived.status, selfLock: selfLock(git, derived, null) } };
    const next: RevisionState = {
      ...state.value,
      ...(renderStatus === undefined ? {} : { renderStatus }),
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
    await write(parts, target, object, { content, state: next }, options);
  }
  if (failure !== undefined) throw renderFailed(failure, true);
  const written = options.dryRun ? read : (parts.cache.packageRevision(read.key.namespace, read.key.name) ?? read);
  return { object: serveResources(parts, written, after, renderStatus), created: false };
}

function statusOf(outcome: RenderOutcome): RenderStatus {
  return { result: outcome.result, error: outcome.error ?? '' };
}
