import { sendChunks } from '../../http/respond.ts';
import { statusErrors } from '../../meta/status.ts';
import { listBody } from '../../negotiation/list-body.ts';
import { contentTypes, type OutputForm } from '../../negotiation/output-form.ts';
import type { ListMetadata } from '../../negotiation/resource-encoder.ts';
import { encodeContinue } from '../continue-token.ts';
import { parseListOptions } from '../list-options.ts';
import type { ObjectList } from '../resource.ts';
import { outputFormOf } from './answer.ts';
import { groupResourceOf, type Handler, type ResourceRequest } from './resource-request.ts';

function metadataOf(list: ObjectList): ListMetadata {
  return {
    resourceVersion: String(list.revision),
    ...(list.continueAfter === undefined ? {} : { continue: encodeContinue(list.continueAfter) }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

/** Answers with a list, in chunks. */
export async function answerList(request: ResourceRequest, list: ObjectList, form: OutputForm): Promise<void> {
  const body = listBody(request.encoder, list.items, metadataOf(list), form, request.services.now());
  await sendChunks(request.exchange, 200, contentTypes[form.format], body);
}

/** GET of a collection. */
export const handleList: Handler = async (request) => {
  const { definition, target, context, info, exchange } = request;
  if (target.storage.list === undefined) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'list', definition.methodHint);
  }
  const form = outputFormOf(request, 'list');
  const options = parseListOptions(definition, info.namespace, exchange.query);
  await answerList(request, await target.storage.list(context, options), form);
};
