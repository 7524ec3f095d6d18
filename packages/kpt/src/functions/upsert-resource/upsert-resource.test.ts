import { expect, it } from 'vitest';
import { countReads } from '../../testing/count-reads.ts';
import { functionConfig, objectsOf, runFunction } from '../../testing/run-function.ts';
import { upsertResource } from './upsert-resource.ts';

const service =
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  namespace: ns\nspec:\n  selector: # which\n    app: foo # old\n';
const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: ns\n';
const wanted = service.replace('foo # old', 'bar').replace(' # which', '');

it('replaces every match where it stands and keeps comments of what stays', () => {
  const run = runFunction(upsertResource, `${service}---\n${secret}---\n${service}`, functionConfig(wanted));
  const replaced = service.replace('foo', 'bar');
  expect(run.text).toBe(`${replaced}---\n${secret}---\n${replaced}`);
  expect(run.results).toEqual([]);
  expect(run.items?.map(({ path, index }) => [path, index])).toEqual([
    ['resources.yaml', 0],
    ['resources.yaml', 1],
    ['resources.yaml', 2],
  ]);
});

it.each([
  ['another kind', secret],
  ['another name', service.replace('name: s', 'name: t')],
  ['another namespace', service.replace('namespace: ns', 'namespace: other')],
  ['another group', service.replace('v1', 'x.io/v1')],
])('adds the resource where there is only one of %s', (_, text) => {
  const run = runFunction(upsertResource, text, functionConfig(wanted));
  expect(run.text).toBe(`${text}---\n${wanted}`);
  expect(run.items?.at(-1)).toMatchObject({ path: undefined, index: undefined });
});

it('matches other versions of the kind', () => {
  const run = runFunction(upsertResource, service, functionConfig(wanted.replace('apiVersion: v1', 'apiVersion: v2')));
  expect(run.items).toHaveLength(1);
  expect(run.text).toContain('apiVersion: v2');
});

it('takes the file from the target path and keeps that out of the resource', () => {
  const annotated = wanted.replace('spec:', '  annotations:\n    config.kubernetes.io/target-path: sub/s.yaml\nspec:');
  const run = runFunction(upsertResource, service, functionConfig(annotated));
  expect(run.items?.map(({ path }) => path)).toEqual(['resources.yaml', 'sub/s.yaml']);
  expect(run.text).toBe(`${service}---\n${wanted}`);
  const there = runFunction(upsertResource, service, functionConfig(annotated), 'sub/s.yaml');
  expect(there.text).toBe(service.replace('foo', 'bar'));
});

const atPath = (path: string) =>
  functionConfig(wanted.replace('spec:', `  annotations:\n    config.kubernetes.io/target-path: ${path}\nspec:`));

it.each(['./sub/s.yaml', 'sub//s.yaml', '/sub/s.yaml'])('finds the file again that it calls %s', (path) => {
  const run = runFunction(upsertResource, service, atPath(path), 'sub/s.yaml');
  expect(run.items).toHaveLength(1);
  expect(run.text).toBe(service.replace('foo', 'bar'));
});

it('finds the file of a package below', () => {
  const [object] = objectsOf(service, 's.yaml');
  if (object === undefined) throw new Error('no object');
  object.packagePath = 'a/sub';
  const config = atPath('sub/s.yaml');
  config.packagePath = 'a';
  expect(upsertResource.run({ items: [object], config }).items).toHaveLength(1);
  config.packagePath = 'b';
  expect(upsertResource.run({ items: [object], config }).items).toHaveLength(2);
});

it.each(['README.md', 'sub/Kptfile', 'sub'])('does not put the resource into %s', (path) => {
  const run = runFunction(upsertResource, service, atPath(path));
  expect(run.failed).toContain(`${JSON.stringify(path)} is no file for the resource`);
});

