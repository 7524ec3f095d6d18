import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createAuthority } from '@porch/apiserver';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCredentials } from './credentials.ts';

/** What a cluster was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** Empty where nothing was sent. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
}

/** What a cluster answers; undefined breaks the connection off. */
export type Answer = { readonly code?: number; readonly body: unknown } | undefined;

/** A cluster that answers as a test has it. */
export interface ScriptedCluster {
  readonly client: ClusterClient;
  readonly server: string;
  readonly authority: string;
  /** What it was asked, in order. */
  readonly asked: Asked[];
  /** What the client is given for each request. */
  credentials: ClusterCredentials;
  /** Closes the connections that nobody uses. */
  closeIdle(): void;
  close(): Promise<void>;
}

/** The Status of a refusal. */
export function refused(code: number, message = `refused with ${code}`): Answer {
  return { code, body: { kind: 'Status', message, reason: 'Refused' } };
}

/** Starts a cluster that says what a kube-apiserver would say at moments in which a real one cannot be brought to say it. */
export async function scriptedCluster(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<ScriptedCluster> {
  const authority = await createAuthority({ name: 'cluster' });
  const { certificate: cert, key } = await authority.issueServerCertificate({ hosts: ['127.0.0.1', 'cluster.test'] });
  const asked: Asked[] = [];
  const connections = new Map<unknown, number>();
  const listener = createServer({ cert, key }, async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://cluster');
    const body = await text(request);
    const connection = connections.get(request.socket) ?? connections.size + 1;
    connections.set(request.socket, connection);
    const one: Asked = {
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: body === '' ? {} : JSON.parse(body),
      connection,
    };
    asked.push(one);
    const said = await answer(one);
    if (said === undefined) request.socket.destroy();
    else
      response.writeHead(said.code ?? 200).end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const server = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const cluster: ScriptedCluster = {
    client: new ClusterClient({ server, source: 'test', credentials: async () => cluster.credentials }, 'test'),
    server,
    authority: authority.certificate,
    asked,
    credentials: { authorities: authority.certificate, token: 'mine' },
    closeIdle: () => listener.closeIdleConnections(),
    async close() {
      cluster.client.close();
      const closed = once(listener.close(), 'close');
      listener.closeAllConnections();
      await closed;
    },
  };
  return cluster;
}
