import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { fullySupported, kubectlPrograms } from './harness/kubectl.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import { type Porch, startPorch } from './harness/porch.ts';
import { runPorch } from './harness/server-process.ts';
import { startWorld, type World } from './harness/world.ts';

const programs = kubectlPrograms();
const namespaces = '/api/v1/namespaces';

describe('users of the server', () => {
  let directory: string;
  let data: string;
  let tokenFile: string;
  let porch: Porch | undefined;
  const run = (...args: string[]) => runPorch([...args, '--data-dir', data], directory);
  const running = (): Porch => {
    if (porch === undefined) throw new Error('the server has not been started');
    return porch;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'porch-access-'));
    data = join(directory, 'data');
    tokenFile = join(directory, 'tokens.csv');
    await writeFile(tokenFile, 'file-token-1,robot,,"bots,system:masters"\n');
  });
  afterAll(async () => {
    await porch?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const tokenOf = (kubeconfig: string): string => /token: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  async function withToken<T>(token: string, work: (client: ApiClient, headers: Record<string, string>) => Promise<T>) {
    const { address, authority } = running().connection;
    const client = apiClient({ address, authority });
    try {
      return await work(client, { authorization: `Bearer ${token}` });
    } finally {
      client.close();
    }
  }
  const codeOf = (token: string, path: string) =>
    withToken(token, async (client, headers) => (await client.send('GET', path, undefined, headers)).status);

  it('are added before the server ever ran', async () => {
    const nowhere = {
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`${data} cannot be used: it does not exist;`),
    };
    expect(await run('user', 'list')).toMatchObject(nowhere);
    expect(await run('user', 'add', 'jane', '--role', 'porch-viewer')).toMatchObject(nowhere);
    await mkdir(data, { mode: 0o700 });
    expect(await run('user', 'list')).toMatchObject({ code: 0, stdout: expect.stringContaining('There are no users') });
    const added = await run(
      'user',
      'add',
      'jane',
      '--role',
      'porch-viewer',
      '--namespace',
      'default',
      '--group',
      'dev',
    );
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('role porch-viewer in namespace default') });
    expect(added.stdout).toContain(`porch kubeconfig jane --namespace default --data-dir ${data} --out FILE`);
    expect(await run('kubeconfig', 'jane')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('start the server once'),
    });
  });

  it('are refused with a reason where something is wrong', async () => {
    const refusal = async (...args: string[]) => {
      const { code, stderr } = await run(...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refusal('user', 'add', 'joe', '--role', 'viewer')).toMatch(
      /there is no role viewer; choose one of porch-admin,/,
    );
    expect(await refusal('user', 'add', 'joe', '--role', 'porch-viewer', '--namespace', 'x')).toContain(
      'no namespace x',
    );
    expect(await refusal('user', 'add', 'system:admin', '--role', 'porch-viewer')).toContain(
      '"system:admin" cannot be used',
    );
    expect(await refusal('user', 'add', 'joe')).toContain('--role');
    expect(await refusal('user', 'add', 'joe', '--role', 'porch-viewer', '--namespace', '')).toMatch(
      /^porch: option '--namespace <namespace>' argument '' is invalid\. [^\n]+\n$/,
    );
    expect((await run('user', 'list')).stdout).not.toContain('joe');
    expect(await refusal('user', 'remove', 'joe')).toContain('there is no user "joe"');
    expect(await refusal('kubeconfig', 'joe')).toContain('porch user add joe');
  });

  it('are let in with the token of their kubeconfig, and see what their role says', async () => {
    porch = await startPorch({ dataDirectory: data, flags: ['--token-auth-file', tokenFile] });
    const out = join(directory, 'jane.kubeconfig');
    const written = await run('kubeconfig', 'jane', '--out', out);
    expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining(out) });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const token = tokenOf(await readFile(out, 'utf8'));
    expect(written.stdout).not.toContain(token);
    expect(await codeOf(token, revisionsPath)).toBe(200);
    expect(await codeOf(token, '/apis/porch.kpt.dev/v1alpha1/packagerevisions')).toBe(403);
    expect(await codeOf(token, `${namespaces}/default/secrets`)).toBe(403);
    for (const path of ['/api', '/apis/porch.kpt.dev/v1alpha1', '/openapi/v3', '/version']) {
      expect([path, await codeOf(token, path)]).toEqual([path, 200]);
    }
    expect(await readFile(join(data, 'users.json'), 'utf8')).not.toContain(token);
    expect(running().output).not.toContain(token);
  });

  it('are added and removed while it runs', async () => {
    expect((await run('user', 'add', 'joe', '--role', 'porch-viewer')).code).toBe(0);
    expect((await run('user', 'add', 'joe', '--role', 'porch-editor', '--namespace', 'default')).code).toBe(0);
    const first = tokenOf((await run('kubeconfig', 'joe')).stdout);
    const second = tokenOf((await run('kubeconfig', 'joe')).stdout);
    expect(await codeOf(first, namespaces)).toBe(200);
    expect(await codeOf(second, namespaces)).toBe(200);
    const list = (await run('user', 'list')).stdout.trim().split('\n');
    expect(list.map((line) => line.split(/ {3,}/))).toEqual([
      ['NAME', 'ROLES', 'GROUPS', 'TOKENS'],
      ['jane', 'porch-viewer in default', 'dev', '1'],
      ['joe', 'porch-viewer, porch-editor in default', '-', '2'],
    ]);
    const third = tokenOf((await run('kubeconfig', 'joe', '--revoke-others')).stdout);
    expect(await codeOf(third, namespaces)).toBe(200);
    await eventually('the end of an earlier token', async () =>
      (await codeOf(first, namespaces)) === 401 ? true : undefined,
    );
    expect((await run('user', 'remove', 'joe')).stdout).toContain('is removed');
    await eventually('the end of a token', async () => ((await codeOf(third, namespaces)) === 401 ? true : undefined));
    const bindings = await running().http('GET', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings');
    expect(bindings.text).not.toContain('joe');
  });

  it('may also stand in a file, which is read again when it changes', async () => {
    expect(await codeOf('file-token-1', `${namespaces}/default/secrets`)).toBe(200);
    await writeFile(tokenFile, 'file-token-2,robot,,system:masters\n');
    await eventually('the end of a token', async () =>
      (await codeOf('file-token-1', namespaces)) === 401 ? true : undefined,
    );
    expect(await codeOf('file-token-2', namespaces)).toBe(200);
  });

  it('are nobody without good credentials', async () => {
    expect(await codeOf('wrong', namespaces)).toBe(401);
    const { address, authority } = running().connection;
    const client = apiClient({ address, authority });
    expect((await client.send('GET', namespaces)).status).toBe(401);
    expect((await client.send('GET', '/readyz')).status).toBe(200);
    client.close();
  });

  it('are who their token says, whatever certificate a proxy shows beside it', async () => {
    const elsewhere = await createAuthority({ name: 'elsewhere' });
    const shown = await elsewhere.issueClientCertificate({ name: 'proxy', groups: [] });
    const { address, authority } = running().connection;
    const client = apiClient({ address, authority, ...shown });
    try {
      const ask = async (headers = {}) => (await client.send('GET', namespaces, undefined, headers)).status;
      expect(await ask({ authorization: 'Bearer file-token-2' })).toBe(200);
      expect([await ask(), await ask({ authorization: 'Bearer wrong' })]).toEqual([401, 401]);
    } finally {
      client.close();
    }
  });
});

