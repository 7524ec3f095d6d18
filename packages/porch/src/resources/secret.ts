import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

/** Schema of Secrets. */
export const secretSchema = Type.Object({
  data: Type.Optional(
    Type.Record(Type.String(), Type.String({ format: 'byte' }), {
      description: 'The secret data, each value in base64.',
    }),
  ),
  stringData: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'The secret data in plain text; only for writing, merged into data.',
    }),
  ),
  immutable: Type.Optional(
    Type.Boolean({ description: 'Whether the data can no longer be changed. Cannot be undone.' }),
  ),
  type: Type.Optional(
    Type.String({
      description:
        'Kind of secret: Opaque (default), kubernetes.io/basic-auth and others. Decides which keys data must have. Cannot be changed.',
    }),
  ),
});

/** Credentials and other confidential data. Core group. */
export interface Secret extends KubernetesObject {
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  immutable?: boolean;
  type?: string;
}
