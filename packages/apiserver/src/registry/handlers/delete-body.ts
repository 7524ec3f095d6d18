import { readBody } from '../../http/body.ts';
import { apiVersionOf } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { type InputFormat, inputFormatOf } from '../../negotiation/content-type.ts';
import { decodeProtobufBody } from '../../negotiation/protobuf/decode.ts';
import { DecodeError } from '../../schema/decoding.ts';
import { readJson } from '../../schema/read-json.ts';
import { readYaml } from '../../schema/read-yaml.ts';
import { parseDeleteOptions } from '../delete-options.ts';
import type { DeleteOptions } from '../resource.ts';
import type { ResourceRequest } from './resource-request.ts';

/** DeleteOptions are a few fields; nothing longer is read. */
const maxOptionsBytes = 64 * 1024;

function readOptions(body: Buffer, format: 'json' | 'yaml'): unknown {
  try {
    return (format === 'yaml' ? readYaml(body) : readJson(body)).value;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw statusErrors.badRequest(`the DeleteOptions cannot be read: ${error.message}`, { cause: error });
  }
}

function decodeOptions(body: Buffer, format: InputFormat): Record<string, unknown> {
  if (format === 'protobuf') return decodeProtobufBody(body);
  const value = readOptions(body, format);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw statusErrors.badRequest('the DeleteOptions in the body must be an object');
  }
  return { ...value };
}

/**
 * The options of a DELETE, from its body or its query.
 * @throws StatusError
 */
export async function readDeleteOptions(request: ResourceRequest): Promise<DeleteOptions> {
  const { exchange, definition, services } = request;
  const { maxBodyBytes, bodyIdleMs } = services.bodyLimits;
  const body = await readBody(exchange, { maxBodyBytes: Math.min(maxOptionsBytes, maxBodyBytes), bodyIdleMs });
  const groupVersion = apiVersionOf(definition.group, definition.version);
  // What there is not may be of any type: some clients name one with every request.
  const value = body.length === 0 ? undefined : decodeOptions(body, inputFormatOf(exchange.headers['content-type']));
  return parseDeleteOptions(value, exchange.query, exchange.userAgent, groupVersion);
}
