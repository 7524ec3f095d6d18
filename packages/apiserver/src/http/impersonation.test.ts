import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthenticator } from '../auth/authenticators.ts';
import type { Attributes, Authorizer } from '../auth/authorizer.ts';
import { reviewDefinitions } from '../auth/reviews/review-definitions.ts';
import { systemMasters } from '../auth/user.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { http1Client, http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

const asked: Attributes[] = [];
const authorizer: Authorizer = {
  async authorize(user, attributes) {
    if (attributes.type === 'resource' && attributes.verb === 'impersonate') {
      asked.push(attributes);
      return { allowed: user.groups.includes(systemMasters) };
    }
    return { allowed: true };
  },
};

let trial: TrialServer;
beforeAll(async () => {
  const definitions = reviewDefinitions({ authorizer, resolver: { rulesFor: () => [] }, tokens: [] });
  trial = await startTrialServer({
    definitions,
    discovery: createDiscovery({ definitions, version: 'v1.34.0' }),
    authenticators: [createCertificateAuthenticator()],
    authorizer,
  });
});
afterAll(() => trial.close());

describe.each([http1Client, http2Client])('acting as somebody else through %o', (connect) => {
  async function whoAmI(headers: Record<string, string | string[]>, groups = [systemMasters]) {
    const identity = await trial.authority.issueClientCertificate({ name: 'real', groups });
    const client = connect(trial, identity);
    const answer = await client.send('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
    client.close();
    return answer.json();
  }

  it('is as they are, with groups and all', async () => {
    asked.length = 0;
    const headers = {
      'impersonate-user': 'jane',
      'impersonate-uid': '7',
      'impersonate-group': ['dev', 'a, b'],
      'impersonate-extra-example.com%2fscope': ['all', 'more'],
    };
    expect((await whoAmI(headers)).status.userInfo).toEqual({
      username: 'jane',
      uid: '7',
      groups: ['dev', 'a, b', 'system:authenticated'],
      extra: { 'example.com/scope': ['all', 'more'] },
    });
    expect(asked.map((one) => one.type === 'resource' && `${one.resource}/${one.subresource} ${one.name}`)).toEqual([
      'users/ jane',
      'groups/ dev',
      'groups/ a, b',
      'uids/ 7',
      'userextras/example.com/scope all',
      'userextras/example.com/scope more',
    ]);
  });

  it('takes names with any letters, which are sent in UTF-8', async () => {
    asked.length = 0;
    const sent = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    const headers = { 'impersonate-user': sent('Jürgen Žluť'), 'impersonate-group': [sent('größe 日本')] };
    expect((await whoAmI(headers)).status.userInfo).toEqual({
      username: 'Jürgen Žluť',
      groups: ['größe 日本', 'system:authenticated'],
    });
    expect(asked.map((one) => one.type === 'resource' && one.name)).toEqual(['Jürgen Žluť', 'größe 日本']);
  });

  it('asks for service accounts where they are, and for what only looks like one as for a user', async () => {
    asked.length = 0;
    const named = 'system:serviceaccount:tools:robot';
    const account = await whoAmI({ 'impersonate-user': named, 'impersonate-group': 'dev' });
    expect(account.status.userInfo.groups).toEqual(['dev', 'system:authenticated']);
    for (const name of ['tools:robot:x', 'tools', ':robot', 'tools:']) {
      await whoAmI({ 'impersonate-user': `system:serviceaccount:${name}` });
    }
    const where = ({ resource, namespace, name }: Extract<Attributes, { type: 'resource' }>) =>
      `${resource} ${namespace}/${name}`;
    expect(asked.map((one) => one.type === 'resource' && where(one))).toEqual([
      'serviceaccounts tools/robot',
      'groups /dev',
      'users /system:serviceaccount:tools:robot:x',
      'users /system:serviceaccount:tools',
      'users /system:serviceaccount::robot',
      'users /system:serviceaccount:tools:',
    ]);
  });

  it('gives service accounts and the anonymous user their groups', async () => {
    const groupsOf = async (name: string) => (await whoAmI({ 'impersonate-user': name })).status.userInfo.groups;
    expect(await groupsOf('system:serviceaccount:tools:robot')).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:tools',
      'system:authenticated',
    ]);
    expect(await groupsOf('system:anonymous')).toEqual(['system:unauthenticated']);
    const unproved = { 'impersonate-user': 'jane', 'impersonate-group': 'system:unauthenticated' };
    expect((await whoAmI(unproved)).status.userInfo.groups).toEqual(['system:unauthenticated']);
  });

  it('needs a permission, and a user', async () => {
    expect(await whoAmI({ 'impersonate-user': 'jane' }, ['dev'])).toMatchObject({
      code: 403,
      message:
        'users "jane" is forbidden: User "real" cannot impersonate resource "users" in API group "" at the cluster scope',
    });
    expect((await whoAmI({ 'impersonate-group': 'dev' })).code).toBe(400);
    expect((await whoAmI({ 'impersonate-user': 'a', 'impersonate-extra-%zz': 'x' })).code).toBe(400);
    expect((await whoAmI({ 'impersonate-user': 'a', 'impersonate-groups': 'x' })).message).toBe(
      'the header "impersonate-groups" is not known',
    );
  });
});
