import { Metadata } from '@grpc/grpc-js';
import { type EvaluateFunctionResponse, responseMessage, responseTypeUrl, statusMessage } from './services.ts';

/** The trailer in which gRPC keeps the details of an error: <https://google.aip.dev/193>. */
const trailer = 'grpc-status-details-bin';
/** Most bytes of details; trailers are limited by both sides. */
const mostBytes = 24 << 10;

/** What a failed function reported, beside the error that Porch's own clients understand. Empty where it is too long. */
export function failureDetails(code: number, message: string, response: EvaluateFunctionResponse): Metadata {
  const value = responseMessage.serialize(response);
  const metadata = new Metadata();
  if (value.length > mostBytes) return metadata;
  const details = [{ typeUrl: responseTypeUrl, value }];
  // The message has a place of its own in every error.
  metadata.set(trailer, statusMessage.serialize({ code, message: message.slice(0, 200), details }));
  return metadata;
}

/** Reads those details; undefined where there are none. */
export function readFailureDetails(metadata: Metadata): EvaluateFunctionResponse | undefined {
  const [bytes] = metadata.get(trailer);
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const { details } = statusMessage.deserialize(bytes) as { details: { typeUrl: string; value: Buffer }[] };
    const found = details.find(({ typeUrl }) => typeUrl === responseTypeUrl);
    return found && (responseMessage.deserialize(found.value) as EvaluateFunctionResponse);
  } catch {
    // Details that another program wrote in another way say nothing to us; the error itself is still there.
    return undefined;
  }
}
