import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';

/**
 * An object belongs to the namespace of the URL; one that names none takes it. What lies in no namespace forgets the one that it names.
 * @throws StatusError 400 when they differ
 */
export function checkNamespace(object: KubernetesObject, namespace: string, namespaced: boolean): void {
  const { metadata } = object;
  if (!namespaced) {
    delete metadata.namespace;
    return;
  }
  if (namespace === '') throw statusErrors.badRequest('an empty namespace may not be set during creation');
  metadata.namespace ||= namespace;
  if (metadata.namespace !== namespace) {
    throw statusErrors.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

/** Clients that have seen no state of an object say so with an empty resourceVersion or 0. */
export function dropUnsetVersion({ metadata }: KubernetesObject): void {
  if (metadata.resourceVersion === '' || metadata.resourceVersion === '0') delete metadata.resourceVersion;
}

/**
 * The object in the body of a PUT must be the one that the URL names.
 * @throws StatusError 400
 */
export function checkName(object: KubernetesObject, name: string): void {
  const found = object.metadata.name ?? '';
  if (found === '') {
    throw statusErrors.badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (found !== name) {
    throw statusErrors.badRequest(`the name of the object (${found}) does not match the name on the URL (${name})`);
  }
}
