import type { Answer, ApiClient, Json } from '../harness/api-client.ts';

/** What is sent to both servers. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What two servers made of one request. */
export interface Pair<T> {
  readonly kubernetes: T;
  readonly ours: T;
}

const configMaps = '/api/v1/namespaces/default/configmaps';

/** Names of config maps that objects may have as owners. */
export const owners = ['own-a', 'own-b', 'own-c'] as const;

/**
 * A kube-apiserver and a server of ours, asked the same. Each gives its own UIDs: those of the owners are written `uid-of-own-a` and so on
 * in requests, and in what comes back.
 */
export class BothServers {
  readonly #clients: Pair<ApiClient>;
  readonly #uids: Pair<Map<string, string>> = { kubernetes: new Map(), ours: new Map() };

  constructor(clients: Pair<ApiClient>) {
    this.#clients = clients;
  }

  /** Creates the owners. */
  async prepare(): Promise<void> {
    for (const server of ['kubernetes', 'ours'] as const) {
      for (const name of owners) {
        const { json } = await this.#clients[server].send('POST', configMaps, { metadata: { name } });
        this.#uids[server].set(name, json.metadata.uid);
      }
    }
  }

  /** Sends a request to both, first to Kubernetes'. */
  async send(request: SentRequest): Promise<Pair<Answer>> {
    return { kubernetes: await this.#ask('kubernetes', request), ours: await this.#ask('ours', request) };
  }

  async #ask(server: keyof Pair<unknown>, request: SentRequest): Promise<Answer> {
    const { method, path, type = 'application/json', headers = {}, body } = request;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    let sent = text;
    for (const [name, uid] of this.#uids[server]) sent = sent?.replaceAll(`uid-of-${name}`, uid);
    const typed = sent === undefined ? headers : { 'content-type': type, ...headers };
    const { status, headers: answered, text: told } = await this.#clients[server].send(method, path, sent, typed);
    let received = told;
    for (const [name, uid] of this.#uids[server]) received = received.replaceAll(uid, `uid-of-${name}`);
    return { status, headers: answered, text: received, json: read(received) };
  }
}

function read(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
