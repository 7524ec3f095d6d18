import { copyJson } from '../../meta/copy-json.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { preconditionFailed } from '../preconditions.ts';
import { parseWriteOptions } from '../write-options.ts';
import { answerObject, outputFormOf } from './answer.ts';
import { type FieldRecord, recordOfUpdates } from './field-record.ts';
import { readObject } from './input.ts';
import { newObject } from './new-object.ts';
import { checkName, checkNamespace, dropUnsetVersion } from './object-identity.ts';
import { requireCreate } from './require-create.ts';
import { groupResourceOf, type Handler, type ResourceRequest } from './resource-request.ts';
import { updatedObject } from './updated-object.ts';

/**
 * Takes the state that a client wants through the strategy, as an update or, where that is allowed, as a creation.
 * @throws StatusError
 */
export function throughStrategy(
  request: ResourceRequest,
  wanted: KubernetesObject,
  current: KubernetesObject | undefined,
  record: FieldRecord,
): Promise<KubernetesObject> | KubernetesObject {
  if (current !== undefined) return updatedObject(request, wanted, current, record);
  const resource = groupResourceOf(request.definition);
  if (request.target.strategy.allowCreateOnUpdate !== true) throw statusErrors.notFound(resource, request.info.name);
  // Whoever names a uid has seen the object: it is gone, and not to come back as another one.
  const { uid = '' } = wanted.metadata;
  if (uid !== '') throw statusErrors.conflict(resource, request.info.name, preconditionFailed('UID', uid, ''));
  return newObject(request, wanted, record);
}

/** PUT of one object. */
export const handleUpdate: Handler = async (request) => {
  const { definition, target, context, info, exchange } = request;
  if (target.storage.update === undefined || !info.nameInPath) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'update', definition.methodHint);
  }
  const form = outputFormOf(request, 'object');
  const options = parseWriteOptions('UpdateOptions', exchange.query, exchange.userAgent);
  const wanted = await readObject(request, options.fieldValidation);
  checkName(wanted, info.name);
  checkNamespace(wanted, info.namespace, definition.namespaced);
  dropUnsetVersion(wanted);
  const record = recordOfUpdates(request, options);
  const update = async (current: KubernetesObject | undefined): Promise<KubernetesObject> => {
    if (current === undefined && target.strategy.allowCreateOnUpdate === true) await requireCreate(request);
    return throughStrategy(request, copyJson(wanted), current, record);
  };
  const { object, created } = await target.storage.update(context, info.name, update, options);
  await answerObject(request, created ? 201 : 200, object, form);
};
