import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiClient } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { gitSecret, startWorld, type World } from './harness/world.ts';

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';

let world: World;
let held: { readonly asked: () => void; readonly released: Promise<void> } | undefined;

beforeAll(async () => {
  world = await startWorld({
    git: {
      onRequest: async ({ repository }) => {
        if (repository !== 'slow' || held === undefined) return;
        held.asked();
        await held.released;
      },
    },
  });
  await world.addRepository('repo');
  await world.git.createRepository('slow');
  await new Remote(world.git.directory('slow')).push('main', { 'p/Kptfile': kptfile });
});
afterAll(() => world?.close());

/** Requests that change something and are under way, by the server's own count. */
async function writesUnderWay(): Promise<number> {
  const { text } = await world.porch.http('GET', '/metrics');
  const found = /^apiserver_current_inflight_requests\{[^}]*request_kind="mutating"[^}]*\} (\d+)/m.exec(text);
  if (found === null) throw new Error('the server does not count its requests');
  return Number(found[1]);
}

it('a client that goes away ends the work that was done for it, and leaves nothing', async () => {
  const upstreamRef = {
    type: 'git',
    git: { repo: world.git.url('slow'), ref: 'main', directory: 'p', secretRef: { name: gitSecret } },
  };
  const clone = {
    apiVersion: 'porch.kpt.dev/v1alpha1',
    kind: 'PackageRevision',
    metadata: { namespace: 'default' },
    spec: {
      repository: 'repo',
      packageName: 'cloned',
      workspaceName: 'v1',
      tasks: [{ type: 'clone', clone: { upstreamRef } }],
    },
  };
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  held = { asked: asked.resolve, released: released.promise };
  const before = await writesUnderWay();
  const client = apiClient(world.porch.connection);
  const answer = client.send('POST', revisionsPath, clone).catch((error: Error) => error);
  await asked.promise;
  expect(await writesUnderWay()).toBe(before + 1);
  client.close();
  expect(await answer).toBeInstanceOf(Error);
  // The Git server still does not answer.
  await eventually('the end of the request', async () => (await writesUnderWay()) === before || undefined);
  expect((await world.packages.get('repo.cloned.v1')).status).toBe(404);
  held = undefined;
  released.resolve();
  const made = expectStatus(await world.porch.http('POST', revisionsPath, clone), 201);
  expect(made.spec.tasks[0].type).toBe('clone');
});
