import type { SeededRandom } from '../harness/seeded-random.ts';
import { texts } from './values.ts';

const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';
const accepts: readonly string[] = [
  'application/json',
  'application/yaml',
  '*/*',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf,application/json',
  table,
  `${table},application/json`,
  'application/json;as=Table;g=meta.k8s.io;v=v7',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  'application/yaml;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=APIGroupDiscoveryList;g=apidiscovery.k8s.io;v=v2',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/json;q=0',
  'application/json;q=NaN;pretty=1',
  'constructor/__proto__',
  ',,;;==',
  `${'a/b,'.repeat(2000)}`,
];

/** Media types of bodies. */
export const contentTypes: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/json; charset=utf-16',
  'text/plain',
  'application/cbor',
  '',
  'constructor',
  '__proto__',
  'toString',
  ';',
];

const others: Readonly<Record<string, readonly string[]>> = {
  'accept-encoding': ['gzip', 'gzip;q=0', '*', 'br', 'gzip, deflate, br;q=NaN'],
  'audit-id': ['fuzz', 'x'.repeat(100), 'a b'],
  authorization: ['Bearer x', 'Bearer', 'Basic eDp5', 'bearer  ', `Bearer ${'x'.repeat(4000)}`],
  'impersonate-user': ['jane', 'system:serviceaccount:default:fuzz', 'system:anonymous', '__proto__'],
  'impersonate-group': ['system:masters', 'a,b'],
  'impersonate-uid': ['1'],
  'impersonate-extra-%zz': ['x'],
  'impersonate-extra-__proto__': ['x'],
  'impersonate-nonsense': ['x'],
  'x-remote-user': ['admin'],
  'if-none-match': ['*', '"x"', 'W/"'],
  'user-agent': ['curl/8', 'kubectl/v1.34', '/', '\u00e4'.repeat(200), 'Mozilla/5.0'],
  expect: ['100-continue'],
  'content-encoding': ['gzip'],
  'x-http-method-override': ['DELETE'],
};

/** Headers with good and bad values; a body's type is one of those that bodies have. */
export function fuzzHeaders(random: SeededRandom, contentType: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (random.next() < 0.3) headers['accept'] = random.pick(accepts);
  if (contentType !== undefined)
    headers['content-type'] = random.next() < 0.08 ? random.pick(contentTypes) : contentType;
  for (let more = random.next() < 0.25 ? random.integer(1, 2) : 0; more > 0; more--) {
    const name = random.pick(Object.keys(others));
    const value = random.next() < 0.8 ? random.pick(others[name] ?? []) : random.pick(texts);
    // What the client itself would refuse to send is left to the raw connections.
    headers[name] = value.replace(/[^\x20-\x7e\x80-\xff]/g, '?').trim();
  }
  return headers;
}
