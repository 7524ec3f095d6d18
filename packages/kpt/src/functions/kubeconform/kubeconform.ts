import { SchemaError } from '../../json-schema/schema-source.ts';
import { type Violation, validateValue } from '../../json-schema/validate.ts';
import { kptfileKind } from '../../kptfile/kptfile.ts';
import { isKustomization } from '../../pipeline/krm-check.ts';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { mergedData } from '../../yaml/merged-data.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { failure, functionFailure, messageOf, reportOn } from '../reporting.ts';
import { type ConformConfig, readConformConfig } from './conform-config.ts';
import { SchemaLibrary } from './schema-library.ts';

/**
 * Holds resources against their schemas: those of the package's own CustomResourceDefinitions, and those in files of the package or
 * in the directory with schemas that the program was given.
 */
export const kubeconform: KrmFunction = { name: 'kubeconform', tags: ['v0.1.1', 'v0.1'], run };

function run(input: FunctionInput): FunctionOutput {
  let config: ConformConfig;
  try {
    config = readConformConfig(input.config);
  } catch (error) {
    return failure(messageOf(error));
  }
  const library = new SchemaLibrary(input, config);
  const results = input.items.flatMap((object) => problemsOf(object, library, config));
  return results.length === 0 ? { results } : { results, failed: functionFailure };
}

function problemsOf(object: KrmObject, library: SchemaLibrary, config: ConformConfig): readonly FunctionResultItem[] {
  const { skippedKinds, ignoresMissing, strict } = config;
  if (skippedKinds.has(object.kind) || skippedKinds.has(`${object.apiVersion}/${object.kind}`)) return [];
  try {
    const schema = library.find(object);
    if (schema === undefined)
      return ignoresMissing || staysHere(object) ? [] : [reportOn(object, 'error', missing(object))];
    const { optionalMayBeNull } = schema;
    const violations = validateValue(dataOf(object), schema, { strict, optionalMayBeNull });
    return violations.map((violation) => resultOf(violation, object));
  } catch (error) {
    if (!(error instanceof SchemaError || error instanceof UnreadableError)) throw error;
    return [reportOn(object, 'error', error.message)];
  }
}

/** An object whose aliases or merge keys stand for nothing that a schema can be held against. */
class UnreadableError extends Error {}

function dataOf({ document }: KrmObject): unknown {
  try {
    return mergedData(document);
  } catch (error) {
    throw new UnreadableError(messageOf(error), { cause: error });
  }
}

/** Whether an object is for tools rather than for a cluster, which has no schema for it. */
function staysHere(object: KrmObject): boolean {
  return object.isLocalConfig || object.kind === kptfileKind || object.root === undefined || isKustomization(object);
}

function missing({ apiVersion, kind }: KrmObject): string {
  return (
    `could not find schema for ${kind} of ${apiVersion}: put it into the directory of --schema-dir, give it in schema_location or ` +
    'additional_schema_locations, set ignore_missing_schemas, or put the kind into skip_kinds'
  );
}

function resultOf({ path, message }: Violation, object: KrmObject): FunctionResultItem {
  const { file, ...result } = reportOn(object, 'error', message);
  return { ...result, field: { path: path.join('.') }, ...(file !== undefined && { file }) };
}
