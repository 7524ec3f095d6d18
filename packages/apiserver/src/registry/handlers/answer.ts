import { sendBytes } from '../../http/respond.ts';
import { contentTypes, negotiateOutput, type OutputForm, type OutputTarget } from '../../negotiation/output-form.ts';
import { encodeAnswer } from '../../negotiation/resource-encoder.ts';
import type { ServedObject } from '../../storage/served-object.ts';
import type { ResourceRequest } from './resource-request.ts';

/**
 * The form the client wants its answer in; chosen before any work is done.
 * @throws StatusError 406
 */
export function outputFormOf(request: ResourceRequest, target: OutputTarget): OutputForm {
  const { headers, query, userAgent } = request.exchange;
  return negotiateOutput(headers.accept, target, query, userAgent);
}

/** Answers with one object. */
export async function answerObject(
  request: ResourceRequest,
  status: 200 | 201 | 202,
  object: ServedObject,
  form: OutputForm,
): Promise<void> {
  request.exchange.audit?.object(object.key.name, object.uid, object.revision);
  const body = encodeAnswer(request.encoder, object, form, request.services.now());
  await sendBytes(request.exchange, status, contentTypes[form.format], body);
}
