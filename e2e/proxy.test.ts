import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './harness/world.ts';

/** A name that no resolver knows (RFC 6761): only the proxy gets to it. */
const host = 'git.porch.invalid';

let proxy: Server;
let world: World;
const asked: string[] = [];

beforeAll(async () => {
  proxy = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? '');
    asked.push(`${incoming.method} ${url.hostname}${url.pathname}`);
    const { method, headers } = incoming;
    const place = { host: '127.0.0.1', port: url.port, path: `${url.pathname}${url.search}` };
    const forwarded = request({ ...place, method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', (error) => answer.destroy(error));
    incoming.pipe(forwarded);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  world = await startWorld({ porch: { env: { http_proxy: `http://127.0.0.1:${port}` } } });
});
afterAll(async () => {
  await world?.close();
  proxy?.close();
  proxy?.closeAllConnections();
});

it('repositories are reached through the proxy that the environment names, whose host only the proxy knows', async () => {
  const remote = new URL(await world.git.createRepository('r'));
  remote.hostname = host;
  await world.register('r', { git: { repo: remote.href, createBranch: true } });
  await world.ready('r');
  const published = await world.packages.publish({ repository: 'r', packageName: 'p', workspaceName: 'v1' });
  expect(published.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
  expect(asked).toContain(`POST ${host}/r.git/git-upload-pack`);
  expect(asked).toContain(`POST ${host}/r.git/git-receive-pack`);
});
