import { parseFieldSelector } from '../meta/field-selector.ts';
import { withoutLastSlashes } from '../meta/slashes.ts';
import { StatusError, statusErrors } from '../meta/status.ts';

/** What a request asks for, told from its method and URL alone. */
export type RequestInfo = ResourceRequestInfo | PathRequestInfo;

/** A request for a resource: `/api/{version}/…` or `/apis/{group}/{version}/…`. */
export interface ResourceRequestInfo {
  readonly type: 'resource';
  readonly verb: ResourceVerb | '';
  readonly group: string;
  readonly version: string;
  /** Empty for a list over all namespaces and for cluster-scoped resources. */
  readonly namespace: string;
  readonly resource: string;
  /** What follows the name, slashes included: more than one segment is the name of no subresource. */
  readonly subresource: string;
  /** From the path, or for lists and watches from a selector on metadata.name. */
  readonly name: string;
  /** Whether the path, rather than a selector, has the name. */
  readonly nameInPath: boolean;
}

/** Everything else: discovery, health, documents. The verb is the method in lower case. */
export interface PathRequestInfo {
  readonly type: 'path';
  readonly verb: string;
  readonly path: string;
}

/** What is asked of a resource, in the words of Kubernetes. */
export type ResourceVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Booleans of the query: absent, `0` and `false` are false, everything else (also empty) is true. */
export function queryBoolean(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

const verbs: ReadonlyMap<string, ResourceVerb> = new Map([
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

function verbOf(method: string, nameInPath: boolean, query: URLSearchParams): ResourceVerb | '' {
  const verb = verbs.get(method) ?? '';
  if (nameInPath) return verb;
  if (verb === 'get') return queryBoolean(query, 'watch') ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/**
 * The name that a selector on metadata.name pins a list to, or the empty string. Permissions for single objects hang on it, so
 * it is read by the parser that selects: what one takes for the value of another field, the other must not take for a name.
 * Deletions of collections have none: as in Kubernetes, no permission for single objects allows them.
 */
function nameFromSelector(query: URLSearchParams): string {
  const text = query.get('fieldSelector') ?? '';
  if (!text.includes('metadata.name')) return '';
  try {
    const { requirements } = parseFieldSelector(text);
    return requirements.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value ?? '';
  } catch (error) {
    // The handler refuses the selector, once it is clear that the user may list at all.
    if (error instanceof StatusError) return '';
    throw error;
  }
}

/** As many as the path of a resource has at most. What follows stays one text: a row of a million slashes would take its time. */
const mostSegments = 10;

function split(path: string): string[] {
  const segments: string[] = [];
  let start = path.indexOf('/') + 1;
  if (start === 0) return segments;
  for (let end = path.indexOf('/', start); end >= 0 && segments.length < mostSegments; end = path.indexOf('/', start)) {
    segments.push(path.slice(start, end));
    start = end + 1;
  }
  segments.push(path.slice(start));
  return segments;
}

function segmentsOf(path: string): readonly string[] {
  try {
    return split(path).map(decodeURIComponent);
  } catch (error) {
    throw statusErrors.badRequest(`the path ${JSON.stringify(path)} is not properly percent-encoded`, { cause: error });
  }
}

/**
 * Reads a path such as `/apis/{group}/{version}/namespaces/{namespace}/{resource}/{name}/{subresource}`. The namespaces
 * themselves are the resource `namespaces`; what follows a namespace's name is a subresource of it only when it is
 * `status` or `finalize`.
 * @throws StatusError 400 for a path that cannot be decoded
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = segmentsOf(path);
  const core = segments[0] === 'api';
  const rest = core ? segments.slice(2) : segments.slice(3);
  if ((!core && segments[0] !== 'apis') || rest.length === 0 || rest[0] === '') {
    return { type: 'path', verb: method.toLowerCase(), path };
  }
  const group = core ? '' : (segments[1] ?? '');
  const version = (core ? segments[1] : segments[2]) ?? '';

  let namespace = '';
  let parts = rest;
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? '';
    const inside = !['', 'status', 'finalize'].includes(rest[2] ?? '');
    if (inside) parts = rest.slice(2);
  }
  const [resource = '', pathName = '', ...below] = parts;
  const subresource = withoutLastSlashes(below.join('/'));
  const nameInPath = pathName !== '';
  const verb = verbOf(method, nameInPath, query);
  const selects = verb === 'list' || verb === 'watch';
  return {
    type: 'resource',
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name: nameInPath ? pathName : selects ? nameFromSelector(query) : '',
    nameInPath,
  };
}

/** Paths that tell whether the server is well; open to everyone. */
export function isHealthPath(path: string): boolean {
  return /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path);
}

/** Paths that need no identity: health, and the version, which clients read before anything else. */
export function isOpenPath(path: string): boolean {
  return isHealthPath(path) || path === '/version' || path === '/version/';
}
