import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { Confirmation, FrameKind, FrameSocket, WINDOW_BYTES } from './frames.ts';

test('frames that take long to handle leave turns to others, and all arrive in order', async () => {
  const [near, far] = duplexPair();
  const sent = Array.from({ length: 30 }, (_, index) => index + 1);
  const received: number[] = [];
  const inOneTurn = new Map<number, number>();
  let turn = 0;
  let counting = setImmediate(function count() {
    turn++;
    counting = setImmediate(count);
  });
  const all = Promise.withResolvers<void>();
  new FrameSocket(far, ({ channel }) => {
    for (const end = performance.now() + 3; performance.now() < end; );
    received.push(channel);
    inOneTurn.set(turn, (inOneTurn.get(turn) ?? 0) + 1);
    if (received.length === sent.length) all.resolve();
  });
  const socket = new FrameSocket(near, () => undefined);
  for (const channel of sent) socket.send(FrameKind.output, channel, Buffer.alloc(10, channel));
  await all.promise;
  clearImmediate(counting);
  expect(received).toEqual(sent);
  expect(Math.max(...inOneTurn.values())).toBeLessThan(5);
});

test('what is consumed is confirmed by eighths of the window, and nothing twice', () => {
  const confirmed: number[] = [];
  const consumed = new Confirmation((bytes) => confirmed.push(bytes));
  const eighth = WINDOW_BYTES / 8;
  for (let bytes = 0; bytes < 2 * eighth; bytes += 1024) consumed.add(1024);
  expect(confirmed).toEqual([eighth, eighth]);
  consumed.add(eighth - 1);
  expect(confirmed).toHaveLength(2);
  consumed.add(eighth);
  expect(confirmed.at(-1)).toBe(2 * eighth - 1);
});

test('what cannot be a frame ends the connection, rather than be waited for', async () => {
  const [near, far] = duplexPair();
  const failed = Promise.withResolvers<Error>();
  far.on('error', failed.resolve);
  new FrameSocket(far, () => undefined);
  near.write('HTTP/1.1 400 Bad Request');
  expect((await failed.promise).message).toContain('is not one of ours');
});
