import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clusterAccessReviewer, clusterTokenReviewer } from './reviews.ts';
import { type Answer, refused, type ScriptedCluster, scriptedCluster } from './scripted-cluster.test-support.ts';

let cluster: ScriptedCluster;
let answers: Answer[];
beforeEach(async () => {
  answers = [];
  cluster = await scriptedCluster(() => answers.shift() ?? refused(500, 'nothing more to say'));
});
afterEach(() => cluster.close());

describe('whose a token is', () => {
  const say = (status: object) => answers.push({ code: 201, body: { status } });

  test('is what the cluster says, with all that it knows of the user', async () => {
    const extra = { 'example.com/team': ['a', 'b'] };
    say({ authenticated: true, user: { username: 'ann', uid: '7', groups: ['devs'], extra } });
    const user = await clusterTokenReviewer(cluster.client).review('secret');
    expect(user).toEqual({ name: 'ann', uid: '7', groups: ['devs'], extra });
    expect(cluster.asked).toMatchObject([
      {
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/tokenreviews',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'secret' } },
      },
    ]);
  });

  test.each([
    ['of nobody, although it names a user', { authenticated: false, user: { username: 'ann', groups: ['devs'] } }],
    ['of nobody, without a word of it', { user: { username: 'ann' } }],
    ['of a user without a name', { authenticated: true, user: { groups: ['system:masters'] } }],
    ['of a user whose name is empty', { authenticated: true, user: { username: '', groups: ['system:masters'] } }],
  ])('that is %s is nobody', async (_, status) => {
    say(status);
    expect(await clusterTokenReviewer(cluster.client).review('secret')).toBeUndefined();
  });
});

describe('what a user may do', () => {
  const ask = (attributes: Parameters<ReturnType<typeof clusterAccessReviewer>['review']>[1]) =>
    clusterAccessReviewer(cluster.client).review({ name: 'ann', groups: ['devs'] }, attributes);
  const object = {
    type: 'resource',
    verb: 'update',
    group: 'porch.kpt.dev',
    version: 'v1alpha1',
    resource: 'packagerevisions',
    subresource: 'approval',
    namespace: 'team',
    name: 'r.p.v1',
  } as const;

  test('is asked with everything that a rule may be about', async () => {
    answers.push({ code: 201, body: { status: { allowed: true, reason: 'a rule says so' } } });
    const extra = { scopes: ['read'] };
    const user = { name: 'ann', uid: '7', groups: ['devs', 'all'], extra };
    const decision = await clusterAccessReviewer(cluster.client).review(user, object);
    expect(decision).toEqual({ allowed: true, reason: 'a rule says so' });
    const { type: _, ...resourceAttributes } = object;
    expect(cluster.asked[0]).toMatchObject({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    });
    expect(cluster.asked[0]?.body['spec']).toEqual({
      resourceAttributes,
      user: 'ann',
      uid: '7',
      groups: ['devs', 'all'],
      extra,
    });
  });

  test('with many objects at once, or with a path, is asked without what is not meant', async () => {
    const allowed = { code: 201, body: { status: { allowed: true } } };
    answers.push(allowed, allowed);
    const all = { ...object, verb: 'list', subresource: '', namespace: '', name: '' };
    await ask({ ...all, labelSelector: 'a=b', fieldSelector: 'spec.repository=r' });
    await ask({ type: 'path', verb: 'get', path: '/metrics' });
    expect(cluster.asked.map(({ body }) => body['spec'])).toEqual([
      {
        resourceAttributes: {
          verb: 'list',
          group: 'porch.kpt.dev',
          version: 'v1alpha1',
          resource: 'packagerevisions',
          labelSelector: { rawSelector: 'a=b' },
          fieldSelector: { rawSelector: 'spec.repository=r' },
        },
        user: 'ann',
        groups: ['devs'],
      },
      { nonResourceAttributes: { verb: 'get', path: '/metrics' }, user: 'ann', groups: ['devs'] },
    ]);
  });

  test.each([
    ['says nothing', {}],
    ['says no', { status: { allowed: false } }],
    ['gives a reason only', { status: { reason: 'because' } }],
  ])('is nothing where the cluster %s', async (_, body) => {
    answers.push({ code: 201, body });
    expect(await ask(object)).toMatchObject({ allowed: false });
  });

  test('is asked again where the cluster is busy or gone, and not where it has refused', async () => {
    answers.push(refused(429), undefined, { code: 201, body: { status: { allowed: true } } });
    expect(await ask(object)).toEqual({ allowed: true });
    expect(cluster.asked).toHaveLength(3);
    answers.push(refused(403));
    await expect(ask(object)).rejects.toMatchObject({ name: 'ClusterError', code: 403 });
    expect(cluster.asked).toHaveLength(4);
  });

  test('is not known where the cluster stays in trouble', async () => {
    await expect(ask(object)).rejects.toMatchObject({ name: 'ClusterError', code: 500 });
    expect(cluster.asked).toHaveLength(4);
  });
});
