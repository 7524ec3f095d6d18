import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type SigningKey,
  startIssuer,
  type TrialIssuer,
} from '../packages/apiserver/src/auth/oidc/issuer.test-support.ts';
import { apiClient } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { fullySupported, kubectlPrograms } from './harness/kubectl.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import { runPorch } from './harness/server-process.ts';
import { startWorld, type World } from './harness/world.ts';

const nextHour = () => Math.floor(Date.now() / 1000) + 3600;

describe.each(kubectlPrograms())('people who come from a single sign-on, with $title', (program) => {
  let directory: string;
  let issuer: TrialIssuer;
  let key: SigningKey;
  let world: World;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'porch-oidc-'));
    issuer = await startIssuer();
    key = await issuer.addKey('key');
    const ca = join(directory, 'ca.pem');
    await writeFile(ca, issuer.ca);
    const flags = [
      ...['--oidc-issuer-url', issuer.url, '--oidc-client-id', 'porch', '--oidc-ca-file', ca],
      ...['--oidc-username-claim', 'email', '--oidc-groups-claim', 'groups', '--oidc-groups-prefix', 'sso:'],
    ];
    world = await startWorld({ porch: { program, flags } });
    await world.addRepository('repo');
  });
  afterAll(async () => {
    await world?.close();
    await issuer?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const tokenOf = (claims: object) => key.sign({ iss: issuer.url, aud: 'porch', exp: nextHour(), ...claims });
  /** The kubeconfig of somebody who has nothing but a token. */
  async function signedIn(name: string, token: string): Promise<string> {
    const path = join(directory, name);
    const { address, authority } = world.porch.connection;
    const cluster = { server: address, 'certificate-authority-data': Buffer.from(authority).toString('base64') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'porch', cluster }],
      users: [{ name, user: { token } }],
      contexts: [{ name: 'porch', context: { cluster: 'porch', user: name, namespace: 'default' } }],
      'current-context': 'porch',
    };
    await writeFile(path, JSON.stringify(config));
    return path;
  }
  const as = (kubeconfig: string, line: string, stdin?: string) =>
    world.porch.kubectlResult(line.split(' '), stdin, { KUBECONFIG: kubeconfig });

  it('may do what the roles of their name and of their groups say', async () => {
    const jane = await signedIn('jane', await tokenOf({ email: 'jane@example.com', groups: ['editors'] }));
    expect((await as(jane, 'get packagerevisions')).stderr).toContain('User "jane@example.com" cannot list resource');
    await world.porch.kubectl(
      'create rolebinding editors --clusterrole=porch-editor --group=sso:editors -n default'.split(' '),
    );
    expect(await as(jane, 'get packagerevisions')).toMatchObject({ code: 0 });
    if (program.minor >= fullySupported) {
      const who = await as(jane, 'auth whoami');
      expect(who.stdout).toMatch(/Username +jane@example\.com\n/);
      expect(who.stdout).toMatch(/Groups +\[sso:editors system:authenticated\]/);
    }
  });

  it('are named as those who approved', async () => {
    const token = await tokenOf({ email: 'jane@example.com', groups: ['editors'] });
    const jane = await signedIn('jane', token);
    await world.porch.kubectl(
      'create rolebinding approvers --clusterrole=porch-approver --user=jane@example.com -n default'.split(' '),
    );
    const revision = {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'default' },
      spec: { packageName: 'app', workspaceName: 'v1', repository: 'repo', lifecycle: 'Proposed' },
    };
    const created = await as(jane, 'create -f - -o name', JSON.stringify(revision));
    expect(created).toMatchObject({ code: 0 });
    const name = created.stdout.trim().split('/')[1] ?? '';
    const { address, authority } = world.porch.connection;
    const client = apiClient({ address, authority });
    const headers = { 'content-type': 'application/merge-patch+json', authorization: `Bearer ${token}` };
    const change = { spec: { lifecycle: 'Published' } };
    expectStatus(await client.send('PATCH', `${revisionsPath}/${name}/approval`, change, headers), 200);
    client.close();
    const by = await as(jane, `get packagerevision ${name} -o jsonpath={.status.publishedBy}`);
    expect(by.stdout).toBe('jane@example.com');
  });

  it('are asked to log in again when their token is no good, and told why', async () => {
    const late = await signedIn('late', await tokenOf({ email: 'jane@example.com', exp: 1 }));
    const refused = await as(late, 'get packagerevisions');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('the token has expired');
    const bold = await signedIn('bold', await tokenOf({ email: 'system:admin' }));
    expect((await as(bold, 'get packagerevisions')).stderr).toContain("names with system: are the server's own");
  });

  it('leave no token in the log', async () => {
    const token = await tokenOf({ email: 'jane@example.com', groups: 'editors' });
    await as(await signedIn('jane', token), 'get packagerevisions');
    expect(world.porch.output).not.toContain(token);
  });
});

describe('a server with an issuer', () => {
  it('says which of the flags is missing, and which file is no certificate', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'porch-oidc-'));
    try {
      const serve = (...flags: string[]) =>
        runPorch(['serve', '--data-dir', 'data', '--oidc-issuer-url', 'https://sso.example.com', ...flags], directory);
      expect(await serve()).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--oidc-issuer-url needs --oidc-client-id'),
      });
      await writeFile(join(directory, 'ca.pem'), 'no certificate');
      const refused = await serve('--oidc-client-id', 'porch', '--oidc-ca-file', 'ca.pem');
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /^porch: --oidc-ca-file \S+ca\.pem cannot be used: .*; name a file with certificates in PEM\n$/,
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('that cannot be reached goes on for everybody else, and says so in its log', async () => {
    const world = await startWorld({
      porch: { flags: ['--oidc-issuer-url', 'https://127.0.0.1:1', '--oidc-client-id', 'porch'] },
    });
    try {
      expect((await world.porch.http('GET', '/api/v1/namespaces')).status).toBe(200);
      await eventually('what the log says of the issuer', async () =>
        world.porch.output.includes('the keys of the OpenID Connect issuer cannot be read') ? true : undefined,
      );
    } finally {
      await world.close();
    }
  });
});
