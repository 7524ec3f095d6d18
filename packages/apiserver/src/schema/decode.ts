import { isObject } from '../meta/json-object.ts';
import { apiVersionOf, droppedWhenEmpty, type KubernetesObject } from '../meta/object.ts';
import { type StatusError, statusErrors } from '../meta/status.ts';
import type { ResourceDefinition } from '../registry/resource.ts';
import type { BodyFormat } from './body-reader.ts';
import { compile, type Decoder } from './decoder.ts';
import { DecodeError, Decoding } from './decoding.ts';
import { dropEmpty } from './drop-empty.ts';
import { type JsonSchema, jsonSchema } from './json-schema.ts';
import { objectMetaSchema } from './metadata-schema.ts';
import { type ReadValue, readJson, requireBody } from './read-json.ts';
import { readYaml } from './read-yaml.ts';

/** What decoding needs to know of a resource. */
export type DecodedKind<T extends KubernetesObject> = Pick<
  ResourceDefinition<T>,
  'group' | 'version' | 'kind' | 'schema' | 'default'
>;

/** An object, and what was wrong with what it was decoded from. */
export interface Decoded<T> {
  readonly object: T;
  /** What strict decoding refuses, in the words of Kubernetes: `unknown field "spec.foo"`, `duplicate field "spec.x"`. */
  readonly problems: string[];
}

type Identity = Pick<ResourceDefinition, 'group' | 'version' | 'kind'>;

// Only remembers what `compile` gives for a schema, so nothing depends on who asked first.
const decoders = new WeakMap<object, Decoder>();

function decoderOf(schema: JsonSchema): Decoder {
  const known = decoders.get(schema);
  if (known !== undefined) return known;
  const decoder = compile({
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: jsonSchema(objectMetaSchema),
      ...schema.properties,
    },
    required: ['metadata', ...(schema.required ?? [])],
  });
  decoders.set(schema, decoder);
  return decoder;
}

