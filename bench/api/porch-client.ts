import type { ClientHttp2Stream } from 'node:http2';
import { createInterface } from 'node:readline';
import type { Answer, Connection, Request } from './http2-client.ts';
import type { ApiObject } from './objects.ts';
import { paths } from './objects.ts';

/** The calls of a client of Porch. All of them fail unless the server says that it did what it was asked. */
export interface PorchClient {
  readonly connection: Connection;
  call(path: string, request?: Request): Promise<Answer>;
  get(path: string): Promise<ApiObject>;
  post(path: string, object: ApiObject): Promise<ApiObject>;
  put(path: string, object: ApiObject): Promise<ApiObject>;
  /** Asks for a synchronisation of a repository, and waits until it is done. @throws Error when it fails */
  synchronise(name: string): Promise<void>;
  /** Waits until a registered repository is ready. @throws Error with the reason when it cannot be */
  repositoryReady(name: string): Promise<void>;
}

/** A client over one connection. */
export function createPorchClient(connection: Connection): PorchClient {
  const call = async (path: string, request: Request = {}): Promise<Answer> => {
    const answer = await connection.send(path, request);
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`${request.method ?? 'GET'} ${path}: status ${answer.status}: ${answer.body.toString('utf8')}`);
    }
    return answer;
  };
  const json = async (path: string, request?: Request): Promise<ApiObject> =>
    JSON.parse((await call(path, request)).body.toString('utf8')) as ApiObject;
  // Each request has a time of its own. They are long past: none waits for its time to come.
  const firstRequest = Math.floor(Date.now() / 1000 - 86_400) * 1000;
  let requests = 0;
  return {
    connection,
    call,
    get: (path) => json(path),
    post: (path, object) => json(path, { method: 'POST', body: object }),
    put: (path, object) => json(path, { method: 'PUT', body: object }),
    async synchronise(name) {
      const at = new Date(firstRequest + 1000 * requests++).toISOString().replace('.000Z', 'Z');
      const stream = await watchRepository(connection, name);
      await call(`${paths.repositories}/${name}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { spec: { sync: { runOnceAt: at } } },
      });
      await until(stream, ({ object }) => object.status?.observedRunOnceAt === at);
    },
    async repositoryReady(name) {
      await until(await watchRepository(connection, name), ({ object }) =>
        (object.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
    },
  };
}

/** What a watch of repositories sends. */
interface RepositoryEvent {
  readonly object: {
    readonly status?: {
      readonly observedRunOnceAt?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
    };
  };
}

function watchRepository(connection: Connection, name: string): Promise<ClientHttp2Stream> {
  return connection.open(`${paths.repositories}?watch=true&fieldSelector=metadata.name%3D${name}`);
}

/** Reads a watch until something holds, and ends it. @throws Error when the repository cannot be used, or the watch ends before */
async function until(stream: ClientHttp2Stream, holds: (event: RepositoryEvent) => boolean): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    const event = JSON.parse(line) as RepositoryEvent;
    if (holds(event)) return stream.close();
    const failed = event.object.status?.conditions?.some(({ reason }) => /^(Error|RefsVanished)$/.test(reason));
    if (failed === true) throw new Error(`the repository cannot be used: ${line}`);
  }
  throw new Error('the watch of the repository has ended');
}
