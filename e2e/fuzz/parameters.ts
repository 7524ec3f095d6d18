import type { SeededRandom } from '../harness/seeded-random.ts';
import { texts } from './values.ts';

const selectors: readonly string[] = [
  'a',
  '!a',
  'a=b',
  'a==b,c!=d',
  'a in (b,c)',
  'a notin ()',
  'a in (',
  'a in',
  'in in in (in)',
  'a>1',
  'a<x',
  ',,,',
  '!!a',
  '=',
  '!=',
  'a=b=c',
  'a\\',
  'a\\=b=c',
  'metadata.name=fuzz',
  'metadata.name!=fuzz',
  'metadata.name=a,metadata.name=b',
  'metadata.namespace=default',
  'spec.lifecycle=Draft',
  'spec.lifecycle=Nonsense',
  'spec.revision=x',
  '__proto__=1',
  'constructor',
  `${'a,'.repeat(3000)}a`,
  `a in (${'b,'.repeat(3000)}b)`,
  '('.repeat(5000),
  `${'a-'.repeat(4000)}!`,
];

const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Every parameter of the API, with values that fit, and some that do not. */
const known: Readonly<Record<string, readonly string[]>> = {
  labelSelector: selectors,
  fieldSelector: selectors,
  limit: ['0', '1', '500', '-1', '1.5', '99999999999999999999'],
  continue: [
    token({ v: 'meta.k8s.io/v1', rv: 1, start: 'default/a' }),
    token({ v: 'meta.k8s.io/v1', rv: -1, start: '/' }),
    token({ v: 'meta.k8s.io/v1', rv: 9e15, start: 'x/y' }),
    token({ v: 'meta.k8s.io/v1', rv: '1', start: 5 }),
    token(null),
    token([]),
    '!!!',
  ],
  resourceVersion: ['0', '1', '2', '-1', '007', '1e3', 'latest'],
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'exact'],
  watch: ['true', '1', '0', ''],
  allowWatchBookmarks: ['true', 'x'],
  sendInitialEvents: ['true', 'false'],
  timeoutSeconds: ['1', '0', '-5', '1.5'],
  timeout: ['1s', '1ns', '0', '-1s', '1', '9999999999h', `${'1'.repeat(400)}h`, '1h1', 's'],
  dryRun: ['All', 'all', 'None', ''],
  fieldManager: ['fuzz', 'a/b', 'x'.repeat(129), 'a\u200bb'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'strict'],
  force: ['true', 'false', ''],
  propagationPolicy: ['Orphan', 'Background', 'Foreground', 'background'],
  orphanDependents: ['true', 'false', ''],
  gracePeriodSeconds: ['0', '-1', 'x', '99999999999999999999'],
  uid: ['x', ''],
  pretty: ['true', 'false', 'x', ''],
  includeObject: ['None', 'Metadata', 'Object', 'all'],
  export: ['true', 'false'],
  verbose: ['true'],
  exclude: ['store', '__proto__'],
};

/** A query string of parameters with good and bad values, sometimes repeated, sometimes not even a query. */
export function fuzzQuery(random: SeededRandom): string {
  const names = [...Object.keys(known), ...texts.slice(0, 16)];
  const parts = Array.from({ length: random.integer(0, 4) }, () => {
    const name = random.pick(names);
    const fitting = Object.hasOwn(known, name) ? (known[name] ?? []) : [];
    const value = random.pick([...fitting, ...fitting, random.pick(texts)]);
    const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
    if (random.next() < 0.05) return `${encode(name)}=%${value.length}%zz`;
    return random.next() < 0.05 ? encode(name) : `${encode(name)}=${encode(value)}`;
  });
  if (random.next() < 0.1 && parts[0] !== undefined) parts.push(parts[0]);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
