import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../harness/api-client.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { expectStatus } from '../harness/packages.ts';
import { gitPassword, gitUser } from '../harness/world.ts';
import { AggregatedPorch } from './aggregated-porch.ts';
import { ControlPlane } from './control-plane.ts';
import { findControlPlane } from './control-plane-programs.ts';
import { Team } from './team.ts';

const programs = findControlPlane();
const hasJq = spawnSync('jq', ['--version']).status === 0;
if (!hasJq) process.stderr.write('skipped: commands of docs/migration.md: there is no jq\n');

const finalizer = 'internal.porch.kpt.dev/packagerevision';
/** What the Go server's manifests have under the names of ours, as far as it gets in the way. */
const goObjects: readonly Json[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace: 'porch-system' },
    spec: { selector: { app: 'porch-server' }, ports: [{ name: 'api', port: 443, targetPort: 4443 }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'porch-server', namespace: 'porch-system' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'porch-server' } },
      template: {
        metadata: { labels: { app: 'porch-server' } },
        spec: { containers: [{ name: 'porch-server', image: 'example.io/porch-server:v1' }] },
      },
    },
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1alpha1.porch.kpt.dev' },
    spec: {
      ...{ group: 'porch.kpt.dev', version: 'v1alpha1', groupPriorityMinimum: 1000, versionPriority: 15 },
      ...{ insecureSkipTLSVerify: true, service: { name: 'api', namespace: 'porch-system' } },
    },
  },
];

describe.skipIf(programs === undefined || !hasJq)('the commands of docs/migration.md, in a cluster', () => {
  let git: GitServer;
  let plane: ControlPlane;
  let porch: AggregatedPorch;
  let team: Team;
  beforeAll(async () => {
    if (programs === undefined) return;
    git = await startGitServer({ users: { [gitUser]: gitPassword } });
    plane = await ControlPlane.start(programs);
    await plane.kubectl(['create', 'namespace', 'porch-system']);
    const items = { apiVersion: 'v1', kind: 'List', items: goObjects };
    await plane.kubectl(['create', '-f', '-'], JSON.stringify(items));
    await run('kubectl delete apiservice');
    porch = await AggregatedPorch.install(plane);
    await porch.start();
    await porch.available();
    team = await Team.create(plane, git, 'team-a');
    await team.addRepository('blueprints');
  });
  afterAll(async () => {
    await porch?.stop();
    await plane?.close();
    await git?.close();
  });

  /** Runs the commands of the page that begin so, as the administrator of the cluster. */
  async function run(beginning: string): Promise<void> {
    const page = await readFile(new URL('../../docs/migration.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/^ *```\n(.*?)^ *```$/gms)].map(([, block = '']) => block.trim());
    const [script = '', ...others] = blocks.filter((block) => block.startsWith(beginning));
    if (script === '' || others.length > 0) throw new Error(`not one block of the page begins with ${beginning}`);
    const { kubeconfig } = await plane.admin();
    const PATH = `${dirname(plane.programs.kubectl)}:${process.env.PATH}`;
    const env = { PATH, HOME: plane.directory, KUBECONFIG: kubeconfig };
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: plane.directory, env });
  }

  const record = async (name: string): Promise<Json> =>
    JSON.parse(await plane.kubectl(['-n', 'team-a', 'get', 'packagerev', name, '-o', 'json']));

  it('what the Go server leaves under the names of ours is out of the way', async () => {
    const service = JSON.parse(await plane.kubectl(['-n', 'porch-system', 'get', 'service', 'api', '-o', 'json']));
    expect(service.spec.selector).toEqual({ 'app.kubernetes.io/name': 'porch-server' });
    const api = JSON.parse(await plane.kubectl(['get', 'apiservice', 'v1alpha1.porch.kpt.dev', '-o', 'json']));
    expect(api.spec).toMatchObject({ caBundle: expect.any(String) });
    expect(api.spec.insecureSkipTLSVerify).toBeUndefined();
  });

  it("labels and the like get into the Go server's records, which can be removed for good", async () => {
    const more = { metadata: { labels: { tier: 'net' }, annotations: { note: 'kept' } } };
    const { metadata } = expectStatus(await team.create('blueprints', 'net', more), 201);
    const { name } = expectStatus(await team.create('blueprints', 'plain'), 201).metadata;
    const labels = { 'internal.porch.kpt.dev/repository': 'blueprints' };
    const made = (of: string) => ({
      apiVersion: 'config.porch.kpt.dev/v1alpha1',
      kind: 'PackageRev',
      metadata: { name: of, namespace: 'team-a', labels, finalizers: [finalizer] },
    });
    const items = [made(metadata.name), made(name)];
    await plane.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await run('kubectl get packagerevisions');
    await run('kubectl apply --server-side');
    expect((await record(metadata.name)).metadata).toMatchObject({
      labels: { ...labels, tier: 'net' },
      annotations: { note: 'kept' },
      finalizers: [finalizer],
    });
    expect((await record(name)).metadata).toMatchObject({ labels, finalizers: [finalizer] });

    await run('kubectl get packagerevs -A --no-headers');
    expect(await plane.kubectl(['get', 'packagerevs', '-A', '-o', 'name'])).toBe('');
  });
});
