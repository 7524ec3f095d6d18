import type { KubernetesObject, ObjectMeta } from '@porch/apiserver';
import { semanticEqual } from './semantic-equal.ts';

/** What kubectl apply leaves on objects for itself; nobody misses it where it is not kept. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const metadataFields = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

function withoutLastApplied({
  annotations: { [lastApplied]: _, ...annotations } = {},
  ...rest
}: ObjectMeta): ObjectMeta {
  return { ...rest, annotations };
}

/**
 * Fields of the metadata that a write says something else of than what there is. For endpoints that leave metadata alone, so that
 * they can tell; what a client just leaves out is none of them.
 */
export function unkeptMetadata(object: KubernetesObject, old: KubernetesObject): readonly string[] {
  const sent = withoutLastApplied(object.metadata);
  const found = withoutLastApplied(old.metadata);
  return metadataFields.filter((field) => {
    const said = { [field]: sent[field] };
    return !semanticEqual(said, {}) && !semanticEqual(said, { [field]: found[field] });
  });
}