it('keeps numbers as they are written', () => {
  const data = 'mode: 0644\n  big: 12345678901234567891\n  tag: 1.20 # why\n';
  const object = (name: string, rest: string) =>
    `apiVersion: v1\nkind: Config\nmetadata:\n  name: ${name}\ndata:\n  ${rest}`;
  const text = object('a', 'mode: 644\n  big: 12345678901234567890\n  tag: 1.3\n');
  expect(runFunction(upsertResource, text, functionConfig(object('a', data))).text).toBe(object('a', data));
  const list = [object('a', data), object('b', data)].map((each) => `- ${each.replaceAll('\n', '\n  ')}`.trimEnd());
  const run = runFunction(upsertResource, text, functionConfig(`kind: List\nitems:\n${list.join('\n')}\n`));
  expect(run.text).toBe(`${object('a', data)}---\n${object('b', data)}`);
});

it('keeps what a resource was upstream', () => {
  const annotations = (own: string) =>
    service.replace('spec:', `  annotations:\n${own}    internal.kpt.dev/upstream-identifier: "|Service|ns|s"\nspec:`);
  const run = runFunction(upsertResource, annotations('    a: b\n'), functionConfig(wanted));
  expect(run.text).toBe(annotations('').replace('foo', 'bar'));
});

it('takes a List', () => {
  const list = functionConfig(
    'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: ns}, type: x}\n' +
      '- {apiVersion: v1, kind: Secret, metadata: {name: new}}\n',
  );
  const run = runFunction(upsertResource, `${service}---\n${secret}`, list);
  expect(run.items?.map(({ kind, name }) => [kind, name])).toEqual([
    ['Service', 's'],
    ['Secret', 's'],
    ['Secret', 'new'],
  ]);
  expect(run.text).toContain(`${secret}type: x\n`);
});

it('takes resources of a List that are aliases', () => {
  const list = `apiVersion: v1\nkind: List\nmetadata:\n  annotations: &a {k: v}\nitems:\n- &s\n  apiVersion: v1\n  kind: Secret\n  metadata:\n    name: new\n    annotations: *a\n- *s\n`;
  const run = runFunction(upsertResource, service, functionConfig(list));
  const added = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: new\n  annotations: {k: v}\n';
  expect(run.text).toBe(`${service}---\n${added}`);
});

it('does not look through all objects for each resource of a List', () => {
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
  const items = objectsOf(names.map((name) => secret.replace('name: s', `name: ${name}`)).join('---\n'));
  const entries = names.map(
    (name) => `- {apiVersion: v1, kind: Secret, metadata: {name: ${name}, namespace: ns}, data: {a: b}}\n`,
  );
  const config = functionConfig(`apiVersion: v1\nkind: List\nitems:\n${entries.join('')}`);
  const reads = countReads(items, 'kind');
  expect(upsertResource.run({ items, config }).items).toHaveLength(200);
  expect(items.every((item) => item.getString(['data', 'a']) === 'b')).toBe(true);
  expect(reads()).toBeLessThan(2000);
});

it('does not take its own configuration for the resource to replace', () => {
  const [config] = objectsOf(wanted, 'config.yaml');
  if (config === undefined) throw new Error('no config');
  expect(upsertResource.run({ items: [config], config }).items).toHaveLength(2);
});

it.each([
  [undefined, 'the function config must be the resource'],
  [functionConfig('apiVersion: v1\nkind: Service\n'), 'a resource to upsert needs a kind and a name'],
  [functionConfig('apiVersion: v1\nkind: List\n'), '`items` must be a list of resources'],
  [functionConfig('apiVersion: v1\nkind: List\nitems: {a: b}\n'), '`items` must be a list of resources'],
  [functionConfig(`apiVersion: v1\nkind: List\nitems:\n- text\n`), '`items[0]` must be a resource'],
])('refuses %#', (config, reason) => {
  const run = runFunction(upsertResource, service, config);
  expect(run.failed).toContain(`failed to upsert resource: ${reason}`);
  expect(run.text).toBe(service);
});
