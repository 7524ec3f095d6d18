import { posix } from 'node:path';
import { isJsonObject, type JsonObject } from '../../json-schema/json-types.ts';
import { type SchemaDocument, SchemaError } from '../../json-schema/schema-source.ts';
import type { FunctionInput } from '../function.ts';

/** Opens files with schemas, each once. */
export class SchemaFiles {
  readonly #read: NonNullable<FunctionInput['readFile']>;
  readonly #documents = new Map<string, SchemaDocument | undefined>();

  constructor(read: FunctionInput['readFile']) {
    this.#read = read ?? (() => undefined);
  }

  /**
   * The file at a path; undefined where there is none.
   *
   * @throws SchemaError for one that is no JSON
   */
  open(path: string): SchemaDocument | undefined {
    const known = this.#documents.get(path);
    if (known !== undefined || this.#documents.has(path)) return known;
    const text = this.#read(path);
    const document = text === undefined ? undefined : this.#documentOf(path, text);
    this.#documents.set(path, document);
    return document;
  }

  #documentOf(path: string, text: string): SchemaDocument {
    const title = `schema file ${JSON.stringify(path)}`;
    try {
      const content: unknown = JSON.parse(text);
      return {
        content: withQuantities(content),
        title,
        open: (name) => this.open(posix.normalize(posix.join(posix.dirname(path), name))),
      };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SchemaError(`${title} is no JSON: ${error.message}`, { cause: error });
    }
  }
}

/** The schemas of an OpenAPI document by name, and what they are kept under; undefined where it is none. */
export function openApiSchemas(content: unknown): JsonObject | undefined {
  if (!isJsonObject(content)) return undefined;
  if (content['swagger'] !== undefined && isJsonObject(content['definitions'])) return content['definitions'];
  const { components } = content;
  if (content['openapi'] === undefined || !isJsonObject(components)) return undefined;
  return isJsonObject(components['schemas']) ? components['schemas'] : undefined;
}

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

/** OpenAPI documents of Kubernetes call quantities strings, but a number is one too. */
function withQuantities(content: unknown): unknown {
  const schemas = openApiSchemas(content);
  if (schemas === undefined || !isJsonObject(content) || schemas[quantity] === undefined) return content;
  const changed = { ...schemas, [quantity]: { type: ['string', 'number'] } };
  return content['definitions'] === schemas
    ? { ...content, definitions: changed }
    : { ...content, components: { ...Object(content['components']), schemas: changed } };
}
