import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.ts';
import { freePorts } from '../harness/free-ports.ts';
import { type Exit, PorchProcess } from '../harness/server-process.ts';
import type { ControlPlane } from './control-plane.ts';

const deploy = join(import.meta.dirname, '../../deploy/base');
const apiService = 'v1alpha1.porch.kpt.dev';

/** A server behind the kube-apiserver of a control plane, installed from `deploy/`, with the rights of its service account. */
export class AggregatedPorch {
  readonly #plane: ControlPlane;
  readonly #name: string;
  readonly #port: number;
  readonly dataDirectory: string;
  readonly auditLog: string;
  #process: PorchProcess | undefined;
  #output = '';

  private constructor(plane: ControlPlane, name: string, port: number) {
    this.#plane = plane;
    this.#name = name;
    this.#port = port;
    this.dataDirectory = plane.path(`${name}-data`);
    this.auditLog = plane.path(`${name}-audit.log`);
  }

  /** Installs what a cluster needs, without starting a server. */
  static async install(plane: ControlPlane): Promise<AggregatedPorch> {
    const porch = await AggregatedPorch.#prepare(plane, 'api');
    await porch.reinstall();
    await plane.kubectl(['wait', '--for=condition=Established', 'crd/repositories.config.porch.kpt.dev']);
    await porch.enlist();
    await porch.#writeIdentity();
    return porch;
  }

  /** One more server of the same cluster, with a data directory of its own. */
  static async another(plane: ControlPlane, name: string): Promise<AggregatedPorch> {
    const porch = await AggregatedPorch.#prepare(plane, name);
    await porch.enlist();
    return porch;
  }

  static async #prepare(plane: ControlPlane, name: string): Promise<AggregatedPorch> {
    const [port = 0] = await freePorts(1);
    return new AggregatedPorch(plane, name, port);
  }

  /** Makes the server one of those that the Service stands for. There are no nodes, so its endpoints are written by hand. */
  async enlist(): Promise<void> {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: this.#name,
        namespace: 'porch-system',
        labels: { 'kubernetes.io/service-name': 'api' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [this.#plane.programs.address], conditions: { ready: true } }],
      ports: [{ name: 'https', port: this.#port, protocol: 'TCP' }],
    };
    await this.#plane.kubectl(['apply', '-f', '-'], JSON.stringify(slice));
  }

  /** Takes the server out of the Service, as a failed readiness probe does. */
  async strike(): Promise<void> {
    await this.#plane.kubectl(['-n', 'porch-system', 'delete', 'endpointslice', this.#name]);
  }

  /** Puts back what is in `deploy/`. */
  async reinstall(): Promise<void> {
    await this.#plane.kubectl(['apply', '-k', deploy]);
  }

  /** Lets the server read Secrets in one namespace, which it makes, and in no other. */
  async limitSecretsTo(namespace: string): Promise<void> {
    const role = JSON.parse(await this.#plane.kubectl(['get', 'clusterrole', 'porch-server', '-o', 'json']));
    const at = role.rules.findIndex(({ resources }: { resources: string[] }) => resources.includes('secrets'));
    const patch = JSON.stringify([{ op: 'remove', path: `/rules/${at}` }]);
    await this.#plane.kubectl(['patch', 'clusterrole', 'porch-server', '--type=json', '-p', patch]);
    const within = (...args: string[]) => this.#plane.kubectl(['-n', namespace, 'create', ...args]);
    await this.#plane.kubectl(['create', 'namespace', namespace]);
    await within('role', 'porch-secrets', '--verb=get', '--resource=secrets');
    await within('rolebinding', 'porch-secrets', '--role=porch-secrets', '--serviceaccount=porch-system:porch-server');
  }

  get kubeconfig(): string {
    return this.#plane.path('porch.kubeconfig');
  }

  /** Where the server is, beside the aggregator. */
  get address(): string {
    return `https://${this.#plane.programs.address}:${this.#port}`;
  }

  /** All that the servers of this data directory have printed. */
  get output(): string {
    return `${this.#output}${this.#process?.stdout ?? ''}${this.#process?.stderr ?? ''}`;
  }

  /** Starts a server and waits until it says that it is ready. */
  async start(...flags: string[]): Promise<void> {
    this.#process = this.#spawn(flags);
    await this.#process.printed(/Porch is ready at (\S+)/);
  }

  /** Starts a server that is to fail, and gives what it said. */
  async startInVain(...flags: string[]): Promise<Exit> {
    return this.#spawn(flags).exited;
  }

  /** Starts a server that stands alone on the data directory, which is to fail, and gives what it said. */
  async startAlone(): Promise<Exit> {
    const args = ['serve', '--data-dir', this.dataDirectory, '--listen', '127.0.0.1:0'];
    return new PorchProcess(args, { cwd: this.#plane.directory }).exited;
  }

  /** Waits until kube-apiserver passes requests on. */
  async available(): Promise<void> {
    await eventually(`APIService ${apiService} that is available`, async () => {
      const status = await this.#plane.kubectl([
        ...['get', 'apiservice', apiService, '-o'],
        'jsonpath={.status.conditions[?(@.type=="Available")].status}',
      ]);
      return status === 'True';
    });
  }

  async stop(): Promise<void> {
    this.#process?.child.kill('SIGTERM');
    await this.#ended();
  }

  async kill(): Promise<void> {
    await this.#process?.kill(this.dataDirectory);
    await this.#ended();
  }

  async #ended(): Promise<void> {
    const exit = await this.#process?.exited;
    this.#output += `${exit?.stdout ?? ''}${exit?.stderr ?? ''}`;
    this.#process = undefined;
  }

  #spawn(flags: readonly string[]): PorchProcess {
    const { programs, directory } = this.#plane;
    const args = [
      ...['serve', '--kubeconfig', this.kubeconfig, '--data-dir', this.dataDirectory],
      ...['--listen', `${programs.address}:${this.#port}`, '--log-level', 'debug', '--log-format', 'json'],
      ...['--audit-log-path', this.auditLog],
    ];
    return new PorchProcess([...args, ...flags], { cwd: directory });
  }

  /** A token of the service account, in a file of its own as a pod has it. */
  async renewToken(): Promise<void> {
    const token = await this.#plane.kubectl(['create', 'token', 'porch-server', '-n', 'porch-system', '--duration=1h']);
    const path = this.#plane.path('porch.token');
    await writeFile(`${path}.new`, token.trim(), { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }

  async #writeIdentity(): Promise<void> {
    await this.renewToken();
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'porch',
      contexts: [{ name: 'porch', context: { cluster: 'cluster', user: 'porch' } }],
      clusters: [{ name: 'cluster', cluster: { server: this.#plane.address, 'certificate-authority': 'clients.crt' } }],
      users: [{ name: 'porch', user: { tokenFile: 'porch.token' } }],
    };
    await writeFile(this.kubeconfig, JSON.stringify(config, null, 2), { mode: 0o600 });
  }
}
