import { describe, expect, test } from 'vitest';
import type { Attributes } from '../authorizer.ts';
import { type AuditPolicy, decideAudit, defaultAuditPolicy } from './policy.ts';
import { parseAuditPolicy } from './read-policy.ts';

const jane = { name: 'jane', groups: ['dev'] };

function request(text: string): Attributes {
  const [verb = '', what = '', name = ''] = text.split(' ');
  if (what.startsWith('/')) return { type: 'path', verb, path: what };
  const [namespaced = '', subresource = ''] = what.split('/');
  const [namespace = '', full = ''] = namespaced.includes(':') ? namespaced.split(':') : ['', namespaced];
  const [resource = '', ...group] = full.split('.');
  return { type: 'resource', verb, group: group.join('.'), resource, subresource, namespace, name };
}

const levelOf = (policy: AuditPolicy, text: string) => decideAudit(policy, jane, request(text)).level;

describe('the first rule that matches decides', () => {
  const policy: AuditPolicy = {
    rules: [
      { level: 'None', users: ['joe'] },
      { level: 'None', verbs: ['watch'] },
      { level: 'None', nonResourceURLs: ['/healthz*'] },
      { level: 'Metadata', resources: [{ resources: ['configmaps'], resourceNames: ['quiet'] }] },
      { level: 'Request', resources: [{ group: 'g', resources: ['a/sub', 'b/*', '*/status'] }] },
      { level: 'RequestResponse', resources: [{ group: 'g', resources: ['a'] }, { group: '' }], namespaces: ['x', ''] },
      { level: 'Request', userGroups: ['dev'], verbs: ['delete'] },
    ],
  };
  test.each([
    ['watch x:a.g', 'None'],
    ['get /healthz/ping', 'None'],
    ['get x:configmaps quiet', 'Metadata'],
    ['get x:configmaps loud', 'RequestResponse'],
    ['patch x:a.g/sub', 'Request'],
    ['patch x:b.g/any', 'Request'],
    ['patch x:b.g', 'Request'],
    ['patch x:c.g/status', 'Request'],
    ['get x:a.g', 'RequestResponse'],
    ['get y:a.g', 'None'],
    ['get nodes', 'RequestResponse'],
    ['delete y:a.g', 'Request'],
    ['delete /logs', 'Request'],
    ['get /logs', 'None'],
  ])('%s: %s', (text, level) => expect(levelOf(policy, text)).toBe(level));

  test('where secrets and tokens are at stake, metadata is the most', () => {
    const all: AuditPolicy = { rules: [{ level: 'RequestResponse' }] };
    for (const text of [
      'get x:secrets a',
      'create tokenreviews.authentication.k8s.io',
      'create x:serviceaccounts/token',
    ]) {
      expect([text, levelOf(all, text)]).toEqual([text, 'Metadata']);
    }
    expect(levelOf({ rules: [{ level: 'None' }] }, 'get x:secrets a')).toBe('None');
  });

  test('says which stages are left out, and whether owners of fields are', () => {
    const both: AuditPolicy = {
      rules: [
        { level: 'Request', verbs: ['get'], omitStages: ['ResponseStarted'], omitManagedFields: false },
        { level: 'Request' },
      ],
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
    };
    expect(decideAudit(both, jane, request('get x:a.g'))).toEqual({
      level: 'Request',
      omitStages: new Set(['RequestReceived', 'ResponseStarted']),
      omitManagedFields: false,
    });
    expect(decideAudit(both, jane, request('list x:a.g'))).toEqual({
      level: 'Request',
      omitStages: new Set(['RequestReceived']),
      omitManagedFields: true,
    });
  });

  test('without a policy, everything but questions about the server itself is recorded', () => {
    expect(levelOf(defaultAuditPolicy, 'get x:a.g')).toBe('Metadata');
    for (const path of ['/readyz', '/api', '/apis/g/v1', '/openapi/v3']) {
      expect(levelOf(defaultAuditPolicy, `get ${path}`)).toBe('None');
    }
  });
});

describe('a policy file', () => {
  test('is read as it is for Kubernetes', () => {
    const policy = parseAuditPolicy(`
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: RequestResponse
  resources:
  - group: porch.kpt.dev
    resources: ["packagerevisions", "packagerevisions/approval"]
  omitManagedFields: true
- level: Metadata
`);
    const decision = decideAudit(policy, jane, request('patch x:packagerevisions.porch.kpt.dev/approval a'));
    expect(decision).toEqual({
      level: 'RequestResponse',
      omitStages: new Set(['RequestReceived']),
      omitManagedFields: true,
    });
  });

  const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
  test.each([
    ['kind: Policy', 'apiVersion is missing'],
    [`${head}rules: []`, 'rules: there are none'],
    [
      `${head}rules: [{level: Loud}]`,
      'rules[0].level: "Loud" is no level; there are None, Metadata, Request, RequestResponse',
    ],
    [`${head}rules: [{level: None, omitStages: [Never]}]`, 'rules[0].omitStages: "Never" is no stage'],
    [`${head}rules: [{level: None, verb: get}]`, 'unknown field "rules[0].verb"'],
    [`${head}rules: [{level: None, namespaces: [a], nonResourceURLs: [/a]}]`, 'not for both'],
    ['{', 'unrecognized'],
  ])('is refused: %s', (text, message) => {
    expect(() => parseAuditPolicy(text)).toThrow(message);
  });
});
