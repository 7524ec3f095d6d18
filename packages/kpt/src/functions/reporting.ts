import type { FunctionResultItem } from '../pipeline/results.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import type { FunctionOutput } from './function.ts';

/** What a failing function of the catalogue's newer generation prints; its reasons are among the results. */
export const functionFailure = 'failed to evaluate function: error: function failure';

/** A result that only says something. */
export function report(severity: NonNullable<FunctionResultItem['severity']>, message: string): FunctionResultItem {
  return { message, severity };
}

/** A failed run that says why in one result. */
export function failure(message: string, failed: string = functionFailure): FunctionOutput {
  return { results: [report('error', message)], failed };
}

/** The file an object stands in, as results carry it; undefined for objects without one. The index 0 is left out. */
export function fileOf(object: KrmObject): FunctionResultItem['file'] {
  if (object.path === undefined) return undefined;
  return object.index ? { path: object.path, index: object.index } : { path: object.path };
}

/** What an object is, as results carry it. */
export function referenceTo({ apiVersion, kind, name, namespace }: KrmObject): FunctionResultItem['resourceRef'] {
  return { apiVersion, kind, name, ...(namespace !== '' && { namespace }) };
}

/** A result about an object, naming it and its file. */
export function reportOn(
  object: KrmObject,
  severity: NonNullable<FunctionResultItem['severity']>,
  message: string,
): FunctionResultItem {
  const file = fileOf(object);
  return { ...report(severity, message), resourceRef: referenceTo(object), ...(file && { file }) };
}

/** A field path for people: `spec.containers[0].image`. */
export function showPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** An object for people: `Deployment my-app (app.yaml)`. */
export function showObject(object: KrmObject): string {
  return `${object.kind} ${object.name}${object.path === undefined ? '' : ` (${object.path})`}`;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
