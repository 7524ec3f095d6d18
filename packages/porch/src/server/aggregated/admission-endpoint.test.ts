import type { OpenRequest } from '@porch/apiserver';
import { expect, test } from 'vitest';
import type { RepositoryAdmission, RepositoryAdmissionRequest } from '../../api/repository/admission.ts';
import { admissionEndpoint } from './admission-endpoint.ts';

const object = {
  apiVersion: 'config.porch.kpt.dev/v1alpha1',
  kind: 'Repository',
  metadata: { name: 'packages' },
  spec: { type: 'git', git: { repo: 'https://git.example/r.git' } },
};
const request = {
  uid: 'asked-1',
  operation: 'CREATE',
  namespace: 'team',
  userInfo: { username: 'ann', uid: '7', groups: ['devs'], extra: { scopes: ['all'] } },
  object,
};

async function ask(asked: object, answer: RepositoryAdmission = { warnings: [] }) {
  const seen: RepositoryAdmissionRequest[] = [];
  const endpoint = admissionEndpoint(async (one) => {
    seen.push(one);
    return answer;
  });
  const body = Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', ...asked }));
  const { status, body: said } = await endpoint.answer({ headers: {}, body } as OpenRequest);
  return { seen, status, said };
}

test('what is asked is passed on as it was meant', async () => {
  const { seen } = await ask({ request });
  expect(seen).toEqual([
    {
      operation: 'CREATE',
      dryRun: false,
      user: { name: 'ann', uid: '7', groups: ['devs'], extra: { scopes: ['all'] } },
      object: { ...object, metadata: { name: 'packages', namespace: 'team' } },
    },
  ]);
  const older = { ...object, spec: { ...object.spec, description: 'old' } };
  const update = await ask({ request: { ...request, operation: 'UPDATE', dryRun: true, oldObject: older } });
  expect(update.seen).toMatchObject([
    { operation: 'UPDATE', dryRun: true, oldObject: { metadata: { namespace: 'team' }, spec: { description: 'old' } } },
  ]);
  expect((await ask({ request: { ...request, oldObject: null } })).seen[0]).not.toHaveProperty('oldObject');
});

test('what is let pass is answered so, with what there is to say', async () => {
  const answered = (response: object) => ({
    status: 200,
    said: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'asked-1', ...response } },
  });
  expect(await ask({ request })).toMatchObject(answered({ allowed: true }));
  const warned = await ask({ request }, { warnings: ['it will not be Ready'] });
  expect(warned).toMatchObject(answered({ allowed: true, warnings: ['it will not be Ready'] }));
  const refusal = { code: 403, reason: 'Forbidden', message: 'not this one' };
  const refused = await ask({ request }, { refusal, warnings: [] });
  expect(refused).toMatchObject(answered({ allowed: false, status: { status: 'Failure', ...refusal } }));
});

test.each([
  ['another kind', { kind: 'SubjectAccessReview', request }],
  ['an older version', { apiVersion: 'admission.k8s.io/v1beta1', request }],
  ['no request', {}],
  ['no object', { request: { ...request, object: undefined } }],
  ['a name that is no text', { request: { ...request, object: { ...object, metadata: { name: 7 } } } }],
])('%s is refused, and nobody is asked', async (_, asked) => {
  await expect(ask(asked)).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('this is no AdmissionReview of a Repository'),
  });
});

test('what is no JSON is refused', async () => {
  const endpoint = admissionEndpoint(() => expect.fail('nobody is to be asked'));
  const answer = endpoint.answer({ headers: {}, body: Buffer.from('{') } as OpenRequest);
  await expect(answer).rejects.toMatchObject({ code: 400, message: expect.stringContaining('no JSON') });
});
