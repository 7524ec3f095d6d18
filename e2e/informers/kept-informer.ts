import { KubeConfig, type KubernetesObject, ListWatch, Watch } from '@kubernetes/client-node';
import { apiClient } from '../harness/api-client.ts';
import type { Connection } from '../harness/kubeconfig.ts';

/** What an informer is about. */
export interface Subject {
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Objects by namespace and name, as they were last heard of. */
export type Known = ReadonlyMap<string, KubernetesObject>;

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

/** Objects by their keys. */
export function byKey(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

/**
 * An informer of the official JavaScript client that is started again whenever it has given up, as programs do. Beside the client's own
 * cache it keeps what its callbacks have told.
 */
export class KeptInformer {
  readonly subject: Subject;
  readonly #informer: ListWatch<KubernetesObject>;
  readonly #told = new Map<string, KubernetesObject>();
  readonly #faults: string[] = [];
  #closed = false;
  #lists = 0;
  #watches = 0;

  constructor(connection: Required<Connection>, subject: Subject) {
    const config = new KubeConfig();
    const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'porch', server: connection.address, caData: base64(connection.authority), skipTLSVerify: false },
      { name: 'admin', certData: base64(connection.certificate), keyData: base64(connection.key) },
    );
    this.subject = subject;
    const list = async () => {
      this.#lists++;
      const client = apiClient(connection, 'http/1.1');
      try {
        const answer = await client.send('GET', `${subject.path}?${this.#selectors()}`);
        if (answer.status !== 200) throw new Error(`the list was answered with ${answer.status}: ${answer.text}`);
        return answer.json;
      } finally {
        client.close();
      }
    };
    const { path, labelSelector, fieldSelector } = subject;
    this.#informer = new ListWatch(path, new Watch(config), list, false, labelSelector, fieldSelector, {
      delayFn: async () => undefined,
    });
    this.#informer.on('add', (object) => this.#heard('add', object));
    this.#informer.on('update', (object) => this.#heard('update', object));
    this.#informer.on('delete', (object) => this.#heard('delete', object));
    this.#informer.on('connect', () => void this.#watches++);
    this.#informer.on('error', () => this.#again());
  }

  /** The client's cache. */
  get cache(): Known {
    return byKey([...this.#informer.list()]);
  }

  /** What add, update and delete have told, put together. */
  get told(): Known {
    return this.#told;
  }

  /** What cannot be: objects that go back in time, or are told to be new twice. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** How often it has listed and connected. */
  get effort(): { readonly lists: number; readonly connections: number } {
    return { lists: this.#lists, connections: this.#watches };
  }

  start(): Promise<void> {
    return this.#informer.start();
  }

  async stop(): Promise<void> {
    this.#closed = true;
    await this.#informer.stop();
  }

  #selectors(): string {
    const { labelSelector = '', fieldSelector = '' } = this.subject;
    return new URLSearchParams({ labelSelector, fieldSelector }).toString();
  }

  #again(): void {
    if (this.#closed) return;
    setTimeout(() => void (this.#closed || this.#informer.start()), 50);
  }

  #heard(what: 'add' | 'update' | 'delete', object: KubernetesObject): void {
    const key = keyOf(object);
    const before = this.#told.get(key);
    if ((what === 'add') !== (before === undefined))
      this.#faults.push(`${what} of ${key}, which was known: ${before !== undefined}`);
    const version = ({ metadata }: KubernetesObject): number => Number(metadata?.resourceVersion);
    if (before !== undefined && version(object) < version(before)) {
      this.#faults.push(`${what} of ${key} at ${version(object)} after ${version(before)}`);
    }
    if (what === 'delete') this.#told.delete(key);
    else this.#told.set(key, object);
  }
}
