import type { Credentials } from '../api/http2-client.ts';
import { type Connection, openConnection } from '../api/http2-client.ts';
import type { BufferServerReady, BufferServerSettings } from '../processes/buffer-server.ts';
import { startChild } from '../processes/child.ts';

/** A server of its own process that sends one buffer, over the same kind of connection as the measured one. */
export interface PlainSender {
  readonly connection: Connection;
  /** Another connection to it. */
  connect(): Promise<Connection>;
  /** Sets the buffer. */
  keep(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Starts it with the certificates of the measured server, so that TLS costs the same. */
export async function startPlainSender(settings: BufferServerSettings, credentials: Credentials): Promise<PlainSender> {
  const child = await startChild<BufferServerReady>(
    new URL('../processes/buffer-server.ts', import.meta.url),
    settings,
  );
  const connect = (): Promise<Connection> => openConnection(`https://127.0.0.1:${child.ready.port}`, credentials);
  const connection = await connect();
  return {
    connection,
    connect,
    async keep(bytes) {
      await connection.send('/buffer', { method: 'PUT', body: bytes });
    },
    async close() {
      connection.close();
      await child.close();
    },
  };
}
