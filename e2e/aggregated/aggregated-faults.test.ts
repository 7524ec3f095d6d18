import { X509Certificate } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, type KeyPair } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { expectStatus } from '../harness/packages.ts';
import { probe } from '../harness/probe.ts';
import type { Exit } from '../harness/server-process.ts';
import { gitPassword, gitUser, readyCondition } from '../harness/world.ts';
import { AggregatedPorch } from './aggregated-porch.ts';
import { ControlPlane } from './control-plane.ts';
import { findControlPlane } from './control-plane-programs.ts';
import { shownCertificate } from './shown-certificate.ts';
import { Team } from './team.ts';

const programs = findControlPlane();
const review = '/apis/porch.kpt.dev/v1alpha1/namespaces/team-a/packagerevisions';

describe.skipIf(programs === undefined)('what goes wrong behind a kube-apiserver', () => {
  let git: GitServer;
  let plane: ControlPlane;
  let porch: AggregatedPorch;
  let team: Team;
  let refusal: Exit;
  let incomplete: Exit;
  const direct: ApiClient[] = [];
  beforeAll(async () => {
    if (programs === undefined) return;
    git = await startGitServer({ users: { [gitUser]: gitPassword } });
    plane = await ControlPlane.start(programs);
    porch = await AggregatedPorch.install(plane);
    await plane.kubectl(['delete', 'clusterrolebinding', 'porch-server', 'porch-server-auth-delegator']);
    refusal = await porch.startInVain();
    await porch.reinstall();
    await plane.kubectl(['delete', 'crd', 'functionconfigs.config.porch.kpt.dev']);
    incomplete = await porch.startInVain();
    await porch.reinstall();
    await plane.kubectl(['wait', '--for=condition=Established', 'crd/functionconfigs.config.porch.kpt.dev']);
    await porch.limitSecretsTo('team-a');
    await porch.start();
    await porch.available();
    team = await Team.create(plane, git, 'team-a');
    await team.addRepository('blueprints');
  });
  afterAll(async () => {
    for (const client of direct) client.close();
    await porch?.stop();
    await plane?.close();
    await git?.close();
  });

  /** A client that goes past the aggregator. */
  async function past(identity?: { certificate: string; key: string }): Promise<ApiClient> {
    const authority = await readFile(join(porch.dataDirectory, 'pki', 'ca.crt'), 'utf8');
    const client = apiClient({ address: porch.address, authority, ...identity });
    direct.push(client);
    return client;
  }
  const status = async (client: ApiClient, headers: Record<string, string> = {}) =>
    (await client.send('GET', review, undefined, headers)).status;

  it('permissions that are missing are named, one a line, before anything is served', () => {
    const { code, stderr } = refusal;
    expect(code).toBe(2);
    expect(stderr.split('\n').filter((line) => line.startsWith('missing permission'))).toEqual(
      expect.arrayContaining([
        'missing permission, in a ClusterRole: {apiGroups: [""], resources: ["events"], verbs: ["create", "patch"]}',
        'missing permission, in a ClusterRole: {apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"]}',
      ]),
    );
    expect(stderr).not.toContain('"configmaps"');
  });

  it('Secrets may be allowed in some namespaces only: the server warns, and works there', async () => {
    expect(porch.output).toContain('resources: [\\"secrets\\"], verbs: [\\"get\\"]}; where no Role allows it instead');
    expect(refusal.stderr).not.toMatch(/^missing permission.*"secrets"/m);
    await team.ready('blueprints');
    const other = await Team.create(plane, git, 'team-b');
    await git.createRepository('unreadable');
    expectStatus(await other.register('unreadable'), 201);
    const condition = await eventually('a Repository that says what is missing', async () => {
      const object = expectStatus(await other.viewer.client.send('GET', other.repositoryPath('unreadable')), 200);
      const ready = readyCondition(object);
      return ready?.reason === 'Error' && ready;
    });
    expect(condition.message).toContain('Let the server get secrets in this namespace.');
  });

  it('CustomResourceDefinitions that are missing are named likewise', () => {
    expect(incomplete.code).toBe(2);
    expect(incomplete.stderr).toContain(
      [
        'the cluster does not have what the server works with; apply deploy/crds:',
        'missing resource: functionconfigs of config.porch.kpt.dev/v1alpha1',
        'missing resource: functionconfigs/status of config.porch.kpt.dev/v1alpha1',
      ].join('\n'),
    );
  });

  it('forged headers, strangers and expired certificates get nowhere past the aggregator', async () => {
    const forged = { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' };
    expect(await status(await past(), forged)).toBe(403);
    expect(await status(await past(), { authorization: 'Bearer nonsense' })).toBe(401);
    const viewer = await plane.certificate('clients', 'team-a-viewer');
    expect(await status(await past(viewer), forged)).toBe(200);
    const outsider = await plane.certificate('clients', 'team-a-outsider');
    expect(await status(await past(outsider), forged)).toBe(403);
    expect(await status(await past(await plane.certificate('front-proxies', 'somebody')), forged)).toBe(401);
    expect(await status(await past(await plane.certificate('front-proxies', 'front-proxy', -1)), forged)).toBe(401);
    expect(await status(await past(await plane.certificate('clients', 'team-a-viewer', -1)))).toBe(401);
    for (const name of ['clients', 'front-proxies']) {
      const stranger = await createAuthority({ name });
      const user = name === 'clients' ? 'team-a-viewer' : 'front-proxy';
      const certificate = await stranger.issueClientCertificate({ name: user, groups: ['system:masters'] });
      expect(await status(await past(certificate), forged), `a certificate of other ${name}`).toBe(401);
    }
    expect(await status(await past(await plane.certificate('front-proxies', 'front-proxy')), forged)).toBe(200);
    expect((await (await past()).send('GET', '/readyz')).status).toBe(200);
  });

  it('tokens of the cluster are good, also past the aggregator', async () => {
    const inTeam = (...args: string[]) => plane.kubectl(['-n', 'team-a', ...args]);
    const bearer = async (account: string) => {
      await inTeam('create', 'serviceaccount', account);
      return { authorization: `Bearer ${(await inTeam('create', 'token', account)).trim()}` };
    };
    const binding = ['create', 'rolebinding', 'robot', '--clusterrole=porch-viewer', '--serviceaccount=team-a:robot'];
    await inTeam(...binding);
    expect(await status(await past(), await bearer('stranger'))).toBe(403);
    const robot = await bearer('robot');
    await eventually('a token that is good', async () => (await status(await past(), robot)) === 200);
  });

  it('while the cluster cannot be asked nobody gets in, is told why, and then gets in again', async () => {
    const inTeam = (...args: string[]) => plane.kubectl(['-n', 'team-a', ...args]);
    await inTeam('create', 'serviceaccount', 'late');
    await inTeam('create', 'rolebinding', 'late', '--clusterrole=porch-viewer', '--serviceaccount=team-a:late');
    const late = { authorization: `Bearer ${(await inTeam('create', 'token', 'late')).trim()}` };
    const editor = await past(await plane.certificate('clients', 'team-a-editor'));
    const anybody = await past();
    await plane.killApiServer();
    expect((await anybody.send('GET', review, undefined, late)).json).toMatchObject({ code: 401 });
    expect((await editor.send('GET', review)).json).toMatchObject({
      code: 500,
      reason: 'InternalError',
      message: 'Internal error occurred: it could not be found out whether this is allowed',
    });
    expect((await anybody.send('GET', '/livez')).status).toBe(200);
    await plane.startApiServer();
    expect(await status(editor)).toBe(200);
    expect(await status(anybody, late)).toBe(200);
    await porch.available();
    expect(porch.output).toContain('it could not be found out who makes a request');
  });

  it('a server that starts while the cluster is away waits for it', async () => {
    await porch.stop();
    await plane.killApiServer();
    const started = porch.start();
    await eventually('word of the waiting', async () => /cannot be asked: [^"]*; trying again/.test(porch.output));
    const [live, ready] = await Promise.all(['/livez', '/readyz'].map((path) => probe(`${porch.address}${path}`)));
    expect([live?.status, ready?.status]).toEqual([200, 503]);
    await plane.startApiServer();
    await started;
    await porch.available();
  });

  it('a server that stands alone, and knows none of the Repositories, does not start on the state', async () => {
    const { metadata } = expectStatus(await team.create('blueprints', 'kept'), 201);
    await porch.stop();
    const { code, stderr } = await porch.startAlone();
    await porch.renewToken();
    await porch.start();
    await porch.available();
    expect([code, stderr]).toEqual([2, expect.stringContaining('its Repositories are in the cluster')]);
    expect(expectStatus(await team.get(metadata.name), 200).metadata.uid).toBe(metadata.uid);
  });

  it('a watch goes on where it was after a crash of the server, with all that happened meanwhile', async () => {
    const first = expectStatus(await team.create('blueprints', 'one'), 201);
    const before = await team.watch(first.metadata.resourceVersion);
    const second = expectStatus(await team.create('blueprints', 'two'), 201);
    const seen = await before.find('the second draft', ({ object }) => object.metadata.name === second.metadata.name);
    await porch.kill();
    await before.ended;
    await eventually('a refusal while nobody serves', async () => (await team.get(first.metadata.name)).status === 503);
    const repository = ['-n', 'team-a', 'patch', 'repository', 'blueprints', '--type=merge', '-p'];
    await plane.kubectl([...repository, '{"metadata":{"labels":{"while":"away"}}}']);
    await expect(plane.kubectl([...repository, '{"spec":{"description":"away"}}'])).rejects.toThrow(
      'failed calling webhook',
    );
    await porch.renewToken();
    await porch.start();
    await porch.available();
    await eventually('an answer', async () => (await team.get(first.metadata.name)).status === 200);
    const third = expectStatus(await team.create('blueprints', 'three'), 201);
    const after = await team.watch(seen.object.metadata.resourceVersion);
    await after.find('the third draft', ({ object }) => object.metadata.name === third.metadata.name);
    expect(after.events.filter(({ type }) => type !== 'BOOKMARK').map(({ object }) => object.metadata.name)).toEqual([
      third.metadata.name,
    ]);
    after.leave();
  });

  it('a kube-apiserver that crashes and comes back with another front proxy loses nothing, and the old one is out', async () => {
    const old = await past(await plane.certificate('front-proxies', 'front-proxy'));
    const asViewer = { 'x-remote-user': 'team-a-viewer' };
    expect(await status(old, asViewer)).toBe(200);
    const draft = expectStatus(await team.create('blueprints', 'four'), 201);
    await plane.killApiServer();
    await plane.rotateFrontProxies();
    await plane.startApiServer();
    await porch.available();
    await eventually(
      'an answer through the new front proxy',
      async () => (await team.get('blueprints.one.v1')).status === 200,
    );
    const watch = await team.watch(draft.metadata.resourceVersion);
    expectStatus(await team.setLifecycle(draft.metadata.name, 'Proposed', team.editor), 200);
    await watch.find('the change', ({ object }) => object.spec?.lifecycle === 'Proposed');
    watch.leave();
    // The controller sees what happens in the cluster again.
    await team.addRepository('later');
    // kube-apiserver goes on to name the old authority beside the new one, until somebody takes it out.
    expect(await status(old, asViewer)).toBe(200);
    const data = { 'requestheader-client-ca-file': plane.frontProxyAuthority };
    const patch = [
      'patch',
      'configmap',
      'extension-apiserver-authentication',
      '--type=merge',
      '-p',
      JSON.stringify({ data }),
    ];
    await plane.kubectl(['-n', 'kube-system', ...patch]);
    await eventually('the end of the old front proxy', async () => (await status(old, asViewer)) === 401);
    expect((await team.get('blueprints.one.v1')).status).toBe(200);
  });

  it('a certificate that others renew is shown when its files change, and no request is refused meanwhile', async () => {
    const authority = await createAuthority({ name: 'issuer' });
    const files = { cert: plane.path('tls.crt'), key: plane.path('tls.key') };
    const issue = async (): Promise<KeyPair> => {
      const hosts = [new URL(porch.address).hostname, 'api.porch-system.svc'];
      const pair = await authority.issueServerCertificate({ hosts });
      for (const [path, text] of [
        [files.key, pair.key],
        [files.cert, pair.certificate],
      ] as const) {
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
      }
      return pair;
    };
    const isShown = async ({ certificate }: KeyPair) =>
      (await shownCertificate(porch.address)).fingerprint256 === new X509Certificate(certificate).fingerprint256;
    const first = await issue();
    await porch.stop();
    await porch.renewToken();
    await porch.start('--tls-cert-file', files.cert, '--tls-private-key-file', files.key);
    expect(await isShown(first)).toBe(true);
    const caBundle = Buffer.from(authority.certificate).toString('base64');
    const patch = ['--type=merge', '-p', JSON.stringify({ spec: { caBundle } })];
    await plane.kubectl(['patch', 'apiservice', 'v1alpha1.porch.kpt.dev', ...patch]);
    await eventually('an answer', async () => (await team.get('blueprints.one.v1')).status === 200);
    const watch = await team.watch(expectStatus(await team.get('blueprints.one.v1'), 200).metadata.resourceVersion);

    const second = await issue();
    const codes = new Set<number>();
    await eventually('the new certificate', async () => {
      codes.add((await team.get('blueprints.one.v1')).status);
      return isShown(second);
    });
    const draft = expectStatus(await team.create('blueprints', 'five'), 201);
    await watch.find('the draft, on the watch of before', ({ object }) => object.metadata.name === draft.metadata.name);
    watch.leave();
    expect(codes).toEqual(new Set([200]));
    const bundle = ['get', 'apiservice', 'v1alpha1.porch.kpt.dev', '-o', 'jsonpath={.spec.caBundle}'];
    expect(await plane.kubectl(bundle)).toBe(caBundle);
  });
});
