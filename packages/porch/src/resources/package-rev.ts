import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

/** Label that names the Repository of a record. */
export const packageRevRepositoryLabel = 'internal.porch.kpt.dev/repository';

/** Finalizer that every record has. */
export const packageRevFinalizer = 'internal.porch.kpt.dev/packagerevision';

/** Schema of package records. */
export const packageRevSchema = Type.Object({
  spec: Type.Optional(Type.Object({}, { description: 'Always empty.' })),
  status: Type.Optional(Type.Object({}, { description: 'Always empty.' })),
});

/**
 * The record of a package revision's metadata that the Go server keeps, under the same name.
 * `config.porch.kpt.dev/v1alpha1`, resource `packagerevs`.
 */
export interface PackageRev extends KubernetesObject {
  spec: Record<string, never>;
  status: Record<string, never>;
}
