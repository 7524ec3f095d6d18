import { MessageWriter } from '../negotiation/protobuf/message-writer.ts';

type Json = Readonly<Record<string, unknown>>;

/** Reads the members of an object, each once, and knows which ones nobody has asked for. */
class Members {
  readonly #object: Json;
  readonly #what: string;
  readonly #left: Set<string>;

  constructor(object: unknown, what: string) {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw new Error(`${what} of the OpenAPI document is no object`);
    }
    this.#object = object as Json;
    this.#what = what;
    this.#left = new Set(Object.keys(object).filter((name) => !name.startsWith('x-')));
  }

  /** The caller knows the type, which OpenAPI says. */
  take<T>(name: string): T | undefined {
    this.#left.delete(name);
    return this.#object[name] as T | undefined;
  }

  extensions(): MessageWriter[] {
    const names = Object.keys(this.#object).filter((name) => name.startsWith('x-'));
    return names.map((name) => named(name, anything(this.#object[name])));
  }

  /** @throws Error for a member that the message has no field for */
  done(message: MessageWriter): MessageWriter {
    const [first] = this.#left;
    if (first !== undefined)
      throw new Error(`${this.#what} of the OpenAPI document has ${first}, which is not encoded`);
    return message;
  }
}

const message = () => new MessageWriter();
const named = (name: string, value: MessageWriter) => message().text(1, name).message(2, value);
/** A value of any type, as YAML, which JSON is. */
const anything = (value: unknown) => message().text(2, JSON.stringify(value));

function namedAll(members: Json | undefined, encode: (value: unknown) => MessageWriter): MessageWriter[] {
  return Object.entries(members ?? {}).map(([name, value]) => named(name, encode(value)));
}

function optional(value: unknown, encode: (value: unknown) => MessageWriter): MessageWriter | undefined {
  return value === undefined ? undefined : encode(value);
}

function additional(value: unknown): MessageWriter {
  return typeof value === 'boolean' ? message().flag(2, value) : message().message(1, schema(value));
}

function schema(value: unknown): MessageWriter {
  const from = new Members(value, 'a schema');
  const type = from.take<string | readonly string[]>('type');
  const items = from.take<unknown>('items');
  const properties = from.take<Json>('properties');
  return from.done(
    message()
      .text(1, from.take('$ref'))
      .text(2, from.take('format'))
      .text(3, from.take('title'))
      .text(4, from.take('description'))
      .message(5, optional(from.take('default'), anything))
      .double(7, from.take('maximum'))
      .double(9, from.take('minimum'))
      .integer(11, from.take('maxLength'))
      .integer(12, from.take('minLength'))
      .text(13, from.take('pattern'))
      .integer(14, from.take('maxItems'))
      .integer(15, from.take('minItems'))
      .flag(16, from.take('uniqueItems'))
      .integer(17, from.take('maxProperties'))
      .integer(18, from.take('minProperties'))
      .texts(19, from.take('required'))
      .messages(20, (from.take<readonly unknown[]>('enum') ?? []).map(anything))
      .message(21, optional(from.take('additionalProperties'), additional))
      .message(22, type === undefined ? undefined : message().texts(1, typeof type === 'string' ? [type] : type))
      .message(23, items === undefined ? undefined : message().message(1, schema(items)))
      .messages(24, (from.take<readonly unknown[]>('allOf') ?? []).map(schema))
      .message(25, properties === undefined ? undefined : message().messages(1, namedAll(properties, schema)))
      .flag(27, from.take('readOnly'))
      .messages(31, from.extensions()),
  );
}

function parameter(value: unknown): MessageWriter {
  const from = new Members(value, 'a parameter');
  const place = from.take<string>('in') ?? '';
  const [description, name] = [from.take<string>('description'), from.take<string>('name')];
  if (place === 'body') {
    const body = message()
      .text(1, description)
      .text(2, name)
      .text(3, place)
      .flag(4, from.take('required'))
      .message(5, optional(from.take('schema'), schema))
      .messages(6, from.extensions());
    return message().message(1, message().message(1, from.done(body)));
  }
  const own = message().flag(1, from.take('required')).text(2, place).text(3, description).text(4, name);
  const [type, unique] = [from.take<string>('type'), from.take<boolean>('uniqueItems')];
  // The messages of both places differ in numbers only: those of the query have one field more before the type.
  const [inPlace, typeNumber, uniqueNumber] = place === 'query' ? [3, 6, 20] : [4, 5, 19];
  if (place !== 'query' && place !== 'path') throw new Error(`a parameter in the ${place} is not encoded`);
  return message().message(
    1,
    message().message(2, message().message(inPlace, from.done(own.text(typeNumber, type).flag(uniqueNumber, unique)))),
  );
}

function response(value: unknown): MessageWriter {
  const from = new Members(value, 'a response');
  const encoded = message().text(1, from.take('description'));
  const content = from.take<unknown>('schema');
  if (content !== undefined) encoded.message(2, message().message(1, schema(content)));
  return message().message(1, from.done(encoded.messages(5, from.extensions())));
}

function operation(value: unknown): MessageWriter {
  const from = new Members(value, 'an operation');
  return from.done(
    message()
      .texts(1, from.take('tags'))
      .text(3, from.take('description'))
      .text(5, from.take('operationId'))
      .texts(6, from.take('produces'))
      .texts(7, from.take('consumes'))
      .messages(8, (from.take<readonly unknown[]>('parameters') ?? []).map(parameter))
      .message(9, message().messages(1, namedAll(from.take('responses'), response)))
      .texts(10, from.take('schemes'))
      .messages(13, from.extensions()),
  );
}

function pathItem(value: unknown): MessageWriter {
  const from = new Members(value, 'a path');
  return from.done(
    message()
      .message(2, optional(from.take('get'), operation))
      .message(3, optional(from.take('put'), operation))
      .message(4, optional(from.take('post'), operation))
      .message(5, optional(from.take('delete'), operation))
      .message(8, optional(from.take('patch'), operation))
      .messages(9, (from.take<readonly unknown[]>('parameters') ?? []).map(parameter))
      .messages(10, from.extensions()),
  );
}

function information(value: unknown): MessageWriter {
  const from = new Members(value, 'info');
  return from.done(message().text(1, from.take('title')).text(2, from.take('version')));
}

/**
 * The Swagger 2.0 document as a protobuf message (`openapi.v2.Document` of gnostic), which is how kubectl reads it: with lists of objects
 * in a file, and up to 1.28 with everything.
 * @throws Error for a member of the document that is not encoded
 */
export function openApiV2Message(document: unknown): Buffer {
  const from = new Members(document, 'the top');
  const encoded = message()
    .text(1, from.take('swagger'))
    .message(2, optional(from.take('info'), information))
    .message(8, message().messages(2, namedAll(from.take('paths'), pathItem)))
    .message(9, message().messages(1, namedAll(from.take('definitions'), schema)))
    .messages(16, from.extensions());
  return from.done(encoded).bytes();
}