function cannotBeHandled(kind: string, definition: Identity, cause: string, options?: ErrorOptions): StatusError {
  const { version, kind: wanted } = definition;
  return statusErrors.badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${wanted}: ${cause}`,
    options,
  );
}

/** The answer to a request with `fieldValidation=Strict` whose object has problems. */
export function strictDecodingError(definition: Identity, problems: readonly string[]): StatusError {
  return cannotBeHandled(definition.kind, definition, `strict decoding error: ${problems.join(', ')}`);
}

/**
 * A value with what it is: what it says, or else what the URL says, which is enough for many typed clients.
 * @throws StatusError 400
 */
function identified(value: unknown, definition: Identity, stated: boolean): Record<string, unknown> {
  const { kind, group, version } = definition;
  const apiVersion = apiVersionOf(group, version);
  if (!isObject(value)) {
    throw statusErrors.badRequest(
      `the object provided is unrecognized (must be of type ${kind}): the body must be an object`,
    );
  }
  const identity = { apiVersion, kind };
  for (const [field, wanted] of [
    ['kind', kind],
    ['apiVersion', apiVersion],
  ] as const) {
    const found = Object.hasOwn(value, field) ? value[field] : undefined;
    if (found === undefined || found === null || found === '') {
      if (!stated) continue;
      throw statusErrors.badRequest(
        `the object provided is unrecognized (must be of type ${kind}): ${field} is missing, set it to ${JSON.stringify(wanted)}`,
      );
    }
    if (typeof found !== 'string') throw cannotBeHandled(kind, definition, `field "${field}": want a string`);
    identity[field] = found;
  }
  if (identity.apiVersion !== apiVersion) {
    throw statusErrors.badRequest(
      `the API version in the data (${identity.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (identity.kind !== kind) {
    throw cannotBeHandled(identity.kind, definition, `kind must be ${JSON.stringify(kind)} here`);
  }
  return { ...value, ...identity };
}

/** How a value is decoded. */
interface Mode {
  /** Whether defaults and zero values are filled in, and what says nothing is left out. */
  readonly completes: boolean;
  /** Whether kind and apiVersion have to be there. */
  readonly stated: boolean;
}

const inRequest: Mode = { completes: true, stated: false };
const byItself: Mode = { completes: true, stated: true };
const asApplied: Mode = { completes: false, stated: true };

function decodeRead<T extends KubernetesObject>(
  definition: DecodedKind<T>,
  read: ReadValue,
  { completes, stated }: Mode,
): Decoded<T> {
  const { problems } = read;
  const value = identified(read.value, definition, stated);
  const decoding = new Decoding(completes);
  try {
    const { apiVersion, kind, metadata, ...rest } = decoderOf(jsonSchema(definition.schema)).decode(
      value,
      decoding,
    ) as Record<string, unknown>;
    // The decoder has checked the value against the schema that T is derived from.
    const object = { apiVersion, kind, metadata: metadata ?? {}, ...rest } as unknown as T;
    if (completes) {
      dropEmpty(object.metadata, droppedWhenEmpty);
      definition.default?.(object);
    }
    return { object, problems: [...decoding.problems, ...problems] };
  } catch (error) {
    if (error instanceof DecodeError)
      throw cannotBeHandled(definition.kind, definition, error.message, { cause: error });
    throw error;
  }
}

/**
 * Decodes an object of a request that is already parsed, such as a patched one. Kind and apiVersion may be left to the URL.
 *
 * @throws StatusError 400 for another kind, and for values of the wrong type
 */
export function decodeValue<T extends KubernetesObject>(definition: DecodedKind<T>, value: unknown): Decoded<T> {
  return decodeRead(definition, { value, problems: [] }, inRequest);
}

/**
 * Decodes an object that stands by itself, such as a file. Fields that the schema does not have are dropped and reported, a null is
 * an absent field (where the schema has no null), demanded fields that are missing get their type's zero value as in Go, then the
 * schema's defaults and the definition's apply, and metadata loses empty lists and maps. Values of enumerations, lengths and patterns
 * are for validation, not for decoding.
 *
 * @throws StatusError 400 for what is no JSON or YAML, another kind, and values of the wrong type
 */
export function decodeObject<T extends KubernetesObject>(
  definition: DecodedKind<T>,
  body: Buffer,
  format: BodyFormat,
): Decoded<T> {
  return decodeRead(definition, readBody(definition.kind, body, format), byItself);
}

/**
 * Has a body read, here or elsewhere.
 * @throws DecodeError
 */
export type ReadingBody = (body: Buffer, format: BodyFormat) => Promise<ReadValue>;

/**
 * Decodes the body of a request. Like `decodeObject`, but kind and apiVersion may be left to the URL.
 * @throws StatusError as `decodeObject`
 */
export async function decodeObjectBody<T extends KubernetesObject>(
  definition: DecodedKind<T>,
  body: Buffer,
  format: BodyFormat,
  reading: ReadingBody,
): Promise<Decoded<T>> {
  const read = await readRecognized(definition.kind, body, () => reading(body, format));
  return decodeRead(definition, read, inRequest);
}

/**
 * Decodes the configuration in the body of a server-side apply. Like `decodeObject`, but what is not said stays unsaid: no defaults
 * and no zero values, and a null stays, which says that the field is to be absent; kind and apiVersion have to be said. JSON is YAML, too.
 *
 * @throws StatusError 400 for what is no YAML, another kind, and values of the wrong type
 */
export async function decodeAppliedBody<T extends KubernetesObject>(
  definition: DecodedKind<T>,
  body: Buffer,
  reading: ReadingBody,
): Promise<Decoded<T>> {
  const read = await readRecognized(
    definition.kind,
    body,
    async () => (await readIfJson(body, reading)) ?? (await reading(body, 'yaml')),
  );
  return decodeRead(definition, read, asApplied);
}

const openingBrace = 0x7b;

/** Most clients send JSON, which is read much faster as what it is. */
async function readIfJson(body: Buffer, reading: ReadingBody): Promise<ReadValue | undefined> {
  if (body[0] !== openingBrace) return undefined;
  try {
    return await reading(body, 'json');
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function unrecognized(kind: string, error: unknown): unknown {
  if (!(error instanceof DecodeError)) return error;
  return statusErrors.badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error.message}`, {
    cause: error,
  });
}

function readBody(kind: string, body: Buffer, format: BodyFormat): ReadValue {
  try {
    requireBody(body);
    return format === 'json' ? readJson(body) : readYaml(body);
  } catch (error) {
    throw unrecognized(kind, error);
  }
}

async function readRecognized(kind: string, body: Buffer, read: () => Promise<ReadValue>): Promise<ReadValue> {
  try {
    requireBody(body);
    return await read();
  } catch (error) {
    throw unrecognized(kind, error);
  }
}
