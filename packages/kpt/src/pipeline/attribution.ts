import type { KrmObject } from '../yaml/krm-object.ts';

const annotation = 'cnrm.cloud.google.com/blueprint';
const tokens = ['krm', 'pkg', 'fn', 'live'];

/** Whether an object is a resource of Config Connector, which says that it was made by a rendered package. */
export function isAttributed(object: KrmObject): boolean {
  return object.apiVersion.includes('.cnrm.');
}

/** Notes on resources of Config Connector that they were made by a rendered package. */
export function attribute(object: KrmObject): void {
  if (!isAttributed(object)) return;
  const value = object.annotation(annotation);
  const wanted = withFunctionToken(value);
  if (wanted !== value) object.setAnnotation(annotation, wanted);
}

function withFunctionToken(value: string | undefined): string {
  if (!value) return 'krm-fn';
  const parts = value.split(',');
  const index = parts.findIndex((part) => part.startsWith('krm-'));
  if (index < 0) return `${value},krm-fn`;
  const found = new Set([...(parts[index] ?? '').split('-'), 'fn']);
  parts[index] = [...tokens.filter((token) => found.has(token)), ...[...found].filter((t) => !tokens.includes(t))].join(
    '-',
  );
  return parts.join(',');
}
