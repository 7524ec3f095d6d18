import type { RequestContext } from '@porch/apiserver';
import type { PackageContent } from '../cache/content.ts';
import { treeOfReference } from '../cache/content-store.ts';
import { GitError } from '../git/types.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { isRenderingFailed, kptfileFieldsDiffer } from './derived-fields.ts';
import type { EngineParts } from './parts.ts';
import type { Target } from './update.ts';

/**
 * The files of a draft where an update of it renders them: when fields of its Kptfile change, and, before it is proposed, when rendering
 * them failed or they are as somebody has pushed them.
 */
export async function filesToRender(
  parts: EngineParts,
  context: RequestContext,
  { git, read }: Target,
  wanted: PackageRevision,
): Promise<PackageContent | undefined> {
  const reference = read.content ?? '';
  const files = () => parts.contents.read(git.namespace, git.name, reference, context.signal);
  if (kptfileFieldsDiffer(read.value, wanted)) return files();
  if (wanted.spec.lifecycle !== 'Proposed') return undefined;
  if (isRenderingFailed(read.value)) return files();
  if (treeOfReference(reference) === undefined) return undefined;
  try {
    return await files();
  } catch (error) {
    // What is too large to be read can still be published as it is.
    if (error instanceof GitError && error.errorClass === 'TooLarge') return undefined;
    throw error;
  }
}
