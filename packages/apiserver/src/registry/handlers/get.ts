import { queryBoolean } from '../../http/request-info.ts';
import { statusErrors } from '../../meta/status.ts';
import { parseResourceVersion } from '../query-number.ts';
import { answerObject, outputFormOf } from './answer.ts';
import { groupResourceOf, type Handler, type ResourceRequest } from './resource-request.ts';

/** Waits until the server has seen what the client has. @throws StatusError 504 when that does not come about */
async function requireRevision({ target, context, info }: ResourceRequest, revision = 0): Promise<void> {
  if (revision === 0) return;
  const namespace = info.namespace === '' ? {} : { namespace: info.namespace };
  const asked = { resourceVersion: revision, resourceVersionMatch: 'NotOlderThan' } as const;
  await target.storage.list?.(context, { ...namespace, ...asked, limit: 1 });
}

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
  await requireRevision(request, parseResourceVersion(exchange.query.get('resourceVersion')));
  await answerObject(request, 200, await target.storage.get(context, info.name), form);
};
