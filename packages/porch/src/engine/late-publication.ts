import type { PublishIntent } from '../cache/records.ts';
import { revisionsOfTags, tagReference } from '../git/layout.ts';
import type { RemoteReferences } from '../git/types.ts';
import { conflict } from './errors.ts';
import type { Target } from './target.ts';

/**
 * An earlier publication of a proposal that was found not done and has been carried out since; undefined where there is none. Publishing
 * it once more would give it a second number.
 * @throws StatusError 409 when it is not what the proposal is now
 */
export function latePublication(
  { read, state }: Target,
  { refs }: RemoteReferences,
): Pick<PublishIntent, 'decisive' | 'commit' | 'revision'> | undefined {
  const { path, latePublications = [] } = state.value;
  for (const { commit, content } of latePublications) {
    const names = [...refs].filter(([, id]) => id === commit).map(([name]) => name);
    const [revision] = revisionsOfTags(names, path);
    if (revision === undefined) continue;
    if (content === read.content) return { decisive: tagReference(path, revision), commit, revision };
    throw conflict(
      read.key.name,
      `an earlier approval, which had seemed to fail, has published what it was then as revision ${revision}; read it again ` +
        'after the next synchronisation',
    );
  }
  return undefined;
}
