import { type FieldError, fieldErrorBody, joinFieldErrors } from './field-error.ts';
import { groupResource } from './object.ts';

/** Reasons a Status may carry (Kubernetes `metav1.StatusReason`). */
export type StatusReason =
  | ''
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable';

/** One of several reasons for an error, mostly a field. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** What an error is about, for programs. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The `Status` object that every failed request is answered with. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { resourceVersion?: string; continue?: string };
  status: 'Failure' | 'Success';
  message?: string;
  reason?: StatusReason;
  details?: StatusDetails;
  code?: number;
}

/** Names a resource in messages and details: `{ group: 'porch.kpt.dev', resource: 'packagerevisions' }`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** Names a kind in the messages of invalid objects. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

function printResource({ group, resource }: GroupResource): string {
  return groupResource(resource, group);
}

function namedDetails(r: GroupResource, name: string): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(r.group === '' ? {} : { group: r.group }), kind: r.resource };
}

/** What the deletion of an object is answered with that is gone and not shown. */
export function deletedStatus(resource: GroupResource, name: string, uid: string): Status {
  const details = { ...namedDetails(resource, name), uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/**
 * An error that is answered with its Status, code and all. Anything else that is thrown becomes a 500.
 * `cause` keeps what led to it; it is logged and never sent.
 */
export class StatusError extends Error {
  readonly status: Status;

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): StatusReason {
    return this.status.reason ?? '';
  }
}

/** Whether an error is a StatusError, with the given reason if one is named. */
export function isStatusError(error: unknown, reason?: StatusReason): error is StatusError {
  return error instanceof StatusError && (reason === undefined || error.reason === reason);
}

/** Whether an error was thrown as the answer to a client, and says all there is to say: it hides no cause, and nothing is broken. */
export function isPlainAnswer(error: unknown): error is StatusError {
  return error instanceof StatusError && error.cause === undefined && error.reason !== 'InternalError';
}

/** Refused fields beyond this number are counted and not listed: answers would be many times as long as requests. */
const maxListedErrors = 100;

/** Constructors of the errors of Kubernetes' `api/errors`, with its messages. */
export const statusErrors = {
  notFound: (r: GroupResource, name: string): StatusError =>
    new StatusError(404, 'NotFound', `${printResource(r)} ${JSON.stringify(name)} not found`, namedDetails(r, name)),

  alreadyExists: (r: GroupResource, name: string): StatusError =>
    new StatusError(
      409,
      'AlreadyExists',
      `${printResource(r)} ${JSON.stringify(name)} already exists`,
      namedDetails(r, name),
    ),

  conflict: (r: GroupResource, name: string, cause: string): StatusError =>
    new StatusError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${printResource(r)} ${JSON.stringify(name)}: ${cause}`,
      namedDetails(r, name),
    ),

  /** Refused fields, the first of them. `code` is 422 for the machinery and whatever the server chose for its strategies. */
  invalid: (kind: GroupKind, name: string, errors: readonly FieldError[], code: 422 | 400 = 422): StatusError => {
    const listed = errors.slice(0, maxListedErrors);
    const more = errors.length > listed.length ? `, and ${errors.length - listed.length} more` : '';
    return new StatusError(
      code,
      'Invalid',
      `${kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`} ${JSON.stringify(name)} is invalid: ${joinFieldErrors(listed)}${more}`,
      {
        ...(name === '' ? {} : { name }),
        ...(kind.group === '' ? {} : { group: kind.group }),
        kind: kind.kind,
        causes: listed.map((e) => ({ reason: e.type, message: fieldErrorBody(e), field: e.field })),
      },
    );
  },

  badRequest: (message: string, options?: ErrorOptions): StatusError =>
    new StatusError(400, 'BadRequest', message, undefined, options),

  unauthorized: (message = 'Unauthorized'): StatusError => new StatusError(401, 'Unauthorized', message),

  forbidden: (r: GroupResource, name: string, message: string): StatusError =>
    new StatusError(
      403,
      'Forbidden',
      name === ''
        ? `${printResource(r)} is forbidden: ${message}`
        : `${printResource(r)} ${JSON.stringify(name)} is forbidden: ${message}`,
      namedDetails(r, name),
    ),

  methodNotSupported: (r: GroupResource, verb: string, hint = ''): StatusError =>
    new StatusError(
      405,
      'MethodNotAllowed',
      `${verb} is not supported on resources of kind ${JSON.stringify(printResource(r))}${hint === '' ? '' : `; ${hint}`}`,
      { ...(r.group === '' ? {} : { group: r.group }), kind: r.resource },
    ),

  /** For what is there, but not for this method. */
  methodNotAllowed: (): StatusError =>
    new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),

  notAcceptable: (accepted: readonly string[]): StatusError =>
    new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`),

  unsupportedMediaType: (accepted: readonly string[]): StatusError =>
    new StatusError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    ),

  tooLarge: (cause: string): StatusError =>
    new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${cause}`),

  expired: (message: string): StatusError => new StatusError(410, 'Expired', message),

  tooManyRequests: (message: string, retryAfterSeconds: number): StatusError =>
    new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds }),

  timeout: (message: string, options?: ErrorOptions): StatusError =>
    new StatusError(504, 'Timeout', `Timeout: ${message}`, { retryAfterSeconds: 0 }, options),

  tooLargeResourceVersion: (asked: number, current: number): StatusError =>
    new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    }),

  serviceUnavailable: (message: string, options?: ErrorOptions): StatusError =>
    new StatusError(503, 'ServiceUnavailable', message, undefined, options),

  internal: (message: string, options?: ErrorOptions): StatusError =>
    new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] }, options),

  /** What a client gets for a path that no resource serves. */
  genericNotFound: (): StatusError =>
    new StatusError(404, 'NotFound', 'the server could not find the requested resource', {}),
} as const;
