import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader';

/** `EvaluateFunctionRequest` of Porch's function runner. */
export interface EvaluateFunctionRequest {
  readonly resourceList: Buffer;
  readonly image: string;
}

/** `EvaluateFunctionResponse`. */
export interface EvaluateFunctionResponse {
  readonly resourceList: Buffer;
  readonly log: Buffer;
}

/** `HealthCheckRequest`: the name of a service, empty for all. */
export interface HealthCheckRequest {
  readonly service: string;
}

export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

export interface HealthCheckResponse {
  readonly status: ServingStatus;
}

const field = (type: string, id: number) => ({ type, id });
const method = (requestType: string, responseType: string) => ({ requestType, responseType, comment: '' });

/**
 * Porch's `func/evaluator/evaluator.proto`, `grpc.health.v1` (<https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto>),
 * and `google.rpc.Status`, which carries what a failed function reported.
 */
const definitions = fromJSON(
  {
    nested: {
      evaluator: {
        nested: {
          FunctionEvaluator: {
            methods: {
              EvaluateFunction: method('EvaluateFunctionRequest', 'EvaluateFunctionResponse'),
            },
          },
          EvaluateFunctionRequest: { fields: { resourceList: field('bytes', 1), image: field('string', 2) } },
          EvaluateFunctionResponse: { fields: { resourceList: field('bytes', 1), log: field('bytes', 2) } },
        },
      },
      google: {
        nested: {
          protobuf: { nested: { Any: { fields: { typeUrl: field('string', 1), value: field('bytes', 2) } } } },
          rpc: {
            nested: {
              Status: {
                fields: {
                  code: field('int32', 1),
                  message: field('string', 2),
                  details: { rule: 'repeated', ...field('google.protobuf.Any', 3) },
                },
              },
            },
          },
        },
      },
      grpc: {
        nested: {
          health: {
            nested: {
              v1: {
                nested: {
                  Health: {
                    methods: {
                      Check: method('HealthCheckRequest', 'HealthCheckResponse'),
                      Watch: { ...method('HealthCheckRequest', 'HealthCheckResponse'), responseStream: true },
                    },
                  },
                  HealthCheckRequest: { fields: { service: field('string', 1) } },
                  HealthCheckResponse: {
                    fields: { status: field('ServingStatus', 1) },
                    nested: {
                      ServingStatus: {
                        values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
  { defaults: true, enums: String },
);

function message(name: string): MessageTypeDefinition<object, object> {
  const definition = definitions[name];
  if (definition === undefined || !('format' in definition) || !('serialize' in definition)) {
    throw new Error(`there is no message ${name}`);
  }
  return definition as MessageTypeDefinition<object, object>;
}

function service(name: string): ServiceDefinition {
  const definition = definitions[name];
  if (definition === undefined || 'format' in definition) throw new Error(`there is no gRPC service ${name}`);
  return definition;
}

function methodOf<Request, Response>(definition: ServiceDefinition, name: string): MethodDefinition<Request, Response> {
  const found = definition[name];
  if (found === undefined) throw new Error(`there is no gRPC method ${name}`);
  return found;
}

/** `evaluator.FunctionEvaluator`. */
export const functionEvaluatorName = 'evaluator.FunctionEvaluator';
export const functionEvaluatorService = service(functionEvaluatorName);
export const evaluateFunctionMethod = methodOf<EvaluateFunctionRequest, EvaluateFunctionResponse>(
  functionEvaluatorService,
  'EvaluateFunction',
);

/** `grpc.health.v1.Health`. */
export const healthService = service('grpc.health.v1.Health');
export const checkMethod = methodOf<HealthCheckRequest, HealthCheckResponse>(healthService, 'Check');

/** The messages that carry what a failed function reported. */
export const statusMessage = message('google.rpc.Status');
export const responseMessage = message('evaluator.EvaluateFunctionResponse');
export const responseTypeUrl = 'type.googleapis.com/evaluator.EvaluateFunctionResponse';
