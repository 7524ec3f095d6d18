import { type FieldError, fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { validateObjectMetaUpdate } from '../../meta/validate-metadata.ts';
import { type FieldRecord, setManagedFields } from './field-record.ts';
import { groupKindOf, groupResourceOf, type ResourceRequest } from './resource-request.ts';

const serverFields = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
] as const;

/** Carries over what clients cannot change and often leave out. */
function keepServerFields(object: KubernetesObject, old: KubernetesObject): void {
  const { metadata } = object;
  delete metadata.selfLink;
  for (const field of serverFields) {
    delete metadata[field];
    if (old.metadata[field] !== undefined) Object.assign(metadata, { [field]: structuredClone(old.metadata[field]) });
  }
  if (old.metadata.uid !== undefined) metadata.uid = old.metadata.uid;
}

/** A uid in the wanted state says which object is meant: not another one of the same name. */
function checkUid(request: ResourceRequest, object: KubernetesObject, old: KubernetesObject): void {
  const wanted = object.metadata.uid ?? '';
  const found = old.metadata.uid ?? '';
  if (wanted === '' || wanted === found) return;
  const cause = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
  throw statusErrors.conflict(groupResourceOf(request.definition), request.info.name, cause);
}

/** A PUT says which state it replaces, unless the resource allows otherwise. */
function versionErrors(request: ResourceRequest, object: KubernetesObject): FieldError[] {
  const found = object.metadata.resourceVersion ?? '';
  if ((found !== '' && found !== '0') || request.target.strategy.allowUnconditionalUpdate === true) return [];
  return [fieldError.required('metadata.resourceVersion', 'resourceVersion must be specified for an update')];
}

function strategyErrors(
  request: ResourceRequest,
  object: KubernetesObject,
  old: KubernetesObject,
): readonly FieldError[] {
  const { strategy, status } = request.target;
  if (status) {
    strategy.prepareForStatusUpdate?.(request.context, object, old);
    return strategy.validateStatusUpdate?.(request.context, object, old) ?? [];
  }
  strategy.prepareForUpdate?.(request.context, object, old);
  return strategy.validateUpdate?.(request.context, object, old) ?? [];
}

/**
 * Takes the wanted state of an existing object through the strategy. `object` is changed in place and returned.
 * @throws StatusError for what is refused
 */
export function updatedObject(
  request: ResourceRequest,
  object: KubernetesObject,
  old: KubernetesObject,
  record: FieldRecord,
): KubernetesObject {
  const { definition, target, context, services, info } = request;
  const kind = groupKindOf(definition);
  checkUid(request, object, old);
  const missing = versionErrors(request, object);
  if (missing.length > 0) throw statusErrors.invalid(kind, info.name, missing, services.validationCode);
  const { managedFields: sent } = object.metadata;
  keepServerFields(object, old);
  const own = strategyErrors(request, object, old);
  const metadata = validateObjectMetaUpdate(object.metadata, old.metadata);
  if (metadata.length + own.length > 0) {
    const code = own.length > 0 ? services.validationCode : 422;
    throw statusErrors.invalid(kind, info.name, [...metadata, ...own], code);
  }
  target.strategy.canonicalize?.(object);
  setManagedFields(object, record.ofUpdated(old, object, sent));
  for (const text of target.strategy.warnings?.(context, object, old) ?? []) context.warn(text);
  return object;
}
