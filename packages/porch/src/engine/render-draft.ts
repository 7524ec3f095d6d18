import type { RequestContext } from '@porch/apiserver';
import type { KptfileCondition, PackageJobResult, PackageStep } from '@porch/kpt';
import { type PackageContent, sameTexts, textsOf, withTexts } from '../cache/content.ts';
import { treeOfReference } from '../cache/content-store.ts';
import { GitError } from '../git/types.ts';
import { pushOnRenderFailureAnnotation } from '../resources/group.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { addedSubpackageTask } from '../resources/subpackage-task.ts';
import { changedKptfileFields, isRenderingFailed, type KptfileFields } from './derived-fields.ts';
import { renderFailed } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { withSubpackage } from './subpackage.ts';
import type { Target } from './target.ts';

/** A draft that was rendered. */
export interface RenderedDraft extends Pick<PackageJobResult, 'kptfile' | 'render'> {
  /** Its files, where they have changed. */
  readonly content: PackageContent | undefined;
}

/**
 * Carries out what an update of a draft asks of its files, a task for a subpackage and fields of the Kptfile, and renders them; undefined
 * when it asks for nothing.
 * @throws StatusError 400 for a task that cannot be carried out, and for files that cannot be rendered: those are kept only where the
 *   draft is annotated so and a task has changed them
 */
export async function renderDraft(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
): Promise<RenderedDraft | undefined> {
  const { git, read } = target;
  const old = read.value;
  if (old.spec.lifecycle !== 'Draft') return undefined;
  const added = addedSubpackageTask(wanted, old.spec.tasks?.length ?? 0);
  const files = () => parts.contents.read(git.namespace, git.name, read.content ?? '', context.signal);
  const before = added === undefined ? await filesToRender(target, wanted, files) : await files();
  if (before === undefined) return undefined;
  const asked =
    added === undefined ? before : await withSubpackage(parts, context, { git, object: wanted, added }, before);
  const changed = changedKptfileFields(old, wanted);
  const job = await parts.workers.run(
    {
      files: textsOf(asked),
      steps: [...(changed === undefined ? [] : [metadataStep(changed)]), { type: 'render' }],
      render: parts.render(git.namespace),
      whose: git.namespace,
    },
    context.signal,
  );
  const { kptfile, render } = job;
  if (render?.error !== undefined) {
    if (added === undefined || !isKeptUnrendered(wanted)) throw renderFailed(render, false);
    context.warn(`the subpackage is in the draft, but rendering it failed: ${render.error}`);
  }
  const isChanged = asked !== before || !sameTexts(textsOf(before), job.files);
  return { kptfile, render, content: isChanged ? withTexts(asked, job.files) : undefined };
}

function metadataStep({ conditions, ...fields }: KptfileFields): PackageStep {
  const known = conditions?.map(
    (condition): KptfileCondition => ({
      ...condition,
      status: condition.status === 'True' || condition.status === 'False' ? condition.status : 'Unknown',
    }),
  );
  return { type: 'metadata', merge: false, ...fields, ...(known === undefined ? {} : { conditions: known }) };
}

/** Whether a draft keeps its files although they could not be rendered. It is not proposed so. */
function isKeptUnrendered({ metadata, spec }: PackageRevision): boolean {
  return spec.lifecycle === 'Draft' && metadata.annotations?.[pushOnRenderFailureAnnotation] === 'true';
}

/**
 * The files of a draft where an update without a task renders them: when fields of its Kptfile change, and, before it is proposed, when
 * rendering them failed or they are as somebody has pushed them.
 */
async function filesToRender(
  { read }: Target,
  wanted: PackageRevision,
  files: () => Promise<PackageContent>,
): Promise<PackageContent | undefined> {
  if (changedKptfileFields(read.value, wanted) !== undefined) return files();
  if (wanted.spec.lifecycle !== 'Proposed') return undefined;
  if (isRenderingFailed(read.value)) return files();
  if (treeOfReference(read.content ?? '') === undefined) return undefined;
  try {
    return await files();
  } catch (error) {
    // What is too large to be read can still be published as it is.
    if (error instanceof GitError && error.errorClass === 'TooLarge') return undefined;
    throw error;
  }
}
