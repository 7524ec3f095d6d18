import type { IncomingHttpHeaders } from 'node:http';
import { type StatusError, statusErrors } from '../meta/status.ts';

/** Formats of request bodies. */
export type InputFormat = 'json' | 'yaml' | 'protobuf';

const formats: ReadonlyMap<string, InputFormat> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);

function unreadable(): StatusError {
  return statusErrors.unsupportedMediaType([...formats.keys()]);
}

/** The media type of a Content-Type header: lower case, without parameters; empty when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * The format of the body of a request; JSON when the client does not say. What comes from a page in a browser has to say it: without a
 * type, and with its certificates, a browser sends what any page wants, and never asks whether that page may.
 * @throws StatusError 415
 */
export function requestFormatOf(headers: IncomingHttpHeaders): InputFormat {
  const { origin, 'content-type': contentType } = headers;
  if (origin !== undefined && mediaTypeOf(contentType) === '') throw unreadable();
  return inputFormatOf(contentType);
}

/**
 * The format of a body of a type; JSON when there is none.
 * @throws StatusError 415
 */
export function inputFormatOf(contentType: string | undefined): InputFormat {
  const type = mediaTypeOf(contentType);
  const format = type === '' ? 'json' : formats.get(type);
  if (format === undefined) throw unreadable();
  return format;
}
