import { readBody } from '../../http/body.ts';
import { statusErrors } from '../../meta/status.ts';
import { mediaTypeOf } from '../../negotiation/content-type.ts';
import { patchMediaTypes } from '../../schema/openapi-operations.ts';
import { parseWriteOptions } from '../write-options.ts';
import { answerObject, outputFormOf } from './answer.ts';
import { updateOrCreate } from './apply.ts';
import { patchMechanism } from './patch-mechanisms.ts';
import { groupResourceOf, type Handler } from './resource-request.ts';

/** PATCH of one object. The Content-Type says in which of the ways. */
export const handlePatch: Handler = async (request) => {
  const { definition, target, context, info, exchange, services } = request;
  if (target.storage.update === undefined || !info.nameInPath) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'patch', definition.methodHint);
  }
  const form = outputFormOf(request, 'object');
  const mechanism = patchMechanism(definition, mediaTypeOf(exchange.headers['content-type']));
  if (mechanism === undefined) throw statusErrors.unsupportedMediaType(patchMediaTypes(definition));
  const options = parseWriteOptions('PatchOptions', exchange.query, exchange.userAgent, mechanism.isApply);
  const body = await readBody(exchange, services.bodyLimits);
  const update = await mechanism.prepare(request, body, options);
  const { object, created } = mechanism.isApply
    ? await updateOrCreate(request, update, options)
    : await target.storage.update(context, info.name, update, options);
  await answerObject(request, created ? 201 : 200, object, form);
};
