import { type InputFormat, inputFormatOf, mediaTypeOf } from '../../negotiation/content-type.ts';
import { decodeProtobufBody } from '../../negotiation/protobuf/decode.ts';
import { readHereUpTo } from '../../schema/body-reader.ts';
import { readYaml } from '../../schema/read-yaml.ts';

function withoutManagedFields(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const object: Record<string, unknown> = { ...value };
  if (typeof object.metadata === 'object' && object.metadata !== null) {
    const { managedFields: _, ...metadata } = object.metadata as Record<string, unknown>;
    object.metadata = metadata;
  }
  if (Array.isArray(object.items)) object.items = object.items.map(withoutManagedFields);
  return object;
}

/** The format of a request's or an answer's body; patches have types of their own. */
function inputFormatOfBody(contentType: string): InputFormat {
  const type = mediaTypeOf(contentType);
  if (type.endsWith('+yaml')) return 'yaml';
  return type.endsWith('+json') ? 'json' : inputFormatOf(contentType);
}

/** Credentials in addresses are refused, but the request that has them is recorded. Looks at texts as they are meant, not as written. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/:\/\/[^\s/"'@]+@/g, '://<redacted>@');
  if (Array.isArray(value)) return value.map(withoutCredentials);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutCredentials(one)]));
}

/** YAML whose reading would hold up everybody. */
class LongYaml extends Error {
  override readonly name = 'LongYaml';
}

function decode(raw: Buffer, contentType: string): unknown {
  const format = inputFormatOfBody(contentType);
  if (format === 'protobuf') return decodeProtobufBody(raw);
  if (format === 'json') return JSON.parse(raw.toString('utf8'));
  if (raw.length > readHereUpTo.yaml) throw new LongYaml();
  return readYaml(raw).value;
}

/**
 * The object in a body, for the record; undefined where there is none. Of what cannot be read, or is YAML that takes long to be read and was
 * not read for the request itself, a note says so.
 */
export function readAuditBody(bytes: Buffer, contentType: string, omitManagedFields: boolean): unknown {
  if (bytes.length === 0) return undefined;
  try {
    const value = withoutCredentials(decode(bytes, contentType));
    return omitManagedFields ? withoutManagedFields(value) : value;
  } catch (error) {
    const why = error instanceof Error ? error.name : 'Error';
    return { kind: 'Unknown', note: `not recorded, because it cannot be read: ${why}` };
  }
}
