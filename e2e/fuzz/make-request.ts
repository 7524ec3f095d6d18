import type { SeededRandom } from '../harness/seeded-random.ts';
import { fuzzBody } from './bodies.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import { fuzzHeaders } from './headers.ts';
import { fuzzQuery } from './parameters.ts';
import type { Target } from './targets.ts';
import { texts } from './values.ts';

const methods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
const oddMethods: readonly string[] = [
  'OPTIONS',
  'TRACE',
  'get',
  'constructor',
  '__proto__',
  'toString',
  'PROPFIND',
  'X',
];

const fixedPaths: readonly string[] = [
  '/',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/',
  '/apis/porch.kpt.dev',
  '/apis/porch.kpt.dev/v1alpha1',
  '/apis/__proto__',
  '/apis/constructor/v1/x',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/porch.kpt.dev/v1alpha1',
  '/openapi/v3/__proto__',
  '/version',
  '/healthz',
  '/livez/store',
  '/readyz/__proto__',
  '/metrics',
  '//api//v1//namespaces',
  '/api/v1/namespaces/default/namespaces/fuzz',
  '/api/v1/namespaces//configmaps',
  '/api/v1/../../etc/passwd',
  '/%2e%2e/%2e%2e/',
  '/api/v1/%zz',
  '/%',
  `/${'a/'.repeat(2000)}`,
  `/api/v1/namespaces/${'x'.repeat(12_000)}`,
  '*',
];

const segment = (text: string): string => encodeURIComponent(text.toWellFormed());

/** How often a path ends with the collection: mostly where the method goes with it. */
const toCollection: Readonly<Record<string, number>> = { GET: 0.5, POST: 0.9, DELETE: 0.2, PUT: 0.1, PATCH: 0.1 };

function pathOf(random: SeededRandom, target: Target, method: string): string {
  const { collection, names, subresources } = target;
  if (random.next() < 0.04) return random.pick(fixedPaths);
  const all = collection.replace('/namespaces/default', '');
  const base = random.next() < 0.08 ? all : collection;
  if (random.next() < (toCollection[method] ?? 0.5)) return base;
  const name = random.next() < 0.85 ? random.pick(names) : segment(random.pick(texts).slice(0, 3000));
  const path = `${base}/${name}`;
  if (random.next() < 0.75) return path;
  const rest = [...subresources, ...subresources, 'status', 'x', '__proto__', '', '/', 'status/x'];
  return `${path}/${random.pick(rest)}`;
}

/** A request for one of the targets, broken in a few places. */
export function makeRequest(random: SeededRandom, targets: readonly Target[]): FuzzRequest {
  const target = random.pick(targets);
  const method = random.next() < 0.03 ? random.pick(oddMethods) : random.pick(methods);
  const body = fuzzBody(random, method, target.template);
  return {
    method,
    target: pathOf(random, target, method) + (random.next() < 0.5 ? fuzzQuery(random) : ''),
    headers: fuzzHeaders(random, body?.contentType),
    ...(body === undefined ? {} : { body: body.bytes }),
  };
}
