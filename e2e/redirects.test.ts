import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGitServer } from './harness/git-server.ts';
import { expectStatus } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { readyCondition, startWorld, type World } from './harness/world.ts';

/** Where the Git server sends who asks for a path; nowhere when undefined. */
let leads: (path: string) => string | undefined = () => undefined;
let world: World;

beforeAll(async () => {
  const onRequest = ({ url }: { readonly url: string }) => {
    const location = leads(url);
    return location === undefined ? undefined : { status: 301, headers: { location } };
  };
  world = await startWorld({ git: { onRequest } });
});
afterAll(() => world?.close());

/** A repository of the Git server with a branch. */
async function repository(name: string): Promise<Remote> {
  await world.git.createRepository(name);
  const remote = new Remote(world.git.directory(name));
  await remote.push('main', { 'README.md': 'A repository\n' });
  return remote;
}

describe('a repository whose address redirects', () => {
  it('is read and published to where it leads on the same server', async () => {
    const remote = await repository('renamed');
    leads = (path) => (path.startsWith('/team/old') ? path.replace('/team/old', '/renamed.git') : undefined);
    await world.register('moved', { git: { repo: world.git.url('team/old').replace(/\.git$/, '') } });
    await world.ready('moved');
    await world.packages.publish({ repository: 'moved', packageName: 'p', workspaceName: 'v1' });
    expect(Object.keys(await remote.refs())).toContain('tags/p/v1');
    await remote.git('tag', 'p/v2', 'p/v1');
    await world.sync('moved');
    expectStatus(await world.packages.get('moved.p.v2'), 200);
    expect(world.porch.output).toContain('redirects to another address');
  });

  it('is not Ready where it leads to another server, which is named and asked for nothing', async () => {
    const asked: string[] = [];
    const other = await startGitServer({
      onRequest: ({ url }) => {
        asked.push(url);
        return { status: 404 };
      },
    });
    try {
      leads = (path) => (path.startsWith('/away') ? `${other.url('x')}${path.replace('/away.git', '')}` : undefined);
      await world.register('away');
      const { reason, message } = readyCondition(await world.ready('away', 'False'));
      expect([reason, message]).toEqual(['Error', expect.stringContaining(`redirects to '${other.url('x')}'`)]);
      expect(asked).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
