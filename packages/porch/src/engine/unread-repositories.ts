import type { FieldSelector, RequestContext } from '@porch/apiserver';
import { firstNames } from './first-names.ts';
import type { EngineParts } from './parts.ts';
import type { Reads } from './types.ts';

/** How many names a warning lists before it only counts. */
const mostNames = 5;

/**
 * The same reads; a list warns of repositories that have never been read and may have what it asks for, so that nobody takes what is not
 * known yet for what is not there. Those that cannot be reached now are listed as they were read last, without a word.
 */
export function warningOfUnread(parts: Pick<EngineParts, 'registrations' | 'cache'>, reads: Reads): Reads {
  return {
    ...reads,
    async list(context, options) {
      warn(parts, context, options.fields);
      return reads.list(context, options);
    },
  };
}

/** Whether objects of a repository can be selected. Their names begin with the repository's, which has no dot. */
function mayHave(fields: FieldSelector | undefined, namespace: string, repository: string): boolean {
  const values: Record<string, string> = { 'metadata.namespace': namespace, 'spec.repository': repository };
  return (fields?.requirements ?? []).every(({ field, operator, value }) => {
    if (field === 'metadata.name') return operator === '!=' || value.startsWith(`${repository}.`);
    const own = values[field];
    return own === undefined || (own === value) === (operator === '=');
  });
}

function warn(
  parts: Pick<EngineParts, 'registrations' | 'cache'>,
  context: RequestContext,
  fields: FieldSelector | undefined,
): void {
  const unread: string[] = [];
  for (const { metadata, spec } of parts.registrations.list()) {
    const { namespace = '', name = '' } = metadata;
    if (context.namespace !== '' && namespace !== context.namespace) continue;
    if (spec.git === undefined || metadata.deletionTimestamp !== undefined) continue;
    if (!mayHave(fields, namespace, name)) continue;
    if (!parts.cache.isRepositoryRead(namespace, name)) unread.push(name);
  }
  if (unread.length === 0) return;
  context.warn(
    `not read yet, so that what they have is missing: repositories ${firstNames(unread, mostNames)}; their conditions say why`,
  );
}
