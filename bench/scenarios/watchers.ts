import type { Connection } from '../api/http2-client.ts';

/** Streams on one connection; a client library would have as many watches on one. */
const perConnection = 100;
const lineBreak = 10;

/** Many open watches that count the events they are sent. */
export interface Watchers {
  /** Resolves when every one of them has been sent one event more than at the last call. */
  oneMore(): Promise<void>;
  close(): void;
}

/** Opens watches over as many connections as they need. */
export async function openWatchers(connect: () => Promise<Connection>, path: string, count: number): Promise<Watchers> {
  const connections: Connection[] = [];
  let lines = 0;
  let expected = 0;
  let waiting = Promise.withResolvers<void>();
  waiting.promise.catch(() => undefined); // nobody waits yet
  const onData = (chunk: Buffer): void => {
    for (let at = chunk.indexOf(lineBreak); at >= 0; at = chunk.indexOf(lineBreak, at + 1)) lines++;
    if (lines === expected) waiting.resolve();
    if (lines > expected) waiting.reject(new Error(`${lines} events where ${expected} were expected`));
  };
  while (connections.length * perConnection < count) {
    const connection = await connect();
    const streams = Math.min(perConnection, count - connections.length * perConnection);
    connections.push(connection);
    for (const stream of await Promise.all(Array.from({ length: streams }, () => connection.open(path)))) {
      stream.on('data', onData);
      stream.on('error', (error) => waiting.reject(error));
    }
  }
  return {
    oneMore() {
      expected += count;
      waiting = Promise.withResolvers<void>();
      return waiting.promise;
    },
    close() {
      for (const connection of connections) connection.close();
    },
  };
}
