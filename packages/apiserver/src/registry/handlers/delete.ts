import { statusErrors } from '../../meta/status.ts';
import { parseListOptions } from '../list-options.ts';
import { answerDeleted, answerObject, outputFormOf } from './answer.ts';
import { readDeleteOptions } from './delete-body.ts';
import { answerList } from './list.ts';
import { groupResourceOf, type Handler } from './resource-request.ts';

/** DELETE of one object; the answer is the object as it waits for its finalizers, or as its kind says for one that is gone. */
export const handleDelete: Handler = async (request) => {
  const { definition, target, context, info } = request;
  if (target.storage.delete === undefined) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'delete', definition.methodHint);
  }
  const form = outputFormOf(request, 'object');
  const options = await readDeleteOptions(request);
  const { object, pending } = await target.storage.delete(context, info.name, options);
  if (!pending && definition.showsDeleted !== true) {
    await answerDeleted(request, object, form);
    return;
  }
  // As Kubernetes answers: 202 only where dependents are to be deleted and the object waits.
  await answerObject(request, pending && options.orphanDependents === false ? 202 : 200, object, form);
};

/** DELETE of a collection; the answer lists what was deleted. */
export const handleDeleteCollection: Handler = async (request) => {
  const { definition, target, context, info, exchange } = request;
  if (target.storage.deleteCollection === undefined) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'deletecollection', definition.methodHint);
  }
  const form = outputFormOf(request, 'list');
  const list = parseListOptions(definition, info.namespace, exchange.query);
  const options = await readDeleteOptions(request);
  await answerList(request, await target.storage.deleteCollection(context, list, options), form);
};
