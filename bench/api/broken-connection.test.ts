import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '@porch/apiserver';
import { afterEach, expect, test } from 'vitest';
import { type Connection, openConnection } from './http2-client.ts';
import { createPorchClient } from './porch-client.ts';

let server: Http2SecureServer;
let connection: Connection;

/** A connection to a server that does this with each request. */
async function connectTo(answer: (stream: ServerHttp2Stream) => void): Promise<Connection> {
  const authority = await createAuthority({ name: 'bench' });
  const { certificate: cert, key } = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
  server = createSecureServer({ cert, key });
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined); // it is cut
    answer(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  connection = await openConnection(`https://127.0.0.1:${port}`, { ca: authority.certificate, cert, key });
  return connection;
}

afterEach(async () => {
  connection.close();
  server.close();
  await once(server, 'close');
});

test.each([
  ['no answer', () => undefined],
  ['half of an answer', (stream: ServerHttp2Stream) => void stream.write('half')],
])('%s is none', async (_, begin) => {
  const { send } = await connectTo((stream) => {
    begin(stream);
    setImmediate(() => stream.session?.destroy());
  });
  await expect(send('/')).rejects.toThrow('the connection closed before GET / was answered');
});

test('a stream whose answer does not come is not opened', async () => {
  const { open } = await connectTo((stream) => stream.session?.destroy());
  await expect(open('/')).rejects.toThrow('the connection closed before / was answered');
});

test('a watch that ends before the repository is ready does not make it so', async () => {
  const client = createPorchClient(
    await connectTo((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('{"object": {"status": {"conditions": []}}}\n');
    }),
  );
  await expect(client.repositoryReady('r')).rejects.toThrow('the watch of the repository has ended');
});
