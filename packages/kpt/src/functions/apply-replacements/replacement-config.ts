import type { KrmObject } from '../../yaml/krm-object.ts';
import { functionConfigGroup, functionConfigVersion, isFunctionConfig } from '../function-config.ts';
import { messageOf } from '../reporting.ts';
import { type ParsedPath, type PathStep, parseSourcePath, parseTargetPath, type TargetStep } from './field-path.ts';

const kind = 'ApplyReplacements';
const apiVersion = `${functionConfigGroup}/${functionConfigVersion}`;

/** Which objects are meant; empty parts mean any. */
export interface ObjectSelector {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labelSelector: string;
  readonly annotationSelector: string;
}

/** How a part of a scalar is meant instead of all of it. */
export interface FieldOptions {
  /** Cuts the scalar into parts; empty for none. */
  readonly delimiter: string;
  readonly index: number;
  /** Whether a missing target is made. */
  readonly create: boolean;
}

/** Where a replacement's value goes. */
export interface ReplacementTarget {
  readonly select: ObjectSelector;
  readonly reject: readonly ObjectSelector[];
  readonly fieldPaths: readonly ParsedPath<TargetStep>[];
  readonly options: FieldOptions;
}

/** Where a replacement's value comes from: one field of one object, or the configuration itself. */
export type ReplacementSource =
  | { readonly value: string }
  | {
      readonly select: ObjectSelector;
      readonly fieldPath: ParsedPath<PathStep>;
      readonly options: FieldOptions;
    };

/** One value and where it goes. */
export interface Replacement {
  readonly source: ReplacementSource;
  readonly targets: readonly ReplacementTarget[];
}

const identityFields = ['group', 'version', 'kind', 'name', 'namespace'];
const defaultFieldPath = 'metadata.name';

/**
 * Reads the replacements of a configuration.
 *
 * @throws Error that names the field that is wrong
 */
export function readReplacements(config: KrmObject | undefined): readonly Replacement[] {
  if (config === undefined || (config.apiVersion === '' && config.kind === '')) {
    throw new Error(`FunctionConfig is missing. Expect \`${kind}\``);
  }
  if (!isFunctionConfig(config, kind)) {
    throw new Error(
      `received functionConfig of kind ${config.kind} and apiVersion ${config.apiVersion}, ` +
        `only functionConfig of kind ${kind} and apiVersion ${apiVersion} is supported`,
    );
  }
  return list(config.get(['replacements']), 'replacements').map((entry, index) => {
    const field = `replacements[${index}]`;
    const data = mapping(entry, field, ['source', 'sourceValue', 'targets']);
    const targets = list(data['targets'], `${field}.targets`);
    const hasValue = data['sourceValue'] !== undefined && data['sourceValue'] !== null;
    const hasSource = data['source'] !== undefined && data['source'] !== null;
    if ((!hasSource && !hasValue) || targets.length === 0) {
      throw new Error(`${field}: replacements must specify a source and at least one target`);
    }
    if (hasSource && hasValue) throw new Error(`${field}: only one of \`source\` and \`sourceValue\` may be given`);
    return {
      source: hasValue
        ? { value: config.getString(['replacements', index, 'sourceValue']) ?? text(data, 'sourceValue', field) }
        : readSource(data['source'], `${field}.source`),
      targets: targets.map((target, at) => readTarget(target, `${field}.targets[${at}]`)),
    };
  });
}

function readSource(value: unknown, field: string): ReplacementSource {
  const data = mapping(value, field, [...identityFields, 'fieldPath', 'options']);
  return {
    select: readSelector(data, field),
    fieldPath: parsedPath(text(data, 'fieldPath', field) || defaultFieldPath, parseSourcePath, `${field}.fieldPath`),
    options: readOptions(data['options'], `${field}.options`),
  };
}

function readTarget(value: unknown, field: string): ReplacementTarget {
  const data = mapping(value, field, ['select', 'reject', 'fieldPaths', 'options']);
  if (data['select'] === undefined || data['select'] === null) {
    throw new Error(`${field}.select: target must specify resources to select`);
  }
  const fieldPaths = list(data['fieldPaths'], `${field}.fieldPaths`).map((path, index) => {
    if (typeof path !== 'string') throw new Error(`${field}.fieldPaths[${index}] must be a string`);
    return parsedPath(path, parseTargetPath, `${field}.fieldPaths[${index}]`);
  });
  const selector = (value: unknown, name: string) =>
    readSelector(mapping(value, name, [...identityFields, 'labelSelector', 'annotationSelector']), name);
  return {
    select: selector(data['select'], `${field}.select`),
    reject: list(data['reject'], `${field}.reject`).map((entry, index) => selector(entry, `${field}.reject[${index}]`)),
    fieldPaths: fieldPaths.length > 0 ? fieldPaths : [parseTargetPath(defaultFieldPath)],
    options: readOptions(data['options'], `${field}.options`),
  };
}

function readSelector(data: Data, field: string): ObjectSelector {
  return {
    group: text(data, 'group', field),
    version: text(data, 'version', field),
    kind: text(data, 'kind', field),
    name: text(data, 'name', field),
    namespace: text(data, 'namespace', field),
    labelSelector: text(data, 'labelSelector', field),
    annotationSelector: text(data, 'annotationSelector', field),
  };
}

function readOptions(value: unknown, field: string): FieldOptions {
  const data = value === undefined || value === null ? {} : mapping(value, field, ['delimiter', 'index', 'create']);
  const index = data['index'] ?? 0;
  const create = data['create'] ?? false;
  if (typeof index !== 'number' || !Number.isInteger(index)) throw new Error(`${field}.index must be a whole number`);
  if (typeof create !== 'boolean') throw new Error(`${field}.create must be true or false`);
  return { delimiter: text(data, 'delimiter', field), index, create };
}

type Data = Readonly<Record<string, unknown>>;

function mapping(value: unknown, field: string, known: readonly string[]): Data {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${field} must be a mapping`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${field}.${unknown} is no field: there are ${known.join(', ')}`);
  return { ...value };
}

function parsedPath<Step>(path: string, parse: (path: string) => ParsedPath<Step>, field: string): ParsedPath<Step> {
  try {
    return parse(path);
  } catch (error) {
    throw new Error(`${field}: ${messageOf(error)}`, { cause: error });
  }
}

function list(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${field} must be a list`);
  return value;
}

function text(data: Data, key: string, field: string): string {
  const value = data[key] ?? '';
  if (typeof value === 'object') throw new Error(`${field}.${key} must be a string`);
  return String(value);
}
