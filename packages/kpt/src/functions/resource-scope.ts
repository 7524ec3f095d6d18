import type { KrmObject } from '../yaml/krm-object.ts';
import { clusterScopedKinds, namespacedKinds } from './kubernetes-kinds.ts';

/**
 * Whether an object lives in a namespace: known of Kubernetes' own kinds; of others, those do that carry
 * `metadata.namespace`.
 */
export function isNamespaced(object: KrmObject): boolean {
  const key = `${object.group}/${object.kind}`;
  if (namespacedKinds.has(key)) return true;
  return !clusterScopedKinds.has(key) && object.namespace !== '';
}
