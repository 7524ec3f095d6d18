import { RE2JS, RE2JSException } from 're2js';
import { hasFormat } from './formats.ts';
import { isJsonObject, isOfType, type JsonObject, jsonTypeOf, sameJson, showJson, showTypes } from './json-types.ts';
import { isMultipleOf } from './multiples.ts';
import { metadataFields, resourceFields } from './resource-fields.ts';
import { followReference, type SchemaDocument, SchemaError, type SchemaPlace } from './schema-source.ts';

/** One way in which a value is not as its schema wants it. */
export interface Violation {
  /** Keys and positions from the root of the value. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** How strictly values are held against schemas. */
export interface ValidationOptions {
  /** Whether fields that a schema with properties does not name are violations. */
  readonly strict: boolean;
  /** Whether a field that is not required may be null, as Kubernetes has it for its own kinds. */
  readonly optionalMayBeNull?: boolean;
}

/** Most schemas that one value is held against, so that none of a few lines can keep a thread busy for minutes. */
const mostSteps = 2_000_000;
/** How deep schemas and values may be nested. */
const mostDepth = 300;
/** The longest regular expression. */
const mostPattern = 4096;
/** The most violations that are told of. */
const mostViolations = 1000;

type Path = readonly (string | number)[];

/**
 * Holds a value against a schema: JSON Schema as Kubernetes and OpenAPI use it, draft 4 to 2020 as far as they agree. Schemas are
 * untrusted: they are interpreted, never turned into code, their regular expressions are RE2, and their work is bounded.
 *
 * @returns what is wrong, fields before the mapping that holds them; at most 1000 violations
 * @throws SchemaError for a schema that cannot be used or takes too much work
 */
export function validateValue(value: unknown, place: SchemaPlace, options: ValidationOptions): readonly Violation[] {
  const validation = new Validation(options);
  validation.check(value, place.schema, place.document, []);
  return validation.violations.slice(0, mostViolations);
}

class Validation {
  readonly violations: Violation[] = [];
  readonly #options: ValidationOptions;
  readonly #patterns = new Map<string, RE2JS>();
  /** Schemas of the metadata of resources. */
  readonly #metadata = new WeakSet<JsonObject>();
  /** Whether the schema at hand is one that means to name all fields, and no mere condition. */
  #isStructural = true;
  #steps = 0;
  #depth = 0;

  constructor(options: ValidationOptions) {
    this.#options = options;
  }

  check(value: unknown, schema: unknown, document: SchemaDocument, path: Path, mayBeNull = false): void {
    this.#steps += 1;
    if (this.#steps > mostSteps) throw new SchemaError(`${document.title}: the schema takes too much work`);
    if (schema === false) this.#say(path, 'false schema');
    if (!isJsonObject(schema)) return;
    if (this.#depth >= mostDepth)
      throw new SchemaError(`${document.title}: the schema, or the value, is nested too deep`);
    this.#depth += 1;
    if (typeof schema['$ref'] === 'string') {
      const target = followReference(schema['$ref'], document);
      this.check(value, target.schema, target.document, path, mayBeNull);
    } else if (this.#hasType(value, schema, path, mayBeNull)) {
      this.#checkAny(value, schema, path);
      if (isJsonObject(value)) this.#checkObject(value, schema, document, path);
      else if (Array.isArray(value)) this.#checkArray(value, schema, document, path);
      else if (typeof value === 'string') this.#checkString(value, schema, document, path);
      else if (typeof value === 'number' || typeof value === 'bigint') this.#checkNumber(value, schema, path);
      this.#checkCombined(value, schema, document, path);
    }
    this.#depth -= 1;
  }

  #say(path: Path, message: string): void {
    this.violations.push({ path, message });
  }

  /** Whether a value would be fine, without telling what is wrong. */
  #fits(value: unknown, schema: unknown, document: SchemaDocument): boolean {
    const saved = this.violations.length;
    this.check(value, schema, document, []);
    const fits = this.violations.length === saved;
    this.violations.length = saved;
    return fits;
  }

  #hasType(value: unknown, schema: JsonObject, path: Path, mayBeNull: boolean): boolean {
    const types = typesOf(schema, mayBeNull);
    if (types === undefined || [...types].some((type) => isOfType(value, type))) return true;
    this.#say(path, `got ${jsonTypeOf(value)}, want ${showTypes(types)}`);
    return false;
  }

