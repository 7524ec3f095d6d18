/**
 * Annotations by which readers of packages, and callers of functions, note on an object where it stands. They are no part of the object, and
 * are taken off before it is written. Modern names first, then legacy ones.
 */

export const pathKeys = ['internal.config.kubernetes.io/path', 'config.kubernetes.io/path'] as const;
export const indexKeys = ['internal.config.kubernetes.io/index', 'config.kubernetes.io/index'] as const;
export const idKeys = ['internal.config.kubernetes.io/id', 'config.k8s.io/id'] as const;
export const packagePathKey = 'internal.config.kubernetes.io/package-path';
export const sequenceIndentKey = 'internal.config.kubernetes.io/seqindent';
export const resourceIdKey = 'internal.config.kubernetes.io/annotations-migration-resource-id';

/** All of them. */
export const placementKeys: readonly string[] = [
  ...pathKeys,
  ...indexKeys,
  ...idKeys,
  packagePathKey,
  sequenceIndentKey,
  resourceIdKey,
];
