import { paths } from '../api/objects.ts';
import type { PorchClient } from '../api/porch-client.ts';

/** A watch of one package revision that tells when a text came. */
export interface EventStream {
  /** Resolves with the moment, by `performance.now()`, at which an event with the text arrived. */
  arrival(text: string): Promise<number>;
  close(): void;
}

/** Opens the watch. */
export async function openEventStream(client: PorchClient, name: string): Promise<EventStream> {
  const stream = await client.connection.open(`${paths.revisions}?watch=true&fieldSelector=metadata.name%3D${name}`);
  let received = '';
  let wanted: string | undefined;
  let arrived = Promise.withResolvers<number>();
  arrived.promise.catch(() => undefined); // nobody waits yet
  const look = (): void => {
    if (wanted === undefined || !received.includes(wanted)) return;
    wanted = undefined;
    received = '';
    arrived.resolve(performance.now());
  };
  stream.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    look();
  });
  stream.once('close', () => arrived.reject(new Error(`the watch of ${name} has ended`)));
  return {
    arrival(text) {
      wanted = text;
      arrived = Promise.withResolvers<number>();
      look();
      return arrived.promise;
    },
    close() {
      arrived.promise.catch(() => undefined); // nobody waits any more
      stream.close();
    },
  };
}
