import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { expectStatus, Packages, repositoriesPath, revisionsPath } from '../harness/packages.ts';
import type { Porch } from '../harness/porch.ts';
import { canRunPostgres, type Replicas, startReplicas } from '../harness/replicas.ts';
import { runPorch } from '../harness/server-process.ts';
import { gitSecret, readyCondition } from '../harness/world.ts';

const busy = 'another request is already in progress';

describe.skipIf(!canRunPostgres())('two servers on one database', () => {
  let replicas: Replicas;
  let gitIsAway = false;
  let a: Packages;
  let b: Packages;
  let servers: readonly [Porch, Porch];
  beforeAll(async () => {
    replicas = await startReplicas({
      servers: 2,
      git: { onRequest: () => (gitIsAway ? { status: 503 } : undefined) },
    });
    const [first, second] = replicas.servers;
    if (first === undefined || second === undefined) throw new Error('two servers were asked for');
    servers = [first, second];
    a = new Packages(first);
    b = new Packages(second);
    await replicas.world.addRepository('repo');
  });
  afterAll(() => replicas?.close());

  const wanted = (packageName: string, workspaceName = 'v1') => ({ repository: 'repo', packageName, workspaceName });

  it('read what the other has just written', async () => {
    for (let n = 0; n < 20; n++) {
      const [here, there] = n % 2 === 0 ? [a, b] : [b, a];
      const { name } = expectStatus(await here.create(wanted(`fresh-${n}`)), 201).metadata;
      expectStatus(await there.get(name), 200);
      expectStatus(await there.propose(name), 200);
      expect(expectStatus(await here.get(name), 200).spec.lifecycle).toBe('Proposed');
    }
  });

  it("take the tokens of service accounts that the other has made, and make some of the other's accounts", async () => {
    const [first, second] = servers;
    const ask = (at: Porch, token: string) => {
      const { address, authority } = at.connection;
      const client = apiClient({ address, authority });
      const headers = { authorization: `Bearer ${token}` };
      return client.send('GET', '/api', undefined, headers).finally(() => client.close());
    };
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    for (let n = 0; n < 10; n++) {
      const [here, there] = n % 2 === 0 ? [first, second] : [second, first];
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: `ci-${n}` } };
      expectStatus(await here.http('POST', accounts, account), 201);
      const { token } = expectStatus(await here.http('POST', `${accounts}/ci-${n}/token`, body), 201).status;
      expectStatus(await ask(there, token), 200);
      const next = { ...account, metadata: { name: `next-${n}` } };
      expectStatus(await here.http('POST', accounts, next), 201);
      const made = expectStatus(await there.http('POST', `${accounts}/next-${n}/token`, body), 201).status;
      expectStatus(await ask(here, made.token), 200);
    }
  });

  it('show watchers what the other writes', async () => {
    const watch = await servers[1].watch(revisionsPath);
    const { name } = expectStatus(await a.create(wanted('watched')), 201).metadata;
    await watch.find('the new draft', ({ type, object }) => type === 'ADDED' && object.metadata.name === name);
    watch.leave();
  });

  it('let one of two overlapping writes win', async () => {
    for (let n = 0; n < 5; n++) {
      const answers = await Promise.all([a, b, a, b].map((packages) => packages.create(wanted(`raced-${n}`))));
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses, answers.map(({ text }) => text).join('\n')).toEqual([201, 409, 409, 409]);
      for (const { status, json } of answers) if (status === 409) expect(json.message).toMatch(/already/);
    }
  });

  it('publish side by side to one branch, and none is too late for ever', async () => {
    const names: string[] = [];
    for (let n = 0; n < 12; n++) {
      const { name } = expectStatus(await a.create(wanted(`beside-${n}`)), 201).metadata;
      expectStatus(await a.propose(name), 200);
      names.push(name);
    }
    const answers = await Promise.all(names.map((name, n) => (n % 2 === 0 ? a : b).approve(name)));
    for (const answer of answers) expect(expectStatus(answer, 200).spec.revision).toBe(1);
  });

  it('let one of two registrations that conflict go on, also when each of them lets one pass', async () => {
    const register = (server: Porch, name: string, directory: string) =>
      server.http('POST', repositoriesPath, {
        apiVersion: 'config.porch.kpt.dev/v1alpha1',
        kind: 'Repository',
        metadata: { name, namespace: 'default' },
        spec: {
          git: { repo: replicas.git.url('raced'), secretRef: { name: gitSecret }, directory, createBranch: true },
        },
      });
    const ready = async (name: string) => {
      const { json } = await servers[0].http('GET', `${repositoriesPath}/${name}`);
      return readyCondition(json);
    };
    await replicas.git.createRepository('raced');
    for (let n = 0; n < 3; n++) {
      const names = [`outer-${n}`, `inner-${n}`];
      const [outer = '', inner = ''] = names;
      const answers = await Promise.all([
        register(servers[0], outer, `dir-${n}`),
        register(servers[1], inner, `dir-${n}/x`),
      ]);
      const passed = names.filter((_, at) => answers[at]?.status === 201);
      for (const { status, json } of answers) {
        if (status !== 201) expect(json.message).toContain('Repository conflict with existing repository');
      }
      await eventually('one that is Ready and no other', async () => {
        const reasons = (await Promise.all(passed.map(ready))).map((condition) => condition?.reason).sort();
        return isDeepStrictEqual(reasons, passed.length === 1 ? ['Ready'] : ['Ready', 'RepositoryConflict']);
      });
      for (const name of passed) expectStatus(await servers[0].http('DELETE', `${repositoriesPath}/${name}`), 200);
    }
  });

  it('say which request is in the way, whichever server it came to', async () => {
    const { name } = expectStatus(await a.create(wanted('held')), 201).metadata;
    const object = expectStatus(await a.get(name), 200);
    object.spec.lifecycle = 'Proposed';
    const answers = await Promise.all([a, b, a, b, a, b].map((packages) => packages.put(object)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, json } of answers) {
      if (status !== 200) expect(json.message).toMatch(new RegExp(`${busy}|has been modified`));
    }
    expect(answers.some(({ json }) => json.message?.includes(busy))).toBe(true);
  });

  it('refuse nested packages that are made at the same time', async () => {
    for (let n = 0; n < 5; n++) {
      const answers = await Promise.all([a.create(wanted(`nest-${n}`)), b.create(wanted(`nest-${n}/inner`))]);
      expect(answers.map(({ status }) => status).sort(), answers.map(({ text }) => text).join('\n')).toEqual([
        201, 400,
      ]);
    }
  });

  it('either remove an upstream or clone it', async () => {
    for (let n = 0; n < 12; n++) {
      const { name } = (await a.publish(wanted(`up-${n}`))).metadata;
      expectStatus(await a.setLifecycle(name, 'DeletionProposed'), 200);
      const task = { type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } };
      const clones = ['x', 'y', 'z'].map((last) => b.create({ ...wanted(`down-${n}-${last}`), task }));
      // A little later each time.
      for (let reads = 0; reads < n; reads++) await a.get(name);
      const removal = await a.delete(name);
      const made = (await Promise.all(clones)).filter(({ status }) => status === 201);
      expect(removal.status, removal.text).toBe(made.length === 0 ? 200 : 403);
    }
  });

  it('give two publications of one package two numbers', async () => {
    const first = (await a.publish(wanted('numbered'))).metadata.name;
    const task = { type: 'edit', edit: { sourceRef: { name: first } } };
    const names: string[] = [];
    for (const [workspace, packages] of [
      ['left', a],
      ['right', b],
    ] as const) {
      const created = expectStatus(await packages.create({ ...wanted('numbered', workspace), task }), 201);
      names.push(created.metadata.name);
      expectStatus(await packages.propose(created.metadata.name), 200);
    }
    const answers = await Promise.all([a.approve(names[0] ?? ''), b.approve(names[1] ?? '')]);
    expect(answers.map((answer) => expectStatus(answer, 200).spec.revision).sort()).toEqual([2, 3]);
    const latest = await a.list(
      '?labelSelector=kpt.dev%2Flatest-revision%3Dtrue&fieldSelector=spec.packageName%3Dnumbered',
    );
    expect(latest.items.map(({ spec }: { spec: { revision: number } }) => spec.revision)).toEqual([3]);
  });

  it('read what the other has published while Git is away', async () => {
    const { name } = (await a.publish(wanted('away'))).metadata;
    const { name: draft } = expectStatus(await b.create(wanted('away-draft')), 201).metadata;
    gitIsAway = true;
    try {
      expect(Object.keys(expectStatus(await b.resources(name), 200).spec.resources)).toContain('Kptfile');
      expect(Object.keys(expectStatus(await a.resources(draft), 200).spec.resources)).toContain('Kptfile');
    } finally {
      gitIsAway = false;
    }
  });

  it('refuse a third that has another key', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'porch-other-key-'));
    try {
      const flags = replicas.sharedFlags.slice(0, 2);
      const exit = await runPorch(['serve', '--data-dir', 'data', '--listen', '127.0.0.1:0', ...flags], directory);
      expect(exit.code).toBe(2);
      expect(exit.stderr).toMatch(/encryption key is not the one .* give its file with --encryption-key-file/);
      expect(exit.stderr).not.toContain(replicas.database.connection.password);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('show the same lists', async () => {
    await eventually('equal lists', async () => JSON.stringify(await a.list()) === JSON.stringify(await b.list()));
  });
});
