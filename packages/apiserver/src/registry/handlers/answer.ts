import { sendBytes } from '../../http/respond.ts';
import { deletedStatus } from '../../meta/status.ts';
import { contentTypes, negotiateOutput, type OutputForm, type OutputTarget } from '../../negotiation/output-form.ts';
import { encodeAnswer } from '../../negotiation/resource-encoder.ts';
import { formatJson } from '../../negotiation/text-format.ts';
import type { ServedObject } from '../../storage/served-object.ts';
import { groupResourceOf, type ResourceRequest } from './resource-request.ts';

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
  const { exchange, encoder, services } = request;
  exchange.audit?.object(object.key.name, object.uid, object.revision);
  if (form.format === 'yaml' && exchange.audit?.wantsResponse === true) {
    exchange.audit.response(
      encodeAnswer(encoder, object, { ...form, format: 'json' }, services.now()),
      contentTypes.json,
    );
  }
  const body = encodeAnswer(encoder, object, form, services.now());
  await sendBytes(exchange, status, contentTypes[form.format], body);
}

/** Answers with what is left to say of an object that is gone. Like any Status, it is sent as it is to those who want a table. */
export async function answerDeleted(
  request: ResourceRequest,
  object: ServedObject,
  { format, pretty }: OutputForm,
): Promise<void> {
  const { exchange, definition } = request;
  exchange.audit?.object(object.key.name, object.uid, object.revision);
  const compact = JSON.stringify(deletedStatus(groupResourceOf(definition), object.key.name, object.uid));
  const body = Buffer.from(format === 'json' && !pretty ? compact : formatJson(compact, format));
  await sendBytes(exchange, 200, contentTypes[format], body);
}
