import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

/** Schema of namespaces. */
export const namespaceSchema = Type.Object({
  spec: Type.Optional(
    Type.Object(
      {
        finalizers: Type.Optional(
          Type.Array(Type.String(), { description: 'Not used: what holds a namespace is in metadata.finalizers.' }),
        ),
      },
      { description: 'What the namespace is.' },
    ),
  ),
  status: Type.Optional(
    Type.Object(
      { phase: Type.Optional(Type.String({ description: 'Active or Terminating.' })) },
      { description: 'What is known of the namespace.' },
    ),
  ),
});

/** Where namespaced objects live. Core group. */
export interface Namespace extends KubernetesObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}
