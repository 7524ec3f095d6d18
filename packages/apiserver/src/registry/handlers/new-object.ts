import { fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { validateObjectMeta } from '../../meta/validate-metadata.ts';
import { type FieldRecord, setManagedFields } from './field-record.ts';
import { keepOwnersOnce } from './owners-once.ts';
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

/** Where the server makes names itself, an object that is looked for under another name would never be found. */
function checkComposedName(request: ResourceRequest, object: KubernetesObject, name: string): void {
  const composed = object.metadata.name;
  if (composed === undefined || composed === name) return;
  throw statusErrors.invalid(
    groupKindOf(request.definition),
    name,
    [
      fieldError.invalid(
        'metadata.name',
        name,
        `the server makes the name of this object from its contents; to apply it, name it ${JSON.stringify(composed)}`,
      ),
    ],
    400,
  );
}

/**
 * Takes a decoded object through everything that comes before its storage: fields of the server are wiped, then the
 * strategy prepares, validates and normalises it. The object is changed in place and returned. `wantedName`: the name that the
 * object must get.
 * @throws StatusError for what is refused
 */
export function newObject(
  request: ResourceRequest,
  object: KubernetesObject,
  record: FieldRecord,
  wantedName?: string,
): KubernetesObject {
  const { definition, target, context, services } = request;
  const { strategy } = target;
  wipeServerFields(object);
  keepOwnersOnce(context, object);
  const asked = target.ownership.fieldsOf(object);
  strategy.prepareForCreate?.(context, object);
  if (wantedName !== undefined) checkComposedName(request, object, wantedName);
  const metadata = validateObjectMeta(object.metadata, {
    namespaced: definition.namespaced,
    nameOptional: definition.composesNames === true,
    ...(definition.nameErrors === undefined ? {} : { nameErrors: definition.nameErrors }),
  });
  const own = strategy.validate?.(context, object) ?? [];
  if (metadata.length + own.length > 0) {
    const code = own.length > 0 ? services.validationCode : 422;
    const name = object.metadata.name ?? object.metadata.generateName ?? '';
    throw statusErrors.invalid(groupKindOf(definition), name, [...metadata, ...own], code);
  }
  strategy.canonicalize?.(object);
  setManagedFields(object, record.ofNew(asked, object));
  for (const text of strategy.warnings?.(context, object, undefined) ?? []) context.warn(text);
  return object;
}
