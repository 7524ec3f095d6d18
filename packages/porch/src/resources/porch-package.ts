import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

/** Schema of packages. */
export const porchPackageSchema = Type.Object({
  spec: Type.Optional(
    Type.Object(
      {
        packageName: Type.Optional(Type.String({ description: 'Package, with its path in the repository.' })),
        repository: Type.Optional(Type.String({ description: 'Name of the Repository object.' })),
      },
      { description: 'Which package this is.' },
    ),
  ),
  status: Type.Optional(
    Type.Object(
      {
        latestRevision: Type.Optional(
          Type.Integer({ description: 'Highest published revision; 0 when there is none.' }),
        ),
      },
      { description: 'What is known of the package.' },
    ),
  ),
});

/** A package across all its revisions. `porch.kpt.dev/v1alpha1`, resource `packages`. */
export interface PorchPackage extends KubernetesObject {
  spec: { packageName?: string; repository?: string };
  status?: { latestRevision?: number };
}
