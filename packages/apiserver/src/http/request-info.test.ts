import { expect, it } from 'vitest';
import { isStatusError } from '../meta/status.ts';
import { isHealthPath, isOpenPath, parseRequestInfo } from './request-info.ts';

const parse = (method: string, url: string) => {
  const [path = '', query = ''] = url.split('?');
  return parseRequestInfo(method, path, new URLSearchParams(query));
};

it.each([
  ['GET', '/api/v1/namespaces', 'list', '', 'namespaces', '', ''],
  ['GET', '/api/v1/namespaces/ns', 'get', 'ns', 'namespaces', 'ns', ''],
  ['PUT', '/api/v1/namespaces/ns/status', 'update', 'ns', 'namespaces', 'ns', 'status'],
  ['PUT', '/api/v1/namespaces/ns/finalize', 'update', 'ns', 'namespaces', 'ns', 'finalize'],
  ['GET', '/api/v1/namespaces/ns/secrets', 'list', 'ns', 'secrets', '', ''],
  ['HEAD', '/api/v1/namespaces/ns/secrets/s', 'get', 'ns', 'secrets', 's', ''],
  ['POST', '/apis/g/v1/namespaces/ns/things', 'create', 'ns', 'things', '', ''],
  ['DELETE', '/apis/g/v1/namespaces/ns/things', 'deletecollection', 'ns', 'things', '', ''],
  [
    'DELETE',
    '/apis/g/v1/namespaces/ns/things?fieldSelector=metadata.name%3Dt',
    'deletecollection',
    'ns',
    'things',
    '',
    '',
  ],
  ['DELETE', '/apis/g/v1/namespaces/ns/things/t', 'delete', 'ns', 'things', 't', ''],
  ['PATCH', '/apis/g/v1/namespaces/ns/things/t/approval', 'patch', 'ns', 'things', 't', 'approval'],
  ['GET', '/apis/g/v1/things', 'list', '', 'things', '', ''],
  ['GET', '/apis/g/v1/things?watch', 'watch', '', 'things', '', ''],
  ['GET', '/apis/g/v1/things?watch=0', 'list', '', 'things', '', ''],
  ['GET', '/apis/g/v1/things?watch=False', 'list', '', 'things', '', ''],
  ['GET', '/apis/g/v1/namespaces/ns/things?fieldSelector=metadata.name%3Dt', 'list', 'ns', 'things', 't', ''],
  [
    'GET',
    '/apis/g/v1/namespaces/ns/things?watch=1&fieldSelector=a%3Db,metadata.name%3D%3Dt',
    'watch',
    'ns',
    'things',
    't',
    '',
  ],
  ['GET', '/apis/g/v1/namespaces/ns/things/a%2Fb', 'get', 'ns', 'things', 'a/b', ''],
  ['BREW', '/apis/g/v1/things', '', '', 'things', '', ''],
  ['constructor', '/apis/g/v1/things', '', '', 'things', '', ''],
  ['__proto__', '/apis/g/v1/things/t', '', '', 'things', 't', ''],
  ['GET', '/apis/g/v1/namespaces/ns/things/t/status/', 'get', 'ns', 'things', 't', 'status'],
  ['GET', '/apis/g/v1/namespaces/ns/things/t/status/x', 'get', 'ns', 'things', 't', 'status/x'],
  ['GET', '/apis/g/v1/namespaces/ns/things/t//x', 'get', 'ns', 'things', 't', '/x'],
  ['GET', '/apis/g/v1/namespaces/ns/things/t/1/2/3/4/%35/6/%2F/', 'get', 'ns', 'things', 't', '1/2/3/4/5/6'],
])('%s %s is %s', (method, url, verb, namespace, resource, name, subresource) => {
  expect(parse(method, url)).toMatchObject({ type: 'resource', verb, namespace, resource, name, subresource });
});

it.each(['/', '/api', '/api/v1', '/apis', '/apis/g', '/apis/g/v1', '/apis/g/v1/', '/version', '/openapi/v3'])(
  '%s is no resource',
  (path) => {
    expect(parse('GET', path)).toEqual({ type: 'path', verb: 'get', path });
  },
);

it('refuses paths that cannot be decoded', () => {
  expect(() => parse('GET', '/api/v1/%ff')).toThrow(expect.objectContaining({ code: 400 }));
  try {
    parse('GET', '/%');
  } catch (error) {
    expect(isStatusError(error, 'BadRequest')).toBe(true);
  }
});

it('knows the health paths', () => {
  expect(['/livez', '/readyz/store', '/healthz/'].every(isHealthPath)).toBe(true);
  expect(['/livez', '/version'].every(isOpenPath)).toBe(true);
  expect(['/versions', '/api', '/apis'].some(isOpenPath)).toBe(false);
  expect(['/livezz', '/version', '/x/livez'].some(isHealthPath)).toBe(false);
});

it('takes a name from selectors on metadata.name, and from nothing that only looks like one', () => {
  const nameOf = (selector: string) => {
    const info = parse('GET', `/api/v1/secrets?fieldSelector=${encodeURIComponent(selector)}`);
    return info.type === 'resource' ? info.name : undefined;
  };
  expect(nameOf('metadata.name=a')).toBe('a');
  expect(nameOf('type!=b,metadata.name==a')).toBe('a');
  for (const selector of [
    '',
    'type!=b\\,metadata.name=a',
    'xmetadata.name=a',
    'metadata.name!=a',
    'metadata.name=a=b',
  ]) {
    expect([selector, nameOf(selector)]).toEqual([selector, '']);
  }
});

it('reads a path with a long row of slashes in no time', () => {
  const { subresource } = parse(
    'GET',
    `/apis/g/v1/namespaces/ns/things/t/a${'/'.repeat(300_000)}b${'/'.repeat(300_000)}`,
  ) as {
    subresource: string;
  };
  expect(subresource).toHaveLength(300_002);
});
