import { copyJson } from '../../meta/copy-json.ts';
import { type FieldError, fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { Turns } from '../../meta/turns.ts';
import { validateObjectMetaUpdate } from '../../meta/validate-metadata.ts';
import { modifiedSince, preconditionFailed } from '../preconditions.ts';
import { type FieldRecord, setManagedFields } from './field-record.ts';
import { keepOwnersOnce } from './owners-once.ts';
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
    if (old.metadata[field] !== undefined) Object.assign(metadata, { [field]: copyJson(old.metadata[field]) });
  }
  if (old.metadata.uid !== undefined) metadata.uid = old.metadata.uid;
}

/**
 * A uid in the wanted state says which object is meant: not another one of the same name. In a patch it is a field that cannot
 * change, and controllers take the 422 to mean that their object is gone.
 */
function checkUid(request: ResourceRequest, object: KubernetesObject, old: KubernetesObject): void {
  const wanted = object.metadata.uid ?? '';
  const found = old.metadata.uid ?? '';
  if (wanted === '' || wanted === found) return;
  if (request.info.verb === 'patch') {
    const kind = groupKindOf(request.definition);
    throw statusErrors.invalid(kind, request.info.name, [isImmutable('metadata.uid', wanted)]);
  }
  const cause = preconditionFailed('UID', wanted, found);
  throw statusErrors.conflict(groupResourceOf(request.definition), request.info.name, cause);
}

const isImmutable = (field: string, value: unknown): FieldError =>
  fieldError.invalid(field, value, 'field is immutable');

/** An object is deleted by DELETE, and nothing takes that back: writes that try either are not to be taken for successes. */
function deletionErrors({ metadata }: KubernetesObject, old: KubernetesObject): FieldError[] {
  return (['deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    .filter((field) => metadata[field] !== undefined && metadata[field] !== old.metadata[field])
    .map((field) => isImmutable(`metadata.${field}`, metadata[field]));
}

/** A PUT says which state it replaces, unless the resource allows otherwise. */
function versionErrors(request: ResourceRequest, object: KubernetesObject): FieldError[] {
  const found = object.metadata.resourceVersion ?? '';
  if (found !== '' || request.target.strategy.allowUnconditionalUpdate === true) return [];
  return [fieldError.required('metadata.resourceVersion', 'resourceVersion must be specified for an update')];
}

/** Comes before anything that could be found wrong: a client that has not seen the newest state is to look at it and try again. */
function checkVersion(request: ResourceRequest, object: KubernetesObject, old: KubernetesObject): void {
  const wanted = object.metadata.resourceVersion ?? '';
  const found = old.metadata.resourceVersion ?? '';
  if (wanted === '' || found === '' || wanted === found) return;
  throw statusErrors.conflict(groupResourceOf(request.definition), request.info.name, modifiedSince);
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
export async function updatedObject(
  request: ResourceRequest,
  object: KubernetesObject,
  old: KubernetesObject,
  record: FieldRecord,
): Promise<KubernetesObject> {
  const turns = new Turns();
  const { definition, target, context, services, info } = request;
  const kind = groupKindOf(definition);
  checkUid(request, object, old);
  const missing = versionErrors(request, object);
  if (missing.length > 0) throw statusErrors.invalid(kind, info.name, missing, services.validationCode);
  checkVersion(request, object, old);
  const { managedFields: sent } = object.metadata;
  const deletion = deletionErrors(object, old);
  keepServerFields(object, old);
  keepOwnersOnce(context, object);
  const own = strategyErrors(request, object, old);
  const metadata = [...deletion, ...validateObjectMetaUpdate(object.metadata, old.metadata)];
  if (metadata.length + own.length > 0) {
    const code = own.length > 0 ? services.validationCode : 422;
    throw statusErrors.invalid(kind, info.name, [...metadata, ...own], code);
  }
  target.strategy.canonicalize?.(object);
  if (turns.over) await turns.next();
  setManagedFields(object, record.ofUpdated(old, object, sent));
  for (const text of target.strategy.warnings?.(context, object, old) ?? []) context.warn(text);
  return object;
}
