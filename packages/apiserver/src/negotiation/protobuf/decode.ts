import { statusErrors } from '../../meta/status.ts';
import { messageTypeOf } from './kinds.ts';
import { decodeMessage, type MessageType } from './message.ts';
import { readFields, WireError } from './wire.ts';

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

const typeMeta: MessageType = {
  fields: { 1: { name: 'apiVersion', type: 'string' }, 2: { name: 'kind', type: 'string' } },
};

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/** The outer message: type (1), the object's own bytes (2) and how those are encoded (3), which nobody uses. */
function openEnvelope(body: Buffer): Envelope {
  const fields = new Map<number, bigint | Buffer>();
  for (const { number, value } of readFields(body.subarray(magic.length))) fields.set(number, value);
  const bytes = (number: number): Buffer => {
    const value = fields.get(number) ?? Buffer.alloc(0);
    if (typeof value === 'bigint') throw new WireError('the envelope holds a number where bytes are expected');
    return value;
  };
  if (bytes(3).length > 0)
    throw new WireError(`the content encoding ${JSON.stringify(bytes(3).toString())} is not supported`);
  const { apiVersion, kind } = decodeMessage(typeMeta, bytes(1)) as { apiVersion?: string; kind?: string };
  return { apiVersion: apiVersion ?? '', kind: kind ?? '', raw: bytes(2) };
}

/**
 * Decodes a body in Kubernetes' protobuf envelope into the value its JSON form would have.
 * @throws StatusError 400 for what is no such message, 415 for a kind that is not accepted in this form
 */
export function decodeProtobufBody(body: Buffer): Record<string, unknown> {
  if (!body.subarray(0, magic.length).equals(magic)) {
    throw statusErrors.badRequest('the request body is not in Kubernetes protobuf form: it does not begin with k8s\\0');
  }
  try {
    const { apiVersion, kind, raw } = openEnvelope(body);
    const type = messageTypeOf(apiVersion, kind);
    if (type === undefined) throw statusErrors.unsupportedMediaType(['application/json', 'application/yaml']);
    return { apiVersion, kind, ...decodeMessage(type, raw) };
  } catch (error) {
    if (error instanceof WireError) {
      throw statusErrors.badRequest(`the request body is not a valid protobuf message: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
