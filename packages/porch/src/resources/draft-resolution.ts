import type { ObjectMeta } from '@porch/apiserver';
import { resolveDraftAnnotation } from './group.ts';

/** Which side of a draft that was changed here and in Git is kept. */
export type DraftResolution = 'ours' | 'theirs';

export const draftResolutions = ['ours', 'theirs'] as const satisfies readonly DraftResolution[];

/** What the annotation of a package revision decides, if it is there. */
export function draftResolutionOf(metadata: ObjectMeta): DraftResolution | undefined {
  return draftResolutions.find((one) => one === metadata.annotations?.[resolveDraftAnnotation]);
}

/** The metadata without the annotation, once what it asks for is done. */
export function withoutDraftResolution(metadata: ObjectMeta): ObjectMeta {
  if (metadata.annotations?.[resolveDraftAnnotation] === undefined) return metadata;
  const { annotations, ...others } = metadata;
  const { [resolveDraftAnnotation]: _, ...kept } = annotations;
  return Object.keys(kept).length === 0 ? others : { ...others, annotations: kept };
}
