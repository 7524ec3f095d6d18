import { readBody } from '../../http/body.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { othersFirst } from '../../meta/others-first.ts';
import type { StatusError } from '../../meta/status.ts';
import { type InputFormat, requestFormatOf } from '../../negotiation/content-type.ts';
import { decodeProtobufBody } from '../../negotiation/protobuf/decode.ts';
import {
  type Decoded,
  decodeObjectBody,
  decodeValue,
  type ReadingBody,
  strictDecodingError,
} from '../../schema/decode.ts';
import type { AnyResourceDefinition } from '../resource.ts';
import type { FieldValidation } from '../write-options.ts';
import type { ResourceRequest } from './resource-request.ts';

/**
 * Does what the client asked for about unknown and duplicate fields.
 * @throws StatusError in Strict validation, by default 400
 */
export function reportProblems(
  request: Pick<ResourceRequest, 'definition' | 'context'>,
  problems: readonly string[],
  validation: FieldValidation,
  refusal = (found: readonly string[]): StatusError => strictDecodingError(request.definition, found),
): void {
  if (problems.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') throw refusal(problems);
  for (const problem of problems) request.context.warn(problem);
}

async function decode(
  definition: AnyResourceDefinition,
  body: Buffer,
  format: InputFormat,
  reading: ReadingBody,
): Promise<Decoded<KubernetesObject>> {
  if (format !== 'protobuf') return await decodeObjectBody<KubernetesObject>(definition, body, format, reading);
  return decodeValue<KubernetesObject>(definition, decodeProtobufBody(body));
}

/** What it takes to read and to use a body of more bytes is noticed by others that wait. */
const longBody = 32 * 1024;

/** Reads bodies for a request: only as long as its client waits, and long ones beside the thread that answers everybody. */
export function readingOf({ services, exchange }: Pick<ResourceRequest, 'services' | 'exchange'>): ReadingBody {
  return async (body, format) => {
    const read = await services.bodies.read(body, format, exchange.abort.signal);
    exchange.audit?.requestRead(format, read.value);
    if (body.length > longBody) await othersFirst();
    return read;
  };
}

/**
 * Reads and decodes the object in a request's body.
 * @throws StatusError 400, 413 or 415
 */
export async function readObject(request: ResourceRequest, validation: FieldValidation): Promise<KubernetesObject> {
  const format = requestFormatOf(request.exchange.headers);
  const body = await readBody(request.exchange, request.services.bodyLimits);
  const { object, problems } = await decode(request.definition, body, format, readingOf(request));
  if (body.length > longBody) await othersFirst();
  reportProblems(request, problems, validation);
  return object;
}