describe.each(programs)('permissions with $title', (program) => {
  let world: World;
  let porch: Porch;
  let directory: string;
  const kubectl = (line: string, stdin?: string) => porch.kubectl(line.split(' '), stdin);
  const as = (user: string, line: string, stdin?: string) =>
    porch.kubectlResult(line.split(' '), stdin, { KUBECONFIG: join(directory, user) });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'porch-access-'));
    world = await startWorld({ porch: { program } });
    porch = world.porch;
    await world.addRepository('repo');
    for (const [user, role] of [
      ['eve', 'porch-editor'],
      ['ann', 'porch-approver'],
      ['adam', 'porch-admin'],
    ] as const) {
      const where = ['--data-dir', porch.dataDirectory];
      const added = await runPorch(
        ['user', 'add', user, '--role', role, '--namespace', 'default', ...where],
        directory,
      );
      expect(added).toMatchObject({ code: 0 });
      const made = await runPorch(['kubeconfig', user, '--out', join(directory, user), ...where], directory);
      expect(made).toMatchObject({ code: 0 });
    }
  });
  afterAll(async () => {
    await world?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it.skipIf(program.minor < fullySupported)('tells people who they are and what they may do', async () => {
    expect((await as('eve', 'auth whoami -o jsonpath={.status.userInfo.username}')).stdout).toBe('eve');
    const may = async (user: string, line: string) => (await as(user, `auth can-i ${line}`)).stdout.trim();
    expect(await may('eve', 'create packagerevisions.porch.kpt.dev')).toBe('yes');
    expect(await may('eve', 'patch packagerevisions.porch.kpt.dev --subresource approval')).toBe('no');
    expect(await may('ann', 'patch packagerevisions.porch.kpt.dev --subresource approval')).toBe('yes');
    expect(await may('eve', 'get /version')).toBe('yes');
    expect(await may('adam', 'create rolebindings')).toBe('yes');
    expect((await as('eve', 'auth can-i --list')).stdout).toMatch(
      /packagerevisions\.porch\.kpt\.dev +\[\] +\[\] +\[get list watch create update patch delete deletecollection\]/,
    );
    expect(await porch.kubectlResult('auth can-i get secrets --as eve -n default'.split(' '))).toMatchObject({
      code: 1,
      stdout: 'no\n',
    });
    expect(await kubectl('auth whoami --as eve --as-group dev')).toMatch(/Groups +\[dev system:authenticated\]/);
  });

  it('lets one person write and another approve', async () => {
    const revision = `apiVersion: porch.kpt.dev/v1alpha1
kind: PackageRevision
metadata:
  namespace: default
spec:
  packageName: app
  workspaceName: v1
  repository: repo
`;
    const created = await as('eve', 'create -f - -o name', revision);
    expect(created).toMatchObject({ code: 0 });
    const name = created.stdout.trim();
    const path = `${revisionsPath}/${name.split('/')[1]}`;
    const lifecycle = (user: string, value: string, endpoint = '') =>
      porch.http(
        'PATCH',
        `${path}${endpoint}`,
        { spec: { lifecycle: value } },
        {
          'content-type': 'application/merge-patch+json',
          'impersonate-user': user,
        },
      );
    expect((await lifecycle('ann', 'Proposed')).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('User "ann" cannot patch resource "packagerevisions"'),
    });
    expectStatus(await lifecycle('eve', 'Proposed'), 200);
    expect((await lifecycle('eve', 'Published', '/approval')).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('User "eve" cannot patch resource "packagerevisions/approval"'),
    });
    expectStatus(await lifecycle('ann', 'Published', '/approval'), 200);
    const published = expectStatus(await porch.http('GET', path), 200);
    expect(published).toMatchObject({ spec: { lifecycle: 'Published' }, status: { publishedBy: 'ann' } });
  });

  it('lets administrators of a namespace pass on what they have and no more', async () => {
    const grant = (role: string) =>
      as('adam', `create rolebinding to-${role} --clusterrole=${role} --user=zoe -n default`);
    expect(await grant('porch-editor')).toMatchObject({ code: 0 });
    expect(await grant('cluster-admin')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is attempting to grant RBAC permissions not currently held'),
    });
    expect((await kubectl('auth can-i create packagerevisions.porch.kpt.dev --as zoe -n default')).trim()).toBe('yes');
    expect(await as('adam', 'get packagerevisions --as eve')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('User "adam" cannot impersonate resource "users"'),
    });
  });

  it.skipIf(program.minor < fullySupported)('serves what controllers and kubectl keep beside packages', async () => {
    await kubectl('create configmap settings --from-literal=a=b');
    await kubectl('create serviceaccount robot');
    await kubectl('create role reader --verb=get --resource=configmaps');
    await kubectl('create rolebinding reader --role=reader --serviceaccount=default:robot');
    const robot = '--as system:serviceaccount:default:robot';
    expect(await kubectl(`get configmap settings -o jsonpath={.data.a} ${robot}`)).toBe('b');
    expect(await kubectl('get clusterroles')).toMatch(/^porch-approver +\d{4}-/m);
    expect(await kubectl('get rolebindings reader -o wide')).toMatch(/Role\/reader +\S+ +default\/robot/);
    expect(await kubectl('describe clusterrole porch-approver')).toContain('packagerevisions.porch.kpt.dev/approval');
    await kubectl('create namespace team-a');
    await kubectl(
      'apply -f -',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e', namespace: 'default' },
        involvedObject: { kind: 'ConfigMap', name: 'settings', namespace: 'default' },
        reason: 'Tested',
        type: 'Normal',
        message: 'It works',
        lastTimestamp: new Date().toISOString(),
      }),
    );
    expect(await kubectl('get events --field-selector involvedObject.name=settings')).toMatch(
      /^\d+s +Normal +Tested +configmap\/settings +It works$/m,
    );
    expect(await kubectl('explain clusterrole.rules.verbs')).toContain('What may be done');
  });
});

