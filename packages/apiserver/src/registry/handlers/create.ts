import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { parseWriteOptions } from '../write-options.ts';
import { answerObject, outputFormOf } from './answer.ts';
import { recordOfUpdates } from './field-record.ts';
import { readObject } from './input.ts';
import { newObject } from './new-object.ts';
import { checkName, checkNamespace, dropUnsetVersion } from './object-identity.ts';
import { groupResourceOf, type Handler } from './resource-request.ts';

/** POST to an action of an object: what is created is answered, under the object's name. */
export const handleAction: Handler = async (request) => {
  const { context, info, exchange, target, definition } = request;
  if (target.storage.create === undefined) throw new Error(`${definition.kind} cannot be created`);
  const form = outputFormOf(request, 'object');
  const options = parseWriteOptions('CreateOptions', exchange.query, exchange.userAgent);
  const object: KubernetesObject = await readObject(request, options.fieldValidation);
  checkNamespace(object, info.namespace, info.namespace !== '');
  object.metadata.name ||= info.name;
  checkName(object, info.name);
  const prepared = newObject(request, object, recordOfUpdates(request, options));
  const { object: answer } = await target.storage.create(context, prepared, options);
  await answerObject(request, 201, answer, form);
};

/** POST to a collection. */
export const handleCreate: Handler = async (request) => {
  const { definition, target, context, info, exchange } = request;
  const resource = groupResourceOf(definition);
  if (target.storage.create === undefined || info.nameInPath) {
    throw statusErrors.methodNotSupported(resource, 'create', definition.methodHint);
  }
  const form = outputFormOf(request, 'object');
  const options = parseWriteOptions('CreateOptions', exchange.query, exchange.userAgent);
  const object: KubernetesObject = await readObject(request, options.fieldValidation);
  checkNamespace(object, info.namespace, definition.namespaced);
  dropUnsetVersion(object);
  if (object.metadata.resourceVersion !== undefined) {
    throw statusErrors.badRequest('resourceVersion should not be set on objects to be created');
  }
  const prepared = newObject(request, object, recordOfUpdates(request, options));
  const { object: created } = await target.storage.create(context, prepared, options);
  await answerObject(request, 201, created, form);
};
