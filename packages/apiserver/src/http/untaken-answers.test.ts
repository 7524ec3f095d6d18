import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
const seen: IncomingHttpHeaders[] = [];
const keep = (message: unknown): void => void seen.push((message as { headers: IncomingHttpHeaders }).headers);
afterEach(async () => {
  unsubscribe('http2.server.stream.start', keep);
  await trial.close();
});

it('strangers who take no answers have the oldest cut off', async () => {
  let time = 0;
  trial = await startTrialServer({ limits: { maxUntakenAnswers: 2 }, now: () => time });
  const session = connect(trial.url, {
    ca: trial.authority.certificate,
    settings: { initialWindowSize: 0 },
  });
  const ask = async (): Promise<ClientHttp2Stream> => {
    const stream = session.request({ ':path': '/api' });
    await once(stream, 'response');
    return stream;
  };
  const early = [await ask(), await ask(), await ask()];
  time += 1000;
  const ended = early.slice(0, 2).map((stream) => once(stream.resume(), 'close'));
  const late = await ask();
  await Promise.all(ended);
  expect([early[2]?.closed, late.closed]).toEqual([false, false]);
  session.destroy();
});

it('keeps no headers of a request that is answered, and no long ones of a watch', async () => {
  trial = await startTrialServer();
  seen.length = 0;
  subscribe('http2.server.stream.start', keep);
  const headers = { 'user-agent': 'tester', cookie: 'a=b; '.repeat(10_000) };
  const stranger = http2Client(trial);
  expect((await stranger.send('/api', { headers })).status).toBe(401);
  stranger.close();
  const admin = http2Client(trial, trial.admin);
  const watch = await admin.open('/apis/example.com/v1/widgets?watch=1', { headers });
  expect(watch.status).toBe(200);
  expect(seen.map((kept) => [kept['user-agent'], kept.cookie])).toEqual([
    [undefined, undefined],
    ['tester', undefined],
  ]);
  admin.close();
});

it('keeps no long path and query of a request that is answered while its body is awaited', async () => {
  trial = await startTrialServer();
  const kept: IncomingMessage[] = [];
  const keepRequest = (message: unknown): void => {
    kept.push((message as { request: IncomingMessage }).request);
  };
  subscribe('http.server.request.start', keepRequest);
  const { port, authority } = trial;
  const options = { host: '127.0.0.1', port, servername: 'localhost', ca: authority.certificate };
  const socket = connectTls({ ...options, ALPNProtocols: ['http/1.1'] });
  socket.write(`POST /api?a=${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
  await expect.poll(() => kept.map(({ url }) => url)).toEqual(['']);
  socket.destroy();
  unsubscribe('http.server.request.start', keepRequest);
});
