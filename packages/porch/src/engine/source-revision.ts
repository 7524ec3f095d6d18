import type { RequestContext } from '@porch/apiserver';
import type { PackageContent } from '../cache/content.ts';
import type { ReadRevision } from '../cache/revision-cache.ts';
import { packageRevisions } from '../resources/group.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { answering, invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';

/**
 * The package revision that a field of a task names.
 * @throws StatusError 400 naming the field where there is none
 */
export function namedRevision(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  name: string,
  field: string,
): ReadRevision {
  const named = name === '' ? undefined : parts.cache.packageRevision(context.namespace, name);
  if (named !== undefined) return named;
  throw invalidField(object.metadata.name ?? '', field, name, 'there is no such package revision');
}

/**
 * The package revision that a field of a task names, and that something is made from.
 * @throws StatusError 400 naming the field where there is none, or where it is the one that follows the branch
 */
export function sourceRevision(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  name: string,
  field: string,
): ReadRevision {
  const source = namedRevision(parts, context, object, name, field);
  const branch = parts.registrations.get(source.key.namespace, source.value.spec.repository ?? '')?.spec.git?.branch;
  if ((source.value.spec.revision ?? 0) < 0 && source.value.spec.workspaceName === (branch ?? 'main')) {
    throw invalidField(
      object.metadata.name ?? '',
      field,
      name,
      'it is the placeholder package revision that follows the branch; use a published revision, which a tag in Git makes ' +
        'where there is none',
    );
  }
  return source;
}

/** The files of a package revision. */
export async function contentOf(
  parts: EngineParts,
  context: RequestContext,
  source: ReadRevision,
): Promise<PackageContent> {
  const repository = source.value.spec.repository ?? '';
  return answering(packageRevisions, source.key.name, `the content of ${source.key.name} cannot be read`, () =>
    parts.contents.read(source.key.namespace, repository, source.content ?? '', context.signal),
  );
}
