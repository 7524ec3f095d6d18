import type { RevisionState } from '../cache/records.ts';
import type { RevisionCache } from '../cache/revision-cache.ts';
import { needsMirroring, type PushDrafts } from './wanted-references.ts';

/** Whether Git lacks something of a package revision that would be lost with its record here. */
export function isUnmirrored(
  parts: { readonly cache: RevisionCache; readonly pushDrafts: PushDrafts },
  namespace: string,
  name: string,
  state: RevisionState,
): boolean {
  // In a conflict Git has the other side, and perhaps that only.
  if (state.pending.length > 0 || state.intent !== undefined || state.conflict !== undefined) return true;
  return needsMirroring(state, parts.cache.summary(namespace, name), parts.pushDrafts);
}
