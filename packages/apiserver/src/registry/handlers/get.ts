import { queryBoolean } from '../../http/request-info.ts';
import { statusErrors } from '../../meta/status.ts';
import { parseResourceVersion } from '../query-number.ts';
import { answerObject, outputFormOf } from './answer.ts';
import { groupResourceOf, type Handler } from './resource-request.ts';

/** GET of one object. */
export const handleGet: Handler = async (request) => {
  const { definition, target, context, info, exchange } = request;
  if (target.storage.get === undefined) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'get', definition.methodHint);
  }
  const form = outputFormOf(request, 'object');
  if (queryBoolean(exchange.query, 'export')) {
    throw statusErrors.badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  }
  parseResourceVersion(exchange.query.get('resourceVersion'));
  await answerObject(request, 200, await target.storage.get(context, info.name), form);
};
