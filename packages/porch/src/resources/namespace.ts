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
      {
        phase: Type.Optional(Type.String({ description: 'Active or Terminating.' })),
        conditions: Type.Optional(
          Type.Array(
            Type.Object({
              type: Type.String({ description: 'What the condition is about.' }),
              status: Type.String({ description: 'True, False or Unknown.' }),
              lastTransitionTime: Type.Optional(
                Type.String({ format: 'date-time', description: 'When the status became what it is.' }),
              ),
              reason: Type.Optional(Type.String({ description: 'Why, in one word.' })),
              message: Type.Optional(Type.String({ description: 'Why, for people.' })),
            }),
            { description: 'What a namespace that is being deleted waits for.' },
          ),
        ),
      },
      { description: 'What is known of the namespace.' },
    ),
  ),
});

/** What is known of one side of a namespace's deletion. */
export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
  /** RFC 3339. */
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** Where namespaced objects live. Core group. */
export interface Namespace extends KubernetesObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string; conditions?: NamespaceCondition[] };
}
