import type { Repository } from './repository.ts';

/** Says what kind of storage a Repository is of where that follows from the rest. Changes the object, and returns it. */
export function withRepositoryDefaults(object: Repository): Repository {
  object.spec ??= {};
  if ((object.spec.type ?? '') !== '') return object;
  const type = object.spec.git === undefined ? (object.spec.oci === undefined ? undefined : 'oci') : 'git';
  if (type !== undefined) object.spec = { ...object.spec, type };
  return object;
}
