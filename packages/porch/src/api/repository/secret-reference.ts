import type { Repository } from '../../resources/repository.ts';

/** The Secret that a Repository names, and the field in which it does. */
export interface SecretReference {
  readonly field: string;
  readonly name: string;
}

function secretOf({ spec }: Repository): SecretReference | undefined {
  const [field, name] =
    spec.git?.secretRef === undefined
      ? ['spec.oci.secretRef', spec.oci?.secretRef?.name]
      : ['spec.git.secretRef', spec.git.secretRef.name];
  return name === undefined || name === '' ? undefined : { field, name };
}

/** The Secret that a Repository names and did not name before. */
export function newSecret(object: Repository, old: Repository | undefined): SecretReference | undefined {
  const secret = secretOf(object);
  if (secret === undefined || (old !== undefined && secretOf(old)?.name === secret.name)) return undefined;
  return secret;
}