describe('the audit log', () => {
  it('says who did what, and nothing of secrets', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'porch-audit-'));
    const log = join(directory, 'audit.log');
    const policy = join(directory, 'policy.yaml');
    await writeFile(
      policy,
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- {level: None, verbs: [get, list, watch]}\n- {level: RequestResponse}\n',
    );
    const porch = await startPorch({ flags: ['--audit-log-path', log, '--audit-policy-file', policy] });
    try {
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        stringData: { password: 'correct-horse' },
      };
      expectStatus(await porch.http('POST', `${namespaces}/default/secrets`, secret), 201);
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } };
      expectStatus(await porch.http('POST', `${namespaces}/default/configmaps`, map), 201);
      expectStatus(await porch.http('GET', `${namespaces}/default/configmaps`), 200);
    } finally {
      await porch.close();
    }
    const text = await readFile(log, 'utf8');
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toMatchObject([
      { level: 'Metadata', verb: 'create', user: { username: 'admin' }, objectRef: { resource: 'secrets', name: 's' } },
      { level: 'RequestResponse', requestObject: { data: { a: 'b' } }, responseStatus: { code: 201 } },
    ]);
    expect(text).not.toContain('correct-horse');
    expect(text).not.toContain(Buffer.from('correct-horse').toString('base64'));
    await rm(directory, { recursive: true });
  });
});
