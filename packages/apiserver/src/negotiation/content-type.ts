import { statusErrors } from '../meta/status.ts';

/** Formats of request bodies. */
export type InputFormat = 'json' | 'yaml' | 'protobuf';

const formats: ReadonlyMap<string, InputFormat> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);

/** The media type of a Content-Type header: lower case, without parameters; empty when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * The format of a body; JSON when the client does not say.
 * @throws StatusError 415
 */
export function inputFormatOf(contentType: string | undefined): InputFormat {
  const type = mediaTypeOf(contentType);
  const format = type === '' ? 'json' : formats.get(type);
  if (format === undefined) throw statusErrors.unsupportedMediaType([...formats.keys()]);
  return format;
}
