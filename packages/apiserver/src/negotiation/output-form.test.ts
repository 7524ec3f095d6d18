import { expect, it } from 'vitest';
import { errorForm, negotiateOutput, type OutputTarget } from './output-form.ts';

const choose = (accept: string | undefined, target: OutputTarget = 'object', query = '', agent = 'kubectl/v1.33') =>
  negotiateOutput(accept, target, new URLSearchParams(query), agent);

const plain = { format: 'json', pretty: false, transform: { type: 'none' } };
const table = { type: 'table', version: 'v1', includeObject: 'Metadata' };

it.each([
  [undefined, 'object', plain],
  ['', 'object', plain],
  ['*/*', 'object', plain],
  ['application/vnd.kubernetes.protobuf,application/json', 'object', plain],
  ['application/vnd.kubernetes.protobuf, */*', 'object', plain],
  ['application/*', 'object', plain],
  ['application/json;q=0.1,application/yaml', 'object', { ...plain, format: 'yaml' }],
  ['application/yaml;q=much,application/json;q=0.1', 'object', plain],
  ['Application/JSON; AS=Table; V=v1; G=meta.k8s.io', 'list', { ...plain, transform: table }],
  ['application/yaml;q=0,application/json', 'object', plain],
  ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'list', { ...plain, transform: table }],
  [
    'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
    'list',
    { ...plain, transform: { ...table, version: 'v1beta1' } },
  ],
  ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', 'list', plain],
  ['application/json;as=Table;v=v1;g=other,application/json', 'list', plain],
  [
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    'watch',
    { ...plain, transform: { type: 'partial', version: 'v1' } },
  ],
  [
    'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    'list',
    { ...plain, transform: { type: 'partial', version: 'v1' } },
  ],
  ['application/yaml,application/json', 'watch', plain],
  ['application/json;pretty=1', 'object', { ...plain, pretty: true }],
] as const)('%s for %s', (accept, target, expected) => {
  expect(choose(accept, target)).toEqual(expected);
});

it('reads as much of a long header as anybody needs', () => {
  const yaml = 'application/yaml';
  expect(choose(`${'text/plain,'.repeat(99)}${yaml}`).format).toBe('yaml');
  expect(() => choose(`${'text/plain,'.repeat(100)}${yaml}`)).toThrow(expect.objectContaining({ code: 406 }));
  expect(choose(`application/json${';a=b'.repeat(20)};pretty=1`).pretty).toBe(false);
});

it.each([
  ['application/vnd.kubernetes.protobuf', 'object'],
  ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', 'object'],
  ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'list'],
  ['application/yaml', 'watch'],
  ['nonsense', 'object'],
] as const)('cannot give %s for %s', (accept, target) => {
  expect(() => choose(accept, target)).toThrow(expect.objectContaining({ code: 406 }));
});

it('says what there is instead', () => {
  expect(() => choose('application/cbor')).toThrow('accepted: application/json, application/yaml');
  expect(() => choose('application/yaml', 'watch')).toThrow(/accepted: application\/json$/);
});

it('is pretty for people, and when asked', () => {
  expect(choose('*/*', 'object', '', 'curl/8.0').pretty).toBe(true);
  expect(choose('*/*', 'object', 'pretty=false', 'curl/8.0').pretty).toBe(false);
  for (const yes of ['pretty=true', 'pretty=1', 'pretty=T', 'pretty', 'pretty=']) {
    expect([yes, choose('*/*', 'object', yes).pretty]).toEqual([yes, true]);
  }
  expect(choose('*/*', 'object', 'pretty=0').pretty).toBe(false);
  expect(choose('*/*', 'watch', 'pretty=true').pretty).toBe(false);
});

it('refuses an unknown includeObject', () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  expect(choose(accept, 'list', 'includeObject=None').transform).toMatchObject({ includeObject: 'None' });
  expect(() => choose(accept, 'list', 'includeObject=Some')).toThrow(expect.objectContaining({ code: 400 }));
});

it.each([
  [undefined, 'json'],
  ['application/yaml', 'yaml'],
  ['application/yaml;as=Table;v=v1;g=meta.k8s.io', 'json'],
  ['application/vnd.kubernetes.protobuf, application/yaml, application/json', 'yaml'],
  ['text/plain', 'json'],
  ['nonsense', 'json'],
])('of an error, for %s, is %s', (accept, format) => {
  expect(errorForm(accept, new URLSearchParams(), 'kubectl/v1.33')).toEqual({ format, pretty: false });
});
