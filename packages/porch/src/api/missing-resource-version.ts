import { type FieldError, fieldError, type KubernetesObject } from '@porch/apiserver';

/** Refuses an update that does not say which version of the object it is based on. */
export function missingResourceVersion(object: KubernetesObject): FieldError[] {
  const version = object.metadata.resourceVersion ?? '';
  if (version !== '' && version !== '0') return [];
  return [fieldError.invalid('metadata.resourceVersion', version, 'resourceVersion must be specified for an update')];
}
