import { isMap, isScalar } from 'yaml';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { fieldsOfSpec } from '../field-spec.ts';
import { canHaveField } from '../fields-left-alone.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { failure, fileOf, messageOf, showObject, showPath } from '../reporting.ts';
import { annotationFields } from './annotation-fields.ts';
import { type AnnotationsConfig, readAnnotationsConfig } from './annotations-config.ts';

/** Sets annotations on resources and their pod templates, and in further fields of the user's choice. */
export const setAnnotations: KrmFunction = { name: 'set-annotations', tags: ['v0.1.5', 'v0.1'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let wanted: AnnotationsConfig;
  try {
    wanted = readAnnotationsConfig(config);
  } catch (error) {
    return fail('configure function', error);
  }
  try {
    const results = items.flatMap((object) => annotate(object, wanted)).sort(byFileThenField);
    return { results: results.length > 0 ? results : [{ message: 'no annotations applied' }] };
  } catch (error) {
    return fail('run function', error);
  }
}

function fail(what: string, error: unknown): FunctionOutput {
  const message = `failed to ${what}: ${messageOf(error)}`;
  return failure(message, `[error]: ${message}`);
}

function annotate(object: KrmObject, { annotations, additionalFields }: AnnotationsConfig): FunctionResultItem[] {
  const sorted = new Map([...annotations].sort(([a], [b]) => (a < b ? -1 : 1)));
  const message = `set annotations: ${JSON.stringify(Object.fromEntries(sorted))}`;
  const file = fileOf(object);
  const fields = new Map(
    [...additionalFields, ...annotationFields]
      .flatMap((spec) => fieldsOfSpec(object, spec))
      .filter((path) => object.node(path) !== undefined || canHaveField(object, path, {}))
      .map((path) => [showPath(path), path]),
  );
  return [...fields].map(([shown, path]) => {
    const current = object.node(path);
    if (current !== undefined && !isMap(current) && !(isScalar(current) && current.value === null)) {
      throw new Error(`${showObject(object)}: \`${shown}\` must be a mapping of annotations`);
    }
    object.setAll(path, sorted);
    return { message, field: { path: shown }, ...(file && { file }) };
  });
}

function byFileThenField(a: FunctionResultItem, b: FunctionResultItem): number {
  return (
    compare(a.file?.path ?? '', b.file?.path ?? '') ||
    (a.file?.index ?? 0) - (b.file?.index ?? 0) ||
    compare(a.field?.path ?? '', b.field?.path ?? '')
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
