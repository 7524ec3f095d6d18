import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { othersFirst } from './others-first.ts';

/** Two ends of a connection; what is written to one is there at the other when `write` returns. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const directory = await mkdtemp(join(tmpdir(), 'others-first-'));
  const server = createServer().listen(join(directory, 'socket'));
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(join(directory, 'socket'));
  const [socket] = await accepted;
  onTestFinished(async () => {
    client.destroy();
    socket.destroy();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return [client, socket];
}

test('what has arrived during a piece of work is seen before the next, in whatever phase the first began', async () => {
  const [there, here] = await socketPair();
  let seen = '';
  here.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
  });
  const arrives = async (text: string): Promise<void> => {
    there.write(text);
    await othersFirst();
    expect(seen).toBe(text);
    seen = '';
  };
  await arrives('from anywhere');
  await new Promise<void>((resolve, reject) => {
    here.once('data', () => {
      seen = '';
      arrives('while what has arrived is looked at').then(resolve, reject);
    });
    there.write('begin');
  });
  await new Promise<void>((resolve, reject) => setTimeout(() => arrives('from a timer').then(resolve, reject), 1));
});
