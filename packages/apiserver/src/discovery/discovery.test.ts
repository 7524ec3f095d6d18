import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openApiV2Message } from '../schema/openapi-v2-protobuf.ts';
import { createDiscovery } from './discovery.ts';
import type { StaticAnswer } from './static-answer.ts';
import { trialDefinitions } from './trial-definitions.test-support.ts';

const discovery = createDiscovery({
  definitions: trialDefinitions,
  version: 'v1.34.0-trial.0.1.0',
  build: { commit: 'abc', date: '2026-01-02T03:04:05Z' },
  now: () => Date.UTC(2026, 0, 1),
});

const aggregated = (v: string) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`;

function ask(url: string, accept?: string, headers: Record<string, string> = {}): StaticAnswer {
  const { pathname, searchParams } = new URL(url, 'http://server');
  const answer = discovery.answer({
    path: pathname,
    query: searchParams,
    headers: { ...headers, ...(accept === undefined ? {} : { accept }) },
  });
  if (answer === undefined) throw new Error(`${url} is not discovery's`);
  return answer;
}

// Any: documents are compared with literals
const json = (answer: StaticAnswer): any => JSON.parse(answer.body.toString());

describe('plain discovery', () => {
  it('lists versions and groups', () => {
    expect(json(ask('/api'))).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const group = {
      name: 'example.com',
      versions: [{ groupVersion: 'example.com/v1alpha1', version: 'v1alpha1' }],
      preferredVersion: { groupVersion: 'example.com/v1alpha1', version: 'v1alpha1' },
    };
    expect(json(ask('/apis'))).toEqual({ kind: 'APIGroupList', apiVersion: 'v1', groups: [group] });
    expect(json(ask('/apis/example.com'))).toEqual({ kind: 'APIGroup', apiVersion: 'v1', ...group });
  });

  it('is indented for people, and when asked', () => {
    const compact = ask('/apis').body.toString();
    const pretty = `${JSON.stringify(JSON.parse(compact), null, 2)}\n`;
    expect(compact).not.toContain('\n ');
    expect(ask('/apis?pretty=true').body.toString()).toBe(pretty);
    expect(ask('/apis', undefined, { 'user-agent': 'curl/8.5.0' }).body.toString()).toBe(pretty);
    expect(ask('/apis?pretty=false', undefined, { 'user-agent': 'curl/8.5.0' }).body.toString()).toBe(compact);
    for (const path of ['/api', '/api/v1', '/apis/example.com', '/apis/example.com/v1alpha1']) {
      expect(ask(path, 'application/json;pretty=1').body.toString(), path).toContain('\n  "kind"');
    }
    const listed = ask('/apis?pretty=1', aggregated('v2'));
    expect([listed.headers['content-type'], listed.body.toString()]).toEqual([
      aggregated('v2'),
      expect.stringContaining('\n  "kind"'),
    ]);
    expect(listed.headers['etag']).not.toBe(ask('/apis', aggregated('v2')).headers['etag']);
  });

  it('begins at an index of paths', () => {
    const { paths } = json(ask('/'));
    expect(paths).toEqual([...paths].sort());
    expect(paths).toEqual(
      expect.arrayContaining([
        '/api',
        '/api/v1',
        '/apis',
        '/apis/example.com',
        '/apis/example.com/v1alpha1',
        '/healthz',
        '/openapi/v2',
        '/openapi/v3/apis/example.com/v1alpha1',
        '/version',
      ]),
    );
  });

  it('is there in YAML as well, for those who like that better', () => {
    for (const path of ['/apis', '/apis/example.com/v1alpha1', '/version']) {
      const yaml = ask(path, 'application/json;q=0.5, application/yaml');
      expect([yaml.status, yaml.headers['content-type']]).toEqual([200, 'application/yaml']);
      expect(parse(yaml.body.toString())).toEqual(json(ask(path)));
      expect(yaml.headers['etag']).not.toBe(ask(path).headers['etag']);
    }
    expect(ask('/apis', 'application/json, application/yaml').headers['content-type']).toBe('application/json');
  });

  it('lists resources with the verbs of their storage, and subresources', () => {
    expect(json(ask('/apis/example.com/v1alpha1'))).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'example.com/v1alpha1',
      resources: [
        { name: 'gadgets', singularName: 'gadget', namespaced: true, kind: 'Gadget', verbs: ['get', 'list', 'watch'] },
        {
          name: 'widgets',
          singularName: 'widget',
          namespaced: true,
          kind: 'Widget',
          verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
          shortNames: ['wd'],
          categories: ['all'],
        },
        {
          name: 'widgets/approval',
          singularName: '',
          namespaced: true,
          kind: 'Widget',
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
    expect(json(ask('/api/v1/')).resources.map((r: { name: string }) => r.name)).toEqual(['namespaces', 'secrets']);
  });

  it('leaves other paths to others', () => {
    for (const path of [
      '/healthz',
      '/apis/other',
      '/apis/example.com/v2',
      '/api/v2',
      '/openapi',
      '/openapi/v3/apis/x/v1',
    ]) {
      expect(discovery.answer({ path, query: new URLSearchParams(), headers: {} }), path).toBeUndefined();
    }
  });

  it('has no /api without core kinds', () => {
    const small = createDiscovery({
      definitions: trialDefinitions.filter((d) => d.group !== ''),
      version: 'v1.34.0-trial.0.1.0',
    });
    expect(small.answer({ path: '/api', query: new URLSearchParams(), headers: {} })).toBeUndefined();
  });
});

describe('aggregated discovery', () => {
  it.each(['v2', 'v2beta1'])('answers in %s where it is asked for, and says so', (v) => {
    const answer = ask('/apis', `${aggregated(v)},application/json`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': aggregated(v), vary: 'Accept', 'cache-control': 'public' });
    const document = json(answer);
    expect(document).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${v}` });
    expect(document.items).toHaveLength(1);
    expect(document.items[0]).toMatchObject({
      metadata: { name: 'example.com' },
      versions: [{ version: 'v1alpha1', freshness: 'Current' }],
    });
    expect(document.items[0].versions[0].resources[1]).toEqual({
      resource: 'widgets',
      responseKind: { group: 'example.com', version: 'v1alpha1', kind: 'Widget' },
      scope: 'Namespaced',
      singularResource: 'widget',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['wd'],
      categories: ['all'],
      subresources: [
        {
          subresource: 'approval',
          responseKind: { group: 'example.com', version: 'v1alpha1', kind: 'Widget' },
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
    const core = json(ask('/api', aggregated(v)));
    expect(core.items[0].metadata).toEqual({ name: '' });
    expect(core.items[0].versions[0].resources[0].scope).toBe('Cluster');
  });

  it.each([
    [`${aggregated('v2')},${aggregated('v2beta1')},application/json`, aggregated('v2')],
    [`${aggregated('v3')},application/json`, 'application/json'],
    [`application/json;q=0.5,${aggregated('v2beta1')}`, aggregated('v2beta1')],
    ['application/vnd.kubernetes.protobuf,*/*', 'application/json'],
    ['', 'application/json'],
  ])('answers Accept %j with %s', (accept, contentType) => {
    expect(ask('/apis', accept).headers['content-type']).toBe(contentType);
  });

  it('answers 304 to whom has it already, form by form', () => {
    const first = ask('/apis', aggregated('v2'));
    const tag = first.headers.etag ?? '';
    expect(tag).toMatch(/^"[0-9A-F]{128}"$/);
    const again = ask('/apis', aggregated('v2'), { 'if-none-match': `"x", ${tag}` });
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, tag]);
    expect(ask('/apis', aggregated('v2'), { 'if-none-match': '*' }).status).toBe(304);
    expect(ask('/apis', 'application/json', { 'if-none-match': tag }).status).toBe(200);
  });

  it('answers 406 with a Status', () => {
    for (const path of ['/apis', '/apis/example.com', '/version', '/openapi/v3']) {
      const answer = ask(path, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf');
      expect([answer.status, json(answer).reason], path).toEqual([406, 'NotAcceptable']);
    }
    expect(ask('/openapi/v2', 'application/protobuf').status).toBe(406);
  });

  it('passes over what it does not have', () => {
    const other = 'application/json;as=Other;g=apidiscovery.k8s.io;v=v2';
    expect(json(ask('/apis', `text/html, ${other}, application/json`)).kind).toBe('APIGroupList');
    expect(json(ask('/openapi/v2', 'text/html, application/json')).swagger).toBe('2.0');
  });

  it.each(['v2@v1.0', 'v2.v1.0'])('gives OpenAPI v2 as protobuf to who asks for %s', (version) => {
    const answer = ask('/openapi/v2', `application/com.github.proto-openapi.spec.${version}+protobuf`);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    ]);
    expect(answer.body).toEqual(openApiV2Message(json(ask('/openapi/v2'))));
    expect(ask('/openapi/v2', 'application/json').headers.etag).not.toBe(answer.headers.etag);
  });
});

describe('/version', () => {
  it('tells clients which Kubernetes this is like', () => {
    expect(json(ask('/version'))).toMatchObject({
      major: '1',
      minor: '34',
      gitVersion: 'v1.34.0-trial.0.1.0',
      gitCommit: 'abc',
      buildDate: '2026-01-02T03:04:05Z',
    });
  });

  it('refuses a version that clients cannot read', () => {
    expect(() => createDiscovery({ definitions: [], version: '0.1.0' })).toThrow('is not of the form');
  });
});

describe('/openapi/v3', () => {
  it('leads from the index to immutable documents', () => {
    const { paths } = json(ask('/openapi/v3'));
    expect(Object.keys(paths)).toEqual(['api/v1', 'apis/example.com/v1alpha1']);
    const url = paths['apis/example.com/v1alpha1'].serverRelativeURL;
    expect(url).toMatch(/^\/openapi\/v3\/apis\/example.com\/v1alpha1\?hash=[0-9A-F]{128}$/);
    const answer = ask(`${url}&timeout=32s`);
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, immutable',
      expires: 'Fri, 01 Jan 2027 00:00:00 GMT',
      vary: 'Accept',
    });
    expect(json(answer).openapi).toBe('3.0.0');
    expect(ask(url, undefined, { 'if-none-match': answer.headers.etag ?? '' }).status).toBe(304);
  });

  it('sends a stale address on to the current one, and serves without a hash', () => {
    const stale = ask('/openapi/v3/api/v1?hash=OLD');
    const location = stale.headers.location ?? '';
    expect([stale.status, location.startsWith('/openapi/v3/api/v1?hash=')]).toEqual([301, true]);
    expect(ask(location).status).toBe(200);
    expect(ask('/openapi/v3/api/v1').headers['cache-control']).toBe('no-cache, private');
  });
});

describe('definitions', () => {
  it('must not contradict each other', () => {
    const [first] = trialDefinitions;
    expect(() => createDiscovery({ definitions: first ? [first, first] : [], version: 'v1.34.0-x' })).toThrow(
      'defined twice',
    );
  });
});
