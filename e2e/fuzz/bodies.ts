import type { Json } from '../harness/api-client.ts';
import type { SeededRandom } from '../harness/seeded-random.ts';
import { contentTypes } from './headers.ts';
import { deep, noise, texts, values } from './values.ts';

export interface FuzzBody {
  readonly contentType: string;
  readonly bytes: Buffer;
}

type Container = Record<string, unknown>;

/** Changes a value somewhere inside of an object, or takes something away, or puts something in. */
function mutate(random: SeededRandom, root: Json): Json {
  const copy = structuredClone(root);
  let place: Container = copy;
  for (;;) {
    const keys = Object.keys(place);
    const key = keys.length === 0 ? 'x' : random.pick(keys);
    const inner = place[key];
    if (typeof inner === 'object' && inner !== null && random.next() < 0.75) {
      place = inner as Container;
      continue;
    }
    const kind = random.integer(0, 3);
    if (kind === 0) delete place[key];
    else if (kind === 1) place[random.pick(texts).slice(0, 300)] = random.pick(values);
    else place[key] = random.pick(values);
    return copy;
  }
}

function pointers(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, inner]) =>
    pointers(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  return [path, ...below];
}

function operations(random: SeededRandom, template: Json): unknown {
  const paths = [
    ...pointers(template),
    '/__proto__/x',
    '/constructor/prototype/x',
    '/metadata/labels/-',
    '/~2',
    'x',
    '',
  ];
  return Array.from({ length: random.integer(0, 4) }, () => ({
    op: random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'frob']),
    path: random.pick(paths),
    from: random.pick(paths),
    ...(random.next() < 0.8 ? { value: random.pick(values) } : {}),
  }));
}

/** JSON and YAML that no serialiser would make. */
function oddText(random: SeededRandom, template: Json): string {
  const json = JSON.stringify(template);
  const inside = (field: string): string => `${json.slice(0, -1)},${field}}`;
  return random.pick<() => string>([
    () => '',
    () => ' ',
    () => 'null',
    () => '[]',
    () => '"text"',
    () => '1e999',
    () => '\ufeff{}',
    () => json.slice(0, random.integer(1, json.length)),
    () => `${json}${json}`,
    () => inside('"metadata":{"name":"twice"}'),
    () => inside('"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'),
    () => inside(`"spec":${deep(random.pick([50, 5000, 100_000]), random.pick(['list', 'object']))}`),
    () => deep(random.pick([1000, 200_000]), random.pick(['list', 'object'])),
    () => inside('"data":{"n":123456789012345678901234567890,"m":-0,"e":1e-400}'),
    () =>
      inside(
        '"metadata":{"name":"fuzz","managedFields":[{"manager":"x","operation":"Apply","fieldsV1":{"f:":{"k:{":{}}}}]}',
      ),
    () => inside(`"${'k'.repeat(20_000)}":1`),
    () => `a: &a [x]\n${'b: [*a, *a]\n'.repeat(3)}`,
    () =>
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${`*${'abcdefghij'[i]},`.repeat(9)}]`).join('\n')}\n`,
    () => '&a [*a]',
    () => `${json}\n---\n${json}\n`,
    () => 'a: !!binary x\n<<: {b: 1}\n? {c: 1}\n: d\n',
    () => '\t- x: ]\n',
    () => `metadata: {name: fuzz, __proto__: {x: 1}}\nkind: ${template.kind}\napiVersion: ${template.apiVersion}\n`,
    () => '{"apiVersion":{"toString":1},"kind":["x"],"metadata":"text"}',
    () => '{"kind":"DeleteOptions","apiVersion":{"toString":1},"dryRun":[{"toString":1}]}',
    () => `{"kind":"DeleteOptions","apiVersion":"v1","dryRun":${deep(random.pick([10, 20_000]), 'list')}}`,
    () => '{"propagationPolicy":"Background","preconditions":[],"gracePeriodSeconds":1e300,"dryRun":["All"]}',
    () => '{"$patch":"delete","metadata":{"$retainKeys":[1],"labels":{"$patch":"x"},"$setElementOrder/finalizers":{}}}',
    () =>
      '{"metadata":{"finalizers":["a/b"],"$deleteFromPrimitiveList/finalizers":[{}],"ownerReferences":[{"$patch":"delete"},1]}}',
  ])();
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
}

/** A Kubernetes envelope around something, cut or disturbed now and then. */
function protobuf(random: SeededRandom, template: Json): Buffer {
  const { apiVersion, kind, metadata } = template;
  const types = Buffer.concat([field(1, Buffer.from(String(apiVersion))), field(2, Buffer.from(String(kind)))]);
  const meta = field(1, Buffer.from(String(metadata?.name ?? 'fuzz')));
  const raw = random.pick([
    field(1, meta),
    field(2, noise(random, 60)),
    noise(random, 60),
    Buffer.from([0x0a, 0xff, 0xff]),
  ]);
  const whole = Buffer.concat([Buffer.from('6b387300', 'hex'), field(1, types), field(2, raw)]);
  const kindOfDamage = random.integer(0, 4);
  if (kindOfDamage === 0) return whole.subarray(0, random.integer(0, whole.length));
  if (kindOfDamage === 1) {
    const damaged = Buffer.from(whole);
    damaged[random.integer(0, damaged.length - 1)] = random.integer(0, 255);
    return damaged;
  }
  return kindOfDamage === 2 ? Buffer.concat([whole, Buffer.alloc(20, 0xff)]) : whole;
}

/** A body for a request with the method, or none. */
export function fuzzBody(random: SeededRandom, method: string, template: Json): FuzzBody | undefined {
  const reads = method === 'GET' || method === 'HEAD';
  if (reads ? random.next() < 0.95 : random.next() < 0.05) return undefined;
  const contentType =
    method === 'PATCH'
      ? random.pick(contentTypes.slice(3, 7))
      : random.pick([
          'application/json',
          'application/json',
          'application/yaml',
          'application/vnd.kubernetes.protobuf',
        ]);
  const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const how = random.next();
  if (contentType === 'application/vnd.kubernetes.protobuf') return { contentType, bytes: protobuf(random, template) };
  if (how < 0.25) return { contentType, bytes: Buffer.from(oddText(random, template)) };
  if (how < 0.3) return { contentType, bytes: noise(random, 300) };
  if (how < 0.33) return { contentType, bytes: Buffer.concat([text(template), Buffer.from([0xff, 0xfe, 0x80])]) };
  if (contentType === 'application/json-patch+json') return { contentType, bytes: text(operations(random, template)) };
  if (how < 0.4) return { contentType, bytes: text(template) };
  const once = mutate(random, template);
  return { contentType, bytes: text(random.next() < 0.3 ? mutate(random, once) : once) };
}
