import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Attributes } from '../authorizer.ts';
import { TooManyPermissionsError, uncoveredRules } from './rule-cover.ts';
import { ruleAllows } from './rule-matching.ts';
import type { PolicyRule } from './types.ts';

function request(text: string): Attributes {
  const [verb = '', what = '', name = ''] = text.split(' ');
  if (what.startsWith('/')) return { type: 'path', verb, path: what };
  const [full = '', subresource = ''] = what.split('/');
  const [resource = '', ...group] = full.split('.');
  return { type: 'resource', verb, group: group.join('.'), resource, subresource, namespace: 'default', name };
}

describe('a rule', () => {
  test.each<[PolicyRule, string[], string[]]>([
    [
      { verbs: ['get', 'list'], apiGroups: ['porch.kpt.dev'], resources: ['packagerevisions'] },
      ['get packagerevisions.porch.kpt.dev a', 'list packagerevisions.porch.kpt.dev'],
      [
        'watch packagerevisions.porch.kpt.dev',
        'get packagerevisions.other a',
        'get packagerevisions a',
        'get packages.porch.kpt.dev a',
        'get packagerevisions.porch.kpt.dev/approval a',
        'get /api',
      ],
    ],
    [
      { verbs: ['patch'], apiGroups: ['porch.kpt.dev'], resources: ['packagerevisions/approval'] },
      ['patch packagerevisions.porch.kpt.dev/approval a'],
      ['patch packagerevisions.porch.kpt.dev a', 'patch packages.porch.kpt.dev/approval a'],
    ],
    [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*/status'] },
      ['get a.b/status', 'update c/status'],
      ['get a.b', 'get a.b/approval', 'get status'],
    ],
    [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, ['delete a.b/c x', 'get secrets'], ['get /metrics']],
    [
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'] },
      ['get secrets a', 'get secrets b'],
      ['get secrets c', 'get secrets'],
    ],
    [
      { verbs: ['get'], nonResourceURLs: ['/api', '/openapi/*', '/metrics*'] },
      ['get /api', 'get /openapi/v3', 'get /metrics', 'get /metrics/x'],
      ['get /api/v1', 'get /openapi', 'post /api', 'get /version'],
    ],
    [{ verbs: [], apiGroups: ['*'], resources: ['*'] }, [], ['get secrets']],
  ])('%j', (rule, allowed, refused) => {
    for (const text of allowed) expect([text, ruleAllows(rule, request(text))]).toEqual([text, true]);
    for (const text of refused) expect([text, ruleAllows(rule, request(text))]).toEqual([text, false]);
  });
});

describe('what is not covered', () => {
  const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]): PolicyRule => ({
    verbs,
    apiGroups,
    resources,
    ...(resourceNames === undefined ? {} : { resourceNames }),
  });

  test.each<[string, PolicyRule[], PolicyRule[], PolicyRule[]]>([
    ['nothing of nothing', [], [], []],
    [
      'one verb of two',
      [rule(['get'], [''], ['secrets'])],
      [rule(['get', 'list'], [''], ['secrets'])],
      [rule(['list'], [''], ['secrets'])],
    ],
    [
      'nothing, where several rules together allow it',
      [rule(['get'], [''], ['a', 'b']), rule(['list'], [''], ['*'])],
      [rule(['get', 'list'], [''], ['a', 'b'])],
      [],
    ],
    ['all, from some', [rule(['get'], [''], ['a'])], [rule(['*'], [''], ['a'])], [rule(['*'], [''], ['a'])]],
    [
      'objects that are not named',
      [rule(['get'], [''], ['a'], ['x'])],
      [rule(['get'], [''], ['a'], ['x', 'y']), rule(['get'], [''], ['a'])],
      [rule(['get'], [''], ['a'], ['y']), rule(['get'], [''], ['a'])],
    ],
    ['a subresource of all', [rule(['get'], [''], ['*/status'])], [rule(['get'], [''], ['a/status'])], []],
    [
      'a subresource',
      [rule(['get'], [''], ['a'])],
      [rule(['get'], [''], ['a/approval'])],
      [rule(['get'], [''], ['a/approval'])],
    ],
    [
      'paths',
      [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/api/v1', '/api/v*', '/api*'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/api*'] }],
    ],
  ])('%s', (_what, owned, wanted, missing) => {
    expect(uncoveredRules(owned, wanted)).toEqual(missing);
  });

  test('rules that stand for too much are not compared', () => {
    const many = Array.from({ length: 200 }, (_, index) => `r${index}`);
    expect(() => uncoveredRules([], [rule(many, [''], many)])).toThrow(TooManyPermissionsError);
  });

  test('rules of somebody who owns very many are not compared for long', () => {
    const named = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => rule(['get'], [''], ['secrets'], [`${prefix}${index}`]));
    expect(uncoveredRules(named('a', 1000), named('b', 1000))).toHaveLength(1000);
    expect(() => uncoveredRules(named('a', 100_000), named('b', 10_000))).toThrow(TooManyPermissionsError);
  });

  test('whoever has what covers a rule may do all that the rule allows', () => {
    const texts = (...values: string[]) => fc.subarray([...values, '*'], { minLength: 1 });
    const rules = fc.array(
      fc.record({
        verbs: texts('get', 'list'),
        apiGroups: texts('', 'g'),
        resources: texts('a', 'b', 'a/s', '*/s'),
        resourceNames: fc.subarray(['x', 'y']),
      }),
      { maxLength: 4 },
    );
    const attributes = fc.record({
      type: fc.constant('resource' as const),
      verb: fc.constantFrom('get', 'list', 'patch'),
      group: fc.constantFrom('', 'g', 'h'),
      resource: fc.constantFrom('a', 'b', 'c'),
      subresource: fc.constantFrom('', 's', 't'),
      namespace: fc.constant(''),
      name: fc.constantFrom('', 'x', 'y', 'z'),
    });
    fc.assert(
      fc.property(rules, rules, fc.array(attributes, { minLength: 10, maxLength: 10 }), (owned, wanted, requests) => {
        const missing = uncoveredRules(owned, wanted);
        for (const one of requests) {
          const allowed = wanted.some((rule) => ruleAllows(rule, one));
          const had = [...owned, ...missing].some((rule) => ruleAllows(rule, one));
          if (allowed && !had) return false;
        }
        return true;
      }),
      { numRuns: 300 },
    );
  });
});
