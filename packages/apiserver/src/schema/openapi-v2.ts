import type { AnyResourceDefinition } from '../registry/resource.ts';
import { addComponents } from './openapi-components.ts';
import { answerMediaTypes, type Operation, operationsOf } from './openapi-operations.ts';
import { pathParameters, queryParameters } from './openapi-parameters.ts';
import { SchemaConverter } from './openapi-schema.ts';
import { byPath, namesInPath, type OpenApiInfo } from './openapi-v3.ts';

/** The Swagger 2.0 document of all resources, as `/openapi/v2` serves it. */
export function openApiV2(definitions: readonly AnyResourceDefinition[], info: OpenApiInfo): Record<string, unknown> {
  const converter = new SchemaConverter('v2');
  addComponents(converter, definitions);

  const write = (operation: Operation) => ({
    tags: [operation.gvk.group === '' ? 'core' : operation.gvk.group],
    description: operation.description,
    operationId: operation.id,
    consumes: operation.body?.mediaTypes ?? ['*/*'],
    produces: answerMediaTypes,
    schemes: ['https'],
    parameters: [
      ...(operation.body === undefined
        ? []
        : [
            {
              name: 'body',
              in: 'body',
              ...(operation.body.required ? { required: true } : {}),
              schema: converter.reference(operation.body.component),
            },
          ]),
      ...queryParameters[operation.action].map(({ name, type, description }) => ({
        uniqueItems: true,
        type,
        description,
        name,
        in: 'query',
      })),
    ],
    responses: Object.fromEntries([
      ...Object.entries(operation.answers).map(([code, component]) => [
        code,
        { description: 'Done.', schema: converter.reference(component) },
      ]),
      ['401', { description: 'Unauthorized' }],
    ]),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  });

  const start = (path: string) => ({
    parameters: namesInPath(path).map((name) => ({
      uniqueItems: true,
      type: 'string',
      description: pathParameters[name],
      name,
      in: 'path',
      required: true,
    })),
  });

  return {
    swagger: '2.0',
    info,
    paths: byPath(definitions.flatMap(operationsOf), start, write),
    definitions: Object.fromEntries([...converter.components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
