import type { AnyResourceDefinition } from '../registry/resource.ts';
import { addComponents } from './openapi-components.ts';
import { answerMediaTypes, type Operation, operationsOf } from './openapi-operations.ts';
import { pathParameters, queryParameters } from './openapi-parameters.ts';
import { SchemaConverter } from './openapi-schema.ts';

/** What documents say about the server. */
export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
}

/** Path parameters of a path, in the order they stand in it. */
export function namesInPath(path: string): (keyof typeof pathParameters)[] {
  return (['namespace', 'name'] as const).filter((name) => path.includes(`{${name}}`));
}

/** Adds an entry to each path's object, made when the path is first met. */
export function byPath(
  operations: readonly Operation[],
  start: (path: string) => Record<string, unknown>,
  write: (operation: Operation) => Record<string, unknown>,
): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] ??= start(operation.path);
    Object.assign(paths[operation.path] ?? {}, { [operation.method]: write(operation) });
  }
  return paths;
}

/**
 * The OpenAPI 3.0 document of one group-version, as `/openapi/v3/apis/{group}/{version}` serves it. All definitions must be of
 * that group-version.
 */
export function openApiV3(definitions: readonly AnyResourceDefinition[], info: OpenApiInfo): Record<string, unknown> {
  const converter = new SchemaConverter('v3');
  addComponents(converter, definitions);
  const content = (component: string, mediaTypes: readonly string[]) =>
    Object.fromEntries(mediaTypes.map((type) => [type, { schema: converter.reference(component) }]));

  const write = (operation: Operation) => ({
    tags: [operation.gvk.group === '' ? 'core' : operation.gvk.group],
    description: operation.description,
    operationId: operation.id,
    parameters: queryParameters[operation.action].map(({ name, type, description }) => ({
      name,
      in: 'query',
      description,
      schema: { type, uniqueItems: true },
    })),
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            content: content(operation.body.component, operation.body.mediaTypes),
            ...(operation.body.required ? { required: true } : {}),
          },
        }),
    responses: Object.fromEntries([
      ...Object.entries(operation.answers).map(([code, component]) => [
        code,
        { description: 'Done.', content: content(component, answerMediaTypes) },
      ]),
      ['401', { description: 'Unauthorized' }],
    ]),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  });

  const start = (path: string) => ({
    parameters: namesInPath(path).map((name) => ({
      name,
      in: 'path',
      description: pathParameters[name],
      required: true,
      schema: { type: 'string', uniqueItems: true },
    })),
  });

  return {
    openapi: '3.0.0',
    info,
    paths: byPath(definitions.flatMap(operationsOf), start, write),
    components: { schemas: Object.fromEntries([...converter.components].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
}
