import type { Authorizer } from '../../auth/authorizer.ts';
import type { FieldOwnership } from '../../fieldmanagement/field-ownership.ts';
import type { BodyLimits } from '../../http/body.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { ResourceRequestInfo } from '../../http/request-info.ts';
import type { GroupKind, GroupResource } from '../../meta/status.ts';
import type { ResourceEncoder } from '../../negotiation/resource-encoder.ts';
import type { BodyReader } from '../../schema/body-reader.ts';
import type { WatchHub } from '../../watch/watch-hub.ts';
import type { AnyResourceDefinition, RequestContext } from '../resource.ts';

/** What handlers need of the server. */
export interface HandlerServices {
  readonly authorizer: Authorizer;
  readonly watches: WatchHub;
  readonly bodies: BodyReader;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of request bodies. */
  readonly bodyLimits: BodyLimits;
  /** Code of what strategies refuse. */
  readonly validationCode: 400 | 422;
}

/** What a request works on: the objects themselves, or one of their subresources. */
export interface Target {
  readonly storage: AnyResourceDefinition['storage'];
  readonly strategy: AnyResourceDefinition['strategy'];
  /** Whether the strategy's status hooks apply. */
  readonly status: boolean;
  /** Empty for the objects themselves. */
  readonly subresource: string;
  /** Who owns which fields after writes to the target. */
  readonly ownership: FieldOwnership;
}

/** One request for a resource, resolved. */
export interface ResourceRequest {
  readonly exchange: Exchange;
  readonly info: ResourceRequestInfo;
  readonly definition: AnyResourceDefinition;
  readonly encoder: ResourceEncoder;
  readonly target: Target;
  readonly context: RequestContext;
  readonly services: HandlerServices;
}

/** Answers a request, or throws the error to answer it with. */
export type Handler = (request: ResourceRequest) => Promise<void>;

/** The resource as errors name it. */
export function groupResourceOf(definition: AnyResourceDefinition): GroupResource {
  return { group: definition.group, resource: definition.plural };
}

/** The kind as errors about invalid objects name it. */
export function groupKindOf(definition: AnyResourceDefinition): GroupKind {
  return { group: definition.group, kind: definition.kind };
}
