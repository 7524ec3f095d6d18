import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, type KeyPair } from '@porch/apiserver';
import { type ApiClient, apiClient } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { freePorts } from '../harness/free-ports.ts';
import { type KubectlResult, runKubectl } from '../harness/kubectl.ts';
import { BackgroundProcess } from './background-process.ts';
import type { ControlPlanePrograms } from './control-plane-programs.ts';

/** Somebody with a client certificate. */
export interface ClusterUser {
  readonly name: string;
  readonly kubeconfig: string;
  readonly client: ApiClient;
}

/** A real etcd, kube-apiserver and kube-controller-manager, without nodes. */
export class ControlPlane {
  readonly directory: string;
  readonly programs: ControlPlanePrograms;
  readonly #ports: { readonly etcd: number; readonly peer: number; readonly api: number; readonly manager: number };
  readonly #clients: Authority;
  readonly #users = new Map<string, Promise<ClusterUser>>();
  #frontProxies: Authority;
  #etcd: BackgroundProcess | undefined;
  #apiServer: BackgroundProcess | undefined;
  #manager: BackgroundProcess | undefined;

  private constructor(
    directory: string,
    programs: ControlPlanePrograms,
    ports: number[],
    authorities: [Authority, Authority],
  ) {
    this.directory = directory;
    this.programs = programs;
    const [etcd = 0, peer = 0, api = 0, manager = 0] = ports;
    this.#ports = { etcd, peer, api, manager };
    [this.#clients, this.#frontProxies] = authorities;
  }

  /** Starts a control plane on free ports, with authorities of its own. */
  static async start(programs: ControlPlanePrograms): Promise<ControlPlane> {
    const directory = await mkdtemp(join(tmpdir(), 'porch-cluster-'));
    const authorities = [
      await createAuthority({ name: 'clients' }),
      await createAuthority({ name: 'front-proxies' }),
    ] as const;
    const plane = new ControlPlane(directory, programs, await freePorts(4), [...authorities]);
    try {
      await plane.#prepare();
      plane.#startEtcd();
      await plane.startApiServer();
    } catch (error) {
      await plane.close();
      throw error;
    }
    return plane;
  }

  get address(): string {
    return `https://127.0.0.1:${this.#ports.api}`;
  }

  /** Whether controllers run, for instance the one that puts aggregated roles together. */
  get hasControllers(): boolean {
    return this.#manager !== undefined;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Who administers the cluster. */
  admin(): Promise<ClusterUser> {
    return this.user('admin', 'system:masters');
  }

  /** A user by certificate; the same one for the same name. */
  user(name: string, ...groups: string[]): Promise<ClusterUser> {
    const known = this.#users.get(name);
    if (known !== undefined) return known;
    const made = this.#makeUser(name, groups);
    this.#users.set(name, made);
    return made;
  }

  async kubectlResult(user: ClusterUser, args: readonly string[], stdin?: string): Promise<KubectlResult> {
    const program = { path: this.programs.kubectl, minor: 34, title: 'kubectl' };
    return runKubectl(args, { program, kubeconfig: user.kubeconfig, home: this.directory, stdin });
  }

  /** Runs kubectl as a user (the administrator unless told). @throws Error with what it said, when it fails */
  async kubectl(args: readonly string[], stdin?: string, user?: ClusterUser): Promise<string> {
    const { code, stdout, stderr } = await this.kubectlResult(user ?? (await this.admin()), args, stdin);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed (exit code ${code}): ${stderr}${stdout}`);
    return stdout;
  }

  async startApiServer(): Promise<void> {
    const { etcd, api } = this.#ports;
    const flags = {
      'etcd-servers': `http://127.0.0.1:${etcd}`,
      'secure-port': String(api),
      'bind-address': '127.0.0.1',
      'advertise-address': this.programs.address,
      'cert-dir': this.path('apiserver'),
      'tls-cert-file': this.path('serving.crt'),
      'tls-private-key-file': this.path('serving.key'),
      'client-ca-file': this.path('clients.crt'),
      'requestheader-client-ca-file': this.path('front-proxies.crt'),
      'requestheader-allowed-names': 'front-proxy',
      'requestheader-username-headers': 'X-Remote-User',
      'requestheader-uid-headers': 'X-Remote-Uid',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'proxy-client-cert-file': this.path('front-proxy.crt'),
      'proxy-client-key-file': this.path('front-proxy.key'),
      'enable-aggregator-routing': 'true',
      'service-cluster-ip-range': '10.96.0.0/24',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': this.path('service-accounts.key'),
      'service-account-signing-key-file': this.path('service-accounts.key'),
      'authorization-mode': 'RBAC',
      'request-timeout': '300s',
    };
    this.#apiServer = new BackgroundProcess(this.programs.apiServer, flagsOf(flags), this.directory);
    const { client } = await this.admin();
    await eventually('a kube-apiserver that is ready', async () => {
      this.#apiServer?.assertRunning();
      return (await client.send('GET', '/readyz')).status === 200;
    });
  }

  async startControllerManager(): Promise<void> {
    if (this.programs.controllerManager === undefined) throw new Error('there is no kube-controller-manager');
    const { kubeconfig } = await this.user('system:kube-controller-manager');
    const flags = {
      kubeconfig,
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'use-service-account-credentials': 'true',
      'service-account-private-key-file': this.path('service-accounts.key'),
      'root-ca-file': this.path('clients.crt'),
      'leader-elect': 'false',
      'bind-address': '127.0.0.1',
      'secure-port': String(this.#ports.manager),
      controllers:
        'namespace-controller,garbage-collector-controller,clusterrole-aggregation-controller,serviceaccount-controller',
    };
    this.#manager = new BackgroundProcess(this.programs.controllerManager, flagsOf(flags), this.directory);
  }

  /** Ends kube-apiserver, as a crash would. */
  async killApiServer(): Promise<void> {
    await this.#apiServer?.end('SIGKILL');
  }

  /** Makes a new authority for front proxies, and a certificate of it for the next kube-apiserver. */
  async rotateFrontProxies(): Promise<void> {
    this.#frontProxies = await createAuthority({ name: 'front-proxies' });
    await this.#writeFrontProxy();
  }

  /** The certificate of the authority of front proxies, PEM. */
  get frontProxyAuthority(): string {
    return this.#frontProxies.certificate;
  }

  /** A certificate that an authority of this cluster issues. */
  certificate(authority: 'clients' | 'front-proxies', name: string, days?: number): Promise<KeyPair> {
    const issuer = authority === 'clients' ? this.#clients : this.#frontProxies;
    return issuer.issueClientCertificate({ name, groups: [], ...(days === undefined ? {} : { days }) });
  }

  async close(): Promise<void> {
    for (const { client } of await Promise.all(this.#users.values())) client.close();
    await this.#manager?.end('SIGKILL');
    await this.#apiServer?.end('SIGKILL');
    await this.#etcd?.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    await mkdir(this.path('apiserver'), { recursive: true });
    const serving = await this.#clients.issueServerCertificate({
      hosts: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'],
    });
    await this.#writePair('serving', serving);
    await writeFile(this.path('clients.crt'), this.#clients.certificate);
    await this.#writeFrontProxy();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(this.path('service-accounts.key'), privateKey.export({ type: 'sec1', format: 'pem' }));
  }

  async #writeFrontProxy(): Promise<void> {
    await writeFile(this.path('front-proxies.crt'), this.#frontProxies.certificate);
    await this.#writePair('front-proxy', await this.certificate('front-proxies', 'front-proxy'));
  }

  async #writePair(name: string, { certificate, key }: KeyPair): Promise<void> {
    await writeFile(this.path(`${name}.crt`), certificate);
    await writeFile(this.path(`${name}.key`), key);
  }

  #startEtcd(): void {
    const client = `http://127.0.0.1:${this.#ports.etcd}`;
    const peer = `http://127.0.0.1:${this.#ports.peer}`;
    const flags = {
      'data-dir': this.path('etcd'),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      'unsafe-no-fsync': 'true',
    };
    this.#etcd = new BackgroundProcess(this.programs.etcd, flagsOf(flags), this.directory);
  }

  async #makeUser(name: string, groups: string[]): Promise<ClusterUser> {
    const { certificate, key } = await this.#clients.issueClientCertificate({ name, groups });
    const kubeconfig = this.path(`${name.replaceAll(':', '-')}.kubeconfig`);
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    const cluster = { server: this.address, 'certificate-authority-data': encoded(this.#clients.certificate) };
    const user = { 'client-certificate-data': encoded(certificate), 'client-key-data': encoded(key) };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'cluster',
      contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: name } }],
      clusters: [{ name: 'cluster', cluster }],
      users: [{ name, user }],
    };
    await writeFile(kubeconfig, JSON.stringify(config, null, 2), { mode: 0o600 });
    const client = apiClient({ address: this.address, authority: this.#clients.certificate, certificate, key });
    return { name, kubeconfig, client };
  }
}

function flagsOf(flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
