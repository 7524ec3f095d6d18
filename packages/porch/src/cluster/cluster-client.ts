import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { noTracing, type Tracing } from '@porch/apiserver';
import { ClusterError, refusal } from './cluster-error.ts';
import type { ClusterAddress, ClusterCredentials } from './credentials.ts';

/** The patches that the server sends to a cluster. */
export type PatchType = 'application/merge-patch+json' | 'application/apply-patch+yaml';

/** What is asked of a cluster. */
export interface ClusterRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** For instance `/api/v1/namespaces`. Whoever makes it has encoded what it holds. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: PatchType | 'application/json';
  readonly signal?: AbortSignal;
}

/** How long a request may take that is no watch, in milliseconds. */
const requestMs = 30_000;
/** Dead peers are found out by TCP, in milliseconds after the last byte. */
const keepAliveMs = 30_000;

/**
 * Speaks to the API of a cluster: JSON over HTTP/1.1, on connections that are kept. Credentials are those of the moment of each
 * request.
 */
export class ClusterClient {
  readonly address: ClusterAddress;
  readonly #userAgent: string;
  readonly #tracing: Pick<Tracing, 'headers'>;
  #agent: { readonly made: string; readonly agent: Agent } | undefined;

  /** `tracing`: what the cluster hears of the trace that a request is part of. */
  constructor(address: ClusterAddress, userAgent: string, tracing: Pick<Tracing, 'headers'> = noTracing) {
    this.#tracing = tracing;
    this.address = address;
    this.#userAgent = userAgent;
  }

  get<T>(path: string, options: Pick<ClusterRequest, 'query' | 'signal'> = {}): Promise<T> {
    return this.#send<T>({ method: 'GET', path, ...options });
  }

  create<T>(path: string, body: unknown, options: Pick<ClusterRequest, 'signal'> = {}): Promise<T> {
    return this.#send<T>({ method: 'POST', path, body, ...options });
  }

  update<T>(path: string, body: unknown, options: Pick<ClusterRequest, 'signal'> = {}): Promise<T> {
    return this.#send<T>({ method: 'PUT', path, body, ...options });
  }

  /** A JSON merge patch (RFC 7386). */
  merge<T>(path: string, patch: unknown, fieldManager: string): Promise<T> {
    const contentType = 'application/merge-patch+json';
    return this.#send<T>({ method: 'PATCH', path, body: patch, contentType, query: { fieldManager } });
  }

  /** Server-side apply, which takes fields over from others. */
  apply<T>(path: string, object: unknown, fieldManager: string): Promise<T> {
    const contentType = 'application/apply-patch+yaml'; // JSON is YAML
    return this.#send<T>({ method: 'PATCH', path, body: object, contentType, query: { fieldManager, force: 'true' } });
  }

  /** Opens an answer that goes on, such as a watch. @throws ClusterError */
  async open(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
    const asked = { method: 'GET', path, query, signal } as const;
    return await this.#answered(asked, await this.#exchange(asked));
  }

  /** Closes the connections that are kept; what is under way fails. */
  close(): void {
    this.#agent?.agent.destroy();
  }

  async #send<T>(asked: ClusterRequest): Promise<T> {
    const timeout = AbortSignal.timeout(requestMs);
    const signal = asked.signal === undefined ? timeout : AbortSignal.any([asked.signal, timeout]);
    const bounded = { ...asked, signal };
    const answer = await this.#answered(bounded, await this.#exchange(bounded));
    try {
      return JSON.parse(await text(answer)) as T;
    } catch (error) {
      throw unanswered(asked, error);
    }
  }

  async #answered(asked: ClusterRequest, answer: IncomingMessage): Promise<IncomingMessage> {
    const code = answer.statusCode ?? 0;
    if (code >= 200 && code < 300) return answer;
    throw refusal(`${asked.method} ${asked.path}`, code, await text(answer));
  }

  /** A kept connection may have been closed by the other side in the moment it is used again: then the request is made again. */
  async #exchange(asked: ClusterRequest): Promise<IncomingMessage> {
    const credentials = await this.#credentials(asked);
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(asked, credentials);
      if (!(outcome instanceof UnusedConnectionError)) return outcome;
      if (attempt >= 3) throw unanswered(asked, outcome.cause);
    }
  }

  async #credentials(asked: ClusterRequest): Promise<ClusterCredentials> {
    try {
      return await this.address.credentials();
    } catch (error) {
      throw unanswered(asked, error);
    }
  }

  #attempt(asked: ClusterRequest, credentials: ClusterCredentials): Promise<IncomingMessage | UnusedConnectionError> {
    const { method, path, query, body, contentType, signal } = asked;
    const target = new URL(`${this.address.server}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, value);
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const outgoing = httpsRequest(target, {
      method,
      agent: this.#agentFor(credentials),
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...this.#tracing.headers(),
        ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
        ...(payload === undefined
          ? {}
          : { 'content-type': contentType ?? 'application/json', 'content-length': payload.length }),
      },
      ...(signal === undefined ? {} : { signal }),
    });
    return new Promise((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        const unused = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (unused && signal?.aborted !== true)
          resolve(new UnusedConnectionError('the connection was closed', { cause: error }));
        else reject(unanswered(asked, error));
      });
      outgoing.end(payload);
    });
  }

  #agentFor({ authorities, serverName, insecure, certificate, key }: ClusterCredentials): Agent {
    const made = JSON.stringify([authorities, serverName, insecure, certificate, key]);
    if (this.#agent?.made === made) return this.#agent.agent;
    if (this.#agent !== undefined) retire(this.#agent.agent);
    const agent = new Agent({
      keepAlive: true,
      keepAliveMsecs: keepAliveMs,
      ...(authorities === undefined ? {} : { ca: authorities }),
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: insecure !== true,
    });
    this.#agent = { made, agent };
    return agent;
  }
}

/** Connections in use go on with the certificates that they began with; no further request is made on any. */
function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/** The connection was gone before the request had reached anybody. */
class UnusedConnectionError extends Error {}

function unanswered({ method, path }: Pick<ClusterRequest, 'method' | 'path'>, error: unknown): ClusterError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClusterError(`${method} ${path}: the cluster does not answer: ${why}`, undefined, '', { cause: error });
}
