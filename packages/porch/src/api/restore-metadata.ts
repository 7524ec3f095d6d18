import { copyJson, type KubernetesObject } from '@porch/apiserver';

/**
 * For subresources that change one part of an object: takes all metadata from the old object, but keeps the
 * resourceVersion and uid that the client based its write on, which are still to be checked.
 */
export function restoreMetadata(object: KubernetesObject, old: KubernetesObject): void {
  const { resourceVersion, uid, managedFields } = object.metadata;
  object.metadata = {
    ...copyJson(old.metadata),
    resourceVersion,
    uid: uid ?? old.metadata.uid,
    ...(managedFields === undefined ? {} : { managedFields }),
  };
}
