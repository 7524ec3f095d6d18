import { isJsonObject, type JsonObject } from './json-types.ts';

/** A schema that cannot be used, or that takes too much work. */
export class SchemaError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SchemaError';
  }
}

/** A document that schemas are in, and where its references lead. */
export interface SchemaDocument {
  readonly content: unknown;
  /** How messages call it. */
  readonly title: string;
  /** Another document, by what a reference in this one calls it; undefined where there is none. */
  readonly open: (name: string) => SchemaDocument | undefined;
}

/** A schema and the document that it is in. */
export interface SchemaPlace {
  readonly schema: unknown;
  readonly document: SchemaDocument;
}

/**
 * What a `$ref` stands for.
 *
 * @throws SchemaError where there is no such schema
 */
export function followReference(reference: string, from: SchemaDocument): SchemaPlace {
  const [name = '', pointer = ''] = reference.split('#', 2);
  const document = name === '' ? from : from.open(name);
  const missing = () => new SchemaError(`${from.title}: reference ${JSON.stringify(reference)} leads nowhere`);
  if (document === undefined) throw missing();
  let schema: unknown = document.content;
  for (const part of pointer.split('/').slice(1)) {
    const key = unescape(part);
    const parent: JsonObject | undefined = isJsonObject(schema) ? schema : undefined;
    if (Array.isArray(schema) && /^\d+$/.test(key)) schema = schema[Number(key)];
    else if (parent !== undefined && Object.hasOwn(parent, key)) schema = parent[key];
    else throw missing();
  }
  return { schema, document };
}

/** A part of a JSON pointer as it is meant. */
function unescape(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part; // a percent sign that begins no escape stands for itself
  }
}
