import type { FunctionOutput, KrmFunction } from '../functions/function.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, printFile } from '../yaml/resource-file.ts';

/** What became of one file that a function was run on. */
export interface FunctionRun {
  readonly text: string;
  readonly results: FunctionOutput['results'];
  readonly messages: readonly string[];
  readonly failed: string | undefined;
  /** The objects the function answered, where it said which. */
  readonly items: FunctionOutput['items'];
}

/** The objects of a file's text, for tests. */
export function objectsOf(text: string, path = 'resources.yaml'): KrmObject[] {
  return parseResources(path, text)
    .map((document, index) => new KrmObject(document, path, index))
    .filter((object) => !object.source.isEmpty);
}

/** A ConfigMap as a pipeline's `configMap` gives it to a function. */
export function configMap(data: Readonly<Record<string, string>>, name = 'function-input'): KrmObject {
  return KrmObject.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { ...data } });
}

/** A configuration of one of the catalogue's own kinds. */
export function functionConfig(text: string): KrmObject {
  const [config] = objectsOf(text, 'fn-config.yaml');
  if (config === undefined) throw new Error('the text holds no object');
  return config;
}

/** Runs a function on the objects of one file and prints the file again. */
export function runFunction(fn: KrmFunction, text: string, config?: KrmObject, path = 'resources.yaml'): FunctionRun {
  const objects = objectsOf(text, path);
  const { results, failed, items } = fn.run({ items: objects, config });
  const printed = printFile(
    path,
    (items ?? objects).map((object) => object.source),
  );
  return { text: printed, results, messages: results.map((result) => result.message), failed, items };
}
