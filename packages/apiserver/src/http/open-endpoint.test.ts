import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statusErrors } from '../meta/status.ts';
import type { OpenEndpoint } from './open-endpoint.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
const release = Promise.withResolvers<void>();

const endpoint: OpenEndpoint = {
  path: '/open',
  maxBodyBytes: 10,
  bodyMs: 500,
  inFlight: 2,
  async answer({ headers, body }) {
    if (headers['x-secret'] !== 'yes') throw statusErrors.unauthorized();
    if (body.toString() === 'wait') await release.promise;
    return { status: 202, body: { got: body.toString() } };
  },
};

beforeAll(async () => {
  trial = await startTrialServer({
    openEndpoints: [endpoint, { ...endpoint, path: '/one', bodyMs: 60_000, inFlight: 1 }],
  });
});
afterAll(() => trial?.close());

/** What the server answers to raw HTTP from somebody without a certificate: status line, headers, body. */
function exchange(lines: readonly string[], body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: trial.port,
      ca: trial.authority.certificate,
      servername: 'localhost',
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.write(`${lines.join('\r\n')}\r\nhost: localhost\r\nconnection: close\r\n\r\n${body}`);
  });
}

const post = (body: string, ...headers: string[]) =>
  exchange(['POST /open HTTP/1.1', `content-length: ${Buffer.byteLength(body)}`, ...headers], body);
const statusOf = (text: string): string => text.slice(9, 12);
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

it('answers those who prove themselves, without an identity', async () => {
  const answer = await post('hello', 'x-secret: yes');
  expect([statusOf(answer), bodyOf(answer)]).toEqual(['202', '{"got":"hello"}\n']);
});

it('tells all others no more than at any other path', async () => {
  const refused = await post('hello');
  const elsewhere = await exchange(['POST /elsewhere HTTP/1.1', 'content-length: 0']);
  const read = await exchange(['GET /open HTTP/1.1']);
  expect([refused, elsewhere, read].map(statusOf)).toEqual(['401', '401', '401']);
  expect(bodyOf(refused)).toBe(bodyOf(elsewhere));
  expect(bodyOf(refused)).toBe(bodyOf(read));
});

it('takes no body that is too large, or that does not arrive', async () => {
  expect(statusOf(await post('x'.repeat(11), 'x-secret: yes'))).toBe('413');
  expect(statusOf(await exchange(['POST /open HTTP/1.1', 'content-length: 5', 'x-secret: yes'], 'he'))).toBe('504');
});

it('takes a few at a time', async () => {
  const held = [post('wait', 'x-secret: yes'), post('wait', 'x-secret: yes')];
  let refused = '';
  while (statusOf(refused) !== '429') refused = await post('more', 'x-secret: yes');
  expect(refused).toMatch(/retry-after: 1/i);
  release.resolve();
  expect((await Promise.all(held)).map(statusOf)).toEqual(['202', '202']);
  expect(statusOf(await post('again', 'x-secret: yes'))).toBe('202');
});

it('gives up those that are slow to send when others come', async () => {
  const begun = () => exchange(['POST /one HTTP/1.1', 'content-length: 5', 'x-secret: yes'], 'he').then(statusOf);
  const slow = [begun(), begun()];
  expect(await Promise.race(slow)).toBe('429');
  const quick = await exchange(['POST /one HTTP/1.1', 'content-length: 5', 'x-secret: yes'], 'hello');
  expect([statusOf(quick), bodyOf(quick)]).toEqual(['202', '{"got":"hello"}\n']);
  expect(await Promise.all(slow)).toEqual(['429', '429']);
});