  #checkAny(value: unknown, schema: JsonObject, path: Path): void {
    const { enum: allowed, const: constant, format } = schema;
    const isNull = value === null && schema['nullable'] === true;
    if (Array.isArray(allowed) && !isNull && !allowed.some((each) => sameJson(each, value))) {
      const shown = allowed.map(showJson).join(', ');
      this.#say(path, `value must be ${allowed.length === 1 ? shown : `one of ${shown}`}`);
    }
    if (constant !== undefined && !sameJson(constant, value)) this.#say(path, `value must be ${showJson(constant)}`);
    if (typeof format === 'string' && !hasFormat(value, format)) {
      this.#say(path, `${showJson(value)} is not valid ${format}`);
    }
  }

  #checkObject(value: JsonObject, schema: JsonObject, document: SchemaDocument, path: Path): void {
    const keys = Object.keys(value);
    this.#bounds('Properties', keys.length, schema, path);
    const required = strings(schema['required']);
    const missing = required.filter((key) => !Object.hasOwn(value, key));
    if (missing.length > 0) {
      this.#say(
        path,
        `missing ${missing.length === 1 ? 'property' : 'properties'} ${missing.map(showJson).join(', ')}`,
      );
    }
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const isResource = schema['x-kubernetes-embedded-resource'] === true;
    if (isResource && isJsonObject(properties['metadata'])) this.#metadata.add(properties['metadata']);
    const patterns = isJsonObject(schema['patternProperties']) ? Object.entries(schema['patternProperties']) : [];
    const additional: string[] = [];
    for (const key of keys) {
      const matching = patterns.filter(([pattern]) => this.#pattern(pattern, document).test(key));
      if (Object.hasOwn(properties, key)) {
        const mayBeNull = this.#options.optionalMayBeNull === true && !required.includes(key);
        this.check(value[key], properties[key], document, [...path, key], mayBeNull);
      }
      for (const [, inner] of matching) this.check(value[key], inner, document, [...path, key]);
      if (!Object.hasOwn(properties, key) && matching.length === 0) additional.push(key);
      if (schema['propertyNames'] !== undefined && !this.#fits(key, schema['propertyNames'], document)) {
        this.#say(path, `invalid propertyName ${showJson(key)}`);
      }
    }
    this.#checkAdditional(value, additional, schema, document, path);
  }

  #checkAdditional(
    value: JsonObject,
    keys: readonly string[],
    schema: JsonObject,
    document: SchemaDocument,
    path: Path,
  ): void {
    const rule = schema['additionalProperties'];
    if (isJsonObject(rule)) {
      for (const key of keys) this.check(value[key], rule, document, [...path, key]);
      return;
    }
    const isComplete = this.#options.strict && this.#isStructural && namesItsFields(schema);
    const isClosed = rule === false || (rule === undefined && isComplete);
    const known = [
      ...(schema['x-kubernetes-embedded-resource'] === true ? resourceFields : []),
      ...(this.#metadata.has(schema) ? metadataFields : []),
    ];
    const unknown = keys.filter((key) => !known.includes(key));
    if (isClosed && unknown.length > 0) {
      this.#say(path, `additional properties ${unknown.map(showJson).join(', ')} not allowed`);
    }
  }

  #checkArray(value: readonly unknown[], schema: JsonObject, document: SchemaDocument, path: Path): void {
    this.#bounds('Items', value.length, schema, path);
    const tuple = [schema['prefixItems'], schema['items']].find((each) => Array.isArray(each)) ?? [];
    const rest = Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items'];
    for (const [index, item] of value.entries()) {
      this.check(item, index < tuple.length ? tuple[index] : rest, document, [...path, index]);
    }
    if (schema['uniqueItems'] === true) this.#checkUnique(value, path);
    const { contains } = schema;
    if (contains !== undefined && !value.some((item) => this.#fits(item, contains, document))) {
      this.#say(path, 'no items match contains schema');
    }
  }

  #checkUnique(value: readonly unknown[], path: Path): void {
    const seen = new Map<string, number>();
    for (const [index, item] of value.entries()) {
      const text = canonical(item);
      const first = seen.get(text);
      if (first !== undefined) {
        this.#say(path, `items at ${first} and ${index} are equal`);
        return;
      }
      seen.set(text, index);
    }
  }

  #checkString(value: string, schema: JsonObject, document: SchemaDocument, path: Path): void {
    this.#bounds('Length', [...value].length, schema, path);
    const { pattern } = schema;
    if (typeof pattern === 'string' && !this.#pattern(pattern, document).test(value)) {
      this.#say(path, `${showJson(value)} does not match pattern ${showJson(pattern)}`);
    }
  }

  #checkNumber(value: number | bigint, schema: JsonObject, path: Path): void {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    const say = (keyword: string, want: number) => this.#say(path, `${keyword}: got ${value}, want ${want}`);
    if (typeof minimum === 'number') {
      if (exclusiveMinimum === true ? value <= minimum : value < minimum) say('minimum', minimum);
    }
    if (typeof maximum === 'number') {
      if (exclusiveMaximum === true ? value >= maximum : value > maximum) say('maximum', maximum);
    }
    if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) say('exclusiveMinimum', exclusiveMinimum);
    if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) say('exclusiveMaximum', exclusiveMaximum);
    if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultipleOf(value, multipleOf)) {
      say('multipleOf', multipleOf);
    }
  }

  #checkCombined(value: unknown, schema: JsonObject, document: SchemaDocument, path: Path): void {
    const saved = this.#isStructural;
    // `allOf` with one schema and nothing beside it is how OpenAPI says something more of a reference.
    const isWrapped =
      schema['properties'] === undefined && Array.isArray(schema['allOf']) && schema['allOf'].length === 1;
    this.#isStructural &&= isWrapped;
    this.#checkConditions(value, schema, document, path);
    this.#isStructural = saved;
  }

  #checkConditions(value: unknown, schema: JsonObject, document: SchemaDocument, path: Path): void {
    const { allOf, anyOf, oneOf, not } = schema;
    const list = (of: unknown): readonly unknown[] => (Array.isArray(of) ? of : []);
    for (const each of list(allOf)) this.check(value, each, document, path);
    if (list(anyOf).length > 0 && !list(anyOf).some((each) => this.#fits(value, each, document))) {
      this.#say(path, 'anyOf failed');
    }
    if (list(oneOf).length > 0) {
      const matching = [...list(oneOf).entries()].filter(([, each]) => this.#fits(value, each, document));
      if (matching.length === 0) this.#say(path, 'oneOf failed, none matched');
      if (matching.length > 1) {
        this.#say(path, `oneOf failed, subschemas ${matching[0]?.[0]}, ${matching[1]?.[0]} matched`);
      }
    }
    if (not !== undefined && this.#fits(value, not, document)) this.#say(path, 'not failed');
    if (schema['if'] !== undefined) {
      const branch = this.#fits(value, schema['if'], document) ? schema['then'] : schema['else'];
      this.check(value, branch, document, path);
    }
    const dependencies = schema['dependencies'] ?? schema['dependentRequired'];
    if (isJsonObject(dependencies) && isJsonObject(value)) this.#checkDependencies(value, dependencies, document, path);
  }

  #checkDependencies(value: JsonObject, dependencies: JsonObject, document: SchemaDocument, path: Path): void {
    for (const [key, needed] of Object.entries(dependencies)) {
      if (!Object.hasOwn(value, key)) continue;
      if (!Array.isArray(needed)) {
        this.check(value, needed, document, path);
        continue;
      }
      const missing = strings(needed).filter((each) => !Object.hasOwn(value, each));
      if (missing.length === 0) continue;
      this.#say(path, `properties ${missing.map(showJson).join(', ')} required, if ${showJson(key)} exists`);
    }
  }

  #bounds(of: 'Properties' | 'Items' | 'Length', got: number, schema: JsonObject, path: Path): void {
    const [least, most] = [schema[`min${of}`], schema[`max${of}`]];
    if (typeof least === 'number' && got < least) this.#say(path, `min${of}: got ${got}, want ${least}`);
    if (typeof most === 'number' && got > most) this.#say(path, `max${of}: got ${got}, want ${most}`);
  }

  #pattern(pattern: string, { title }: SchemaDocument): { test: (text: string) => boolean } {
    let compiled = this.#patterns.get(pattern);
    if (compiled === undefined) {
      if (pattern.length > mostPattern)
        throw new SchemaError(`${title}: a pattern is longer than ${mostPattern} characters`);
      try {
        compiled = RE2JS.compile(pattern);
      } catch (error) {
        if (!(error instanceof RE2JSException)) throw error;
        const reason = `pattern ${JSON.stringify(pattern)} cannot be used: ${error.message}`;
        throw new SchemaError(`${title}: ${reason}`, { cause: error });
      }
      this.#patterns.set(pattern, compiled);
    }
    const found = compiled;
    return { test: (text) => found.matcher(text).find() };
  }
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The types that a schema allows; undefined for any. */
function typesOf(schema: JsonObject, mayBeNull: boolean): ReadonlySet<string> | undefined {
  const { type } = schema;
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string';
  if (!isIntOrString && typeof type !== 'string' && !Array.isArray(type)) return undefined;
  const types = new Set(isIntOrString ? ['integer', 'string'] : strings(Array.isArray(type) ? type : [type]));

  if (types.size === 0) return undefined;
  if (mayBeNull || schema['nullable'] === true) types.add('null');
  return types;
}

/** Whether a schema means to name all fields of its objects. */
function namesItsFields(schema: JsonObject): boolean {
  return isJsonObject(schema['properties']) && schema['x-kubernetes-preserve-unknown-fields'] !== true;
}

/** A text that equal values have in common. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isJsonObject(value)) return `${jsonTypeOf(value)} ${showJson(value)}`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
