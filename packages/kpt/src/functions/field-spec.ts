import { isMap, isScalar, isSeq } from 'yaml';
import type { KrmObject } from '../yaml/krm-object.ts';
import type { FieldPath } from '../yaml/node-edits.ts';
import { type GroupVersionKind, isSelected } from './group-version-kind.ts';

/** Fields of some kinds of objects, as kustomize describes them: `path` is `spec/containers[]/image`. */
export interface FieldSpec extends GroupVersionKind {
  readonly path: string;
  /** Whether missing fields are made. Never true of what is inside of a list that is missing. */
  readonly create: boolean;
}

const fieldSpecKeys = ['group', 'version', 'kind', 'path', 'create'];

/** Field specifications of a function's configuration. */
type FieldSpecData = Readonly<Record<string, unknown>>;

/**
 * Reads field specifications of a configuration.
 *
 * @throws Error that names the field that is wrong
 */
export function readFieldSpecs(value: unknown, field: string): readonly FieldSpec[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`\`${field}\` must be a list`);
  return value.map((entry: unknown, index) => readFieldSpec(entry, `${field}[${index}]`));
}

/**
 * Reads the field specifications of a configuration that may still call them `fieldSpecs`.
 *
 * @throws Error that names the field that is wrong
 */
export function readRenamedFieldSpecs(config: KrmObject, field: string): readonly FieldSpec[] {
  const specs = config.get([field]) ?? undefined;
  const deprecated = config.get(['fieldSpecs']) ?? undefined;
  if (deprecated === undefined) return readFieldSpecs(specs, field);
  if (specs === undefined) return readFieldSpecs(deprecated, 'fieldSpecs');
  throw new Error(`\`fieldSpecs\` has been deprecated, please rename it to \`${field}\``);
}

function readFieldSpec(entry: unknown, field: string): FieldSpec {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new Error(`\`${field}\` must be a mapping`);
  }
  const data: FieldSpecData = { ...entry };
  const unknown = Object.keys(data).find((key) => !fieldSpecKeys.includes(key));
  if (unknown !== undefined) throw new Error(`\`${field}.${unknown}\` is unknown`);
  const path = readText(data, 'path', field);
  if (path === '') throw new Error(`\`${field}.path\` must not be empty`);
  const create = data['create'] ?? false;
  if (typeof create !== 'boolean') throw new Error(`\`${field}.create\` must be true or false`);
  return {
    group: readText(data, 'group', field),
    version: readText(data, 'version', field),
    kind: readText(data, 'kind', field),
    path,
    create,
  };
}

function readText(data: FieldSpecData, key: string, field: string): string {
  const value = data[key] ?? '';
  if (typeof value !== 'string') throw new Error(`\`${field}.${key}\` must be a string`);
  return value;
}

/** Splits `metadata/annotations/example.com\/key` at slashes that have no backslash before them. */
function splitFieldSpecPath(path: string): readonly string[] {
  return path
    .replace(/^\//, '')
    .split(/(?<!\\)\//)
    .map((part) => part.replaceAll('\\/', '/'));
}

/** The places in an object that a specification stands for; none where it is for other kinds. */
export function fieldsOfSpec(object: KrmObject, spec: FieldSpec): readonly FieldPath[] {
  if (!isSelected(object, spec)) return [];
  return follow(object, [], splitFieldSpecPath(spec.path), spec.create);
}

function follow(object: KrmObject, path: FieldPath, rest: readonly string[], create: boolean): readonly FieldPath[] {
  const node = object.node(path);
  if (isSeq(node) && rest.length > 0) {
    return node.items.flatMap((_, index) => follow(object, [...path, index], rest, create));
  }
  const [part, ...others] = rest;
  if (part === undefined) return node !== undefined || create ? [path] : [];
  const missing = node === undefined || (isScalar(node) && node.value === null);
  if (missing && !create) return [];
  if (!missing && !isMap(node)) return [];
  const isList = part.endsWith('[]');
  const next = [...path, isList ? part.slice(0, -2) : part];
  if (isList && !isSeq(object.node(next))) return [];
  return follow(object, next, others, create);
}
