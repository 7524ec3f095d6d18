import { queryBoolean } from '../http/request-info.ts';
import { type FieldError, fieldError } from '../meta/field-error.ts';
import { statusErrors } from '../meta/status.ts';
import { optionsError } from './option-errors.ts';
import { queryInteger } from './query-number.ts';
import type { DeleteOptions } from './resource.ts';
import { defaultFieldManager, dryRunErrors } from './write-options.ts';

/** DeleteOptions before anything is checked, from a body or from the query. */
interface RawDeleteOptions {
  readonly dryRun: readonly string[];
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

const policies = ['Orphan', 'Background', 'Foreground'] as const;

function fromQuery(query: URLSearchParams): RawDeleteOptions {
  const grace = queryInteger(query, 'gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const [uid, resourceVersion] = ['uid', 'resourceVersion'].map((name) => query.get(name));
  return {
    dryRun: query.getAll('dryRun'),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(query.has('orphanDependents') ? { orphanDependents: queryBoolean(query, 'orphanDependents') } : {}),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}

type JsonType = 'string' | 'number' | 'boolean';
interface JsonTypes {
  string: string;
  number: number;
  boolean: boolean;
}

function field<K extends JsonType>(value: Record<string, unknown>, name: string, type: K): JsonTypes[K] | undefined {
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  if (typeof found === type) return found as JsonTypes[K];
  throw statusErrors.badRequest(`DeleteOptions: field ${JSON.stringify(name)} must be a ${type}`);
}

function isListOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function fromBody(body: Record<string, unknown>, groupVersion: string): RawDeleteOptions {
  const kind = body['kind'] || 'DeleteOptions';
  const apiVersion = body['apiVersion'] || 'v1';
  if (kind !== 'DeleteOptions' || !['v1', 'meta.k8s.io/v1', groupVersion].some((known) => known === apiVersion)) {
    throw statusErrors.badRequest(
      `the body of a delete must be DeleteOptions of v1, not ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`,
    );
  }
  const dryRun = body['dryRun'] ?? [];
  if (!isListOfStrings(dryRun)) {
    throw statusErrors.badRequest('DeleteOptions: field "dryRun" must be a list of strings');
  }
  const preconditions = (body['preconditions'] ?? {}) as Record<string, unknown>;
  if (typeof preconditions !== 'object' || Array.isArray(preconditions)) {
    throw statusErrors.badRequest('DeleteOptions: field "preconditions" must be an object');
  }
  const policy = field(body, 'propagationPolicy', 'string');
  const orphanDependents = field(body, 'orphanDependents', 'boolean');
  const grace = field(body, 'gracePeriodSeconds', 'number');
  if (grace !== undefined && !Number.isSafeInteger(grace)) {
    throw statusErrors.badRequest('DeleteOptions: field "gracePeriodSeconds" must be a whole number');
  }
  const uid = field(preconditions, 'uid', 'string');
  const resourceVersion = field(preconditions, 'resourceVersion', 'string');
  return {
    dryRun,
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

function policyOf(raw: RawDeleteOptions, errors: FieldError[]): DeleteOptions['propagationPolicy'] {
  const { propagationPolicy: policy, orphanDependents } = raw;
  if (policy !== undefined && orphanDependents !== undefined) {
    errors.push(
      fieldError.invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  }
  const known = policies.find((value) => value === policy);
  if (policy !== undefined && known === undefined) {
    errors.push(fieldError.notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  if (known === undefined && orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background';
  return known;
}

/**
 * Options of a delete. A body, where there is one, counts alone.
 * @throws StatusError 400 for what cannot be read, 422 for what is not allowed
 */
export function parseDeleteOptions(
  body: Record<string, unknown> | undefined,
  query: URLSearchParams,
  userAgent: string,
  groupVersion: string,
): DeleteOptions {
  const raw = body === undefined ? fromQuery(query) : fromBody(body, groupVersion);
  const errors = dryRunErrors(raw.dryRun);
  const policy = policyOf(raw, errors);
  const error = optionsError('DeleteOptions', errors);
  if (error !== undefined) throw error;
  const grace = raw.gracePeriodSeconds;
  const preconditions = {
    ...(raw.uid === undefined ? {} : { uid: raw.uid }),
    ...(raw.resourceVersion === undefined ? {} : { resourceVersion: raw.resourceVersion }),
  };
  return {
    dryRun: raw.dryRun.length > 0,
    fieldManager: defaultFieldManager(userAgent),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace < 0 ? 1 : grace }),
    ...(raw.orphanDependents === undefined ? {} : { orphanDependents: raw.orphanDependents }),
  };
}
