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
  return {
    connection,
    call,
    get: (path) => json(path),
    post: (path, object) => json(path, { method: 'POST', body: object }),
    put: (path, object) => json(path, { method: 'PUT', body: object }),
    async repositoryReady(name) {
      const stream = await connection.open(`${paths.repositories}?watch=true&fieldSelector=metadata.name%3D${name}`);
      let text = '';
      for await (const chunk of stream.setEncoding('utf8')) {
        text += chunk;
        const ready = /"type":"Ready"[^}]*?"status":"True"|"status":"True"[^}]*?"type":"Ready"/.test(text);
        if (ready) break;
        const failed = /"reason":"(?:Error|RefsVanished)"/.test(text);
        if (failed) throw new Error(`repository ${name} cannot be used: ${text}`);
      }
      stream.close();
    },
  };
}
