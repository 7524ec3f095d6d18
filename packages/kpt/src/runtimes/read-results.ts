import type { FunctionResultItem } from '../pipeline/results.ts';

/**
 * What a function reports, from `results` of its ResourceList: a sequence, or the older mapping with the sequence in `items`, whose
 * entries name objects and values in an older way. What has another shape is left out, value by value: reports never make a
 * function fail.
 */
export function readResults(results: unknown): FunctionResultItem[] {
  const list = Array.isArray(results) ? results : record(results).items;
  return Array.isArray(list) ? list.map(readItem) : [];
}

function readItem(value: unknown): FunctionResultItem {
  const { message, severity, resourceRef, field, file, tags } = record(value);
  const reference = { ...record(record(resourceRef).metadata), ...record(resourceRef) };
  const { suggestedValue, proposedValue = suggestedValue, currentValue, path } = record(field);
  const resource = texts({
    apiVersion: reference.apiVersion,
    kind: reference.kind,
    name: reference.name,
    namespace: reference.namespace,
  });
  const changed = texts({ path, currentValue, proposedValue });
  const position = { ...texts({ path: record(file).path }), ...wholeNumber(record(file).index) };
  return {
    message: text(message) ?? '',
    ...(severity === 'error' || severity === 'warning' || severity === 'info' ? { severity } : {}),
    ...(isEmpty(resource) ? {} : { resourceRef: resource }),
    ...(isEmpty(changed) ? {} : { field: changed }),
    ...(isEmpty(position) ? {} : { file: position }),
    ...(isEmpty(record(tags)) ? {} : { tags: textMap(record(tags)) }),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function texts<K extends string>(values: Readonly<Record<K, unknown>>): { [key in K]?: string } {
  const found: { [key in K]?: string } = {};
  for (const key of Object.keys(values) as K[]) {
    const value = text(values[key]);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

function textMap(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, text(value) ?? '']));
}

/** A value as text; whatever is no scalar as JSON. */
function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function wholeNumber(value: unknown): { index?: number } {
  return typeof value === 'number' && Number.isInteger(value) ? { index: value } : {};
}
