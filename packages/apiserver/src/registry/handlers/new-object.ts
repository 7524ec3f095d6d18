import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { validateObjectMeta } from '../../meta/validate-metadata.ts';
import { groupKindOf, type ResourceRequest } from './resource-request.ts';

/** Removes what only the server may say of a new object. */
function wipeServerFields(object: KubernetesObject): void {
  const { metadata } = object;
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  delete metadata.selfLink;
  delete metadata.managedFields;
  delete metadata.resourceVersion;
}

/**
 * Takes a decoded object through everything that comes before its storage: fields of the server are wiped, then the
 * strategy prepares, validates and normalises it. The object is changed in place and returned.
 * @throws StatusError for what is refused
 */
export function newObject(request: ResourceRequest, object: KubernetesObject): KubernetesObject {
  const { definition, target, context, services } = request;
  const { strategy } = target;
  wipeServerFields(object);
  strategy.prepareForCreate?.(context, object);
  const nameless = definition.composesNames === true;
  const metadata = validateObjectMeta(object.metadata, {
    namespaced: definition.namespaced,
    ...(definition.nameErrors === undefined ? {} : { nameErrors: definition.nameErrors }),
  }).filter((error) => !(nameless && error.type === 'FieldValueRequired' && error.field === 'metadata.name'));
  const own = strategy.validate?.(context, object) ?? [];
  if (metadata.length + own.length > 0) {
    const code = own.length > 0 ? services.validationCode : 422;
    const name = object.metadata.name ?? object.metadata.generateName ?? '';
    throw statusErrors.invalid(groupKindOf(definition), name, [...metadata, ...own], code);
  }
  strategy.canonicalize?.(object);
  for (const text of strategy.warnings?.(context, object, undefined) ?? []) context.warn(text);
  return object;
}
