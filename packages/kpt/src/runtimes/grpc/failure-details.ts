import { Metadata } from '@grpc/grpc-js';
import { boundedText } from '../bounded-text.ts';
import { type EvaluateFunctionResponse, responseMessage, responseTypeUrl, statusMessage } from './services.ts';

/** The trailer in which gRPC keeps the details of an error: <https://google.aip.dev/193>. */
const trailer = 'grpc-status-details-bin';
/** Most bytes of details; trailers are limited by both sides. */
const mostBytes = 24 << 10;
/** Most bytes of the log in details that would be too long. */
const mostLogBytes = 8 << 10;

/**
 * What a failed function reported, beside the error that Porch's own clients understand. Where that is too long, the log is shortened in
 * its middle; where that is not enough, the objects are left out.
 */
export function failureDetails(code: number, message: string, response: EvaluateFunctionResponse): Metadata {
  const metadata = new Metadata();
  const value = shortest(response);
  const details = [{ typeUrl: responseTypeUrl, value }];
  // The message has a place of its own in every error.
  metadata.set(trailer, statusMessage.serialize({ code, message: message.slice(0, 200), details }));
  return metadata;
}

function shortest(response: EvaluateFunctionResponse): Buffer {
  const whole = responseMessage.serialize(response);
  if (whole.length <= mostBytes) return whole;
  const log = Buffer.from(boundedText(response.log.toString(), mostLogBytes));
  const shortened = responseMessage.serialize({ ...response, log });
  return shortened.length <= mostBytes ? shortened : responseMessage.serialize({ resourceList: Buffer.alloc(0), log });
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
