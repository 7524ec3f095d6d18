import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventuallyHolds } from './harness/eventually.ts';
import type { GitServerReaction, GitServerRequest } from './harness/git-server.ts';
import { expectStatus, resourcesPath, revisionsPath } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { readyCondition, startWorld, type World } from './harness/world.ts';

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;

let world: World;
let broken = true;
const end = Promise.withResolvers<void>();
beforeAll(async () => {
  world = await startWorld({
    porch: { flags: ['--max-concurrent-lists=1', '--list-timeout-per-repository=4s'] },
    git: { onRequest: react },
  });
});
afterAll(async () => {
  end.resolve();
  await world?.close();
});

async function react({ repository, service }: GitServerRequest): Promise<GitServerReaction> {
  const [kind] = repository.split('-');
  if (!broken) return undefined;
  if (kind === 'silent') await end.promise;
  if (kind === 'drip') return { fault: 'drip' };
  if (kind === 'rubbish') return { status: 200, body: '<html>\n<body>Welcome</body>\n</html>\n' };
  if (kind === 'huge' && service === 'git-upload-pack') return endless;
  return undefined;
}

/** References without end: more than anybody wants to keep in memory. */
const endless = ((): GitServerReaction => {
  const packet = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const reference = packet(`${'a'.repeat(40)} refs/heads/${'x'.repeat(60_000)}\n`);
  return {
    status: 200,
    headers: { 'content-type': 'application/x-git-upload-pack-advertisement' },
    body: `${packet('# service=git-upload-pack\n')}0000${reference.repeat(1150)}0000`,
  };
})();

const faults: readonly (readonly [string, RegExp])[] = [
  ['silent-1', /^Timeout: .*longer than 4000 ms/],
  ['silent-2', /^Timeout: .*longer than 4000 ms/],
  ['drip-1', /^Timeout: .*longer than 4000 ms/],
  ['rubbish-1', /^NotFound: .*not valid: is this a git repository/],
  ['huge-1', /wrote more than \d+ bytes/],
];

describe('remotes that never answer, drip, send rubbish, or send without end', () => {
  it('delay nobody but themselves, with one repository read at a time', async () => {
    for (const [name] of faults) {
      await world.git.createRepository(name);
      await new Remote(world.git.directory(name)).push('main', { 'p/Kptfile': kptfile('p') });
      await world.register(name);
    }
    const remote = await world.addRepository('good');
    await remote.push('main', { 'p/Kptfile': kptfile('p') });
    await world.sync('good');
    const revisions = await world.porch.http('GET', revisionsPath);
    expect(revisions.json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
      'good.p.main',
    ]);
    expect(revisions.headers.warning).toMatch(/not read yet.*silent-1/);
    await world.packages.publish({ repository: 'good', packageName: 'q', workspaceName: 'v1' });
  });

  it.each(faults)('%s is told what is wrong', async (name, message) => {
    let asked = 0;
    await eventuallyHolds(async () => {
      const condition = readyCondition(await world.ready(name, 'False'));
      // A machine under load may not get as far as the fault within the time that a repository has: then it is read again.
      if (!message.test(condition.message) && asked < Date.now()) {
        asked = Date.parse(await world.askForSync(name)) + 1000;
      }
      expect(condition).toMatchObject({ reason: 'Error', message: expect.stringMatching(message) });
    });
  });

  it('are read when they have recovered', async () => {
    broken = false;
    for (const [name] of faults) await world.sync(name);
    const revisions = await world.porch.http('GET', revisionsPath);
    expect(revisions.json.items).toHaveLength(faults.length + 3);
    expect(revisions.headers.warning).toBeUndefined();
  });
});

describe('a repository whose mirror is lost and whose remote does not answer', () => {
  it('keeps its revisions listed, and is named by a list of resources that needs its content', async () => {
    await world.porch.stop();
    await rm(join(world.porch.dataDirectory, 'mirrors'), { recursive: true });
    broken = true;
    await world.porch.start();
    expect(expectStatus(await world.porch.http('GET', revisionsPath), 200).items).toHaveLength(faults.length + 3);
    const answer = await world.porch.http('GET', resourcesPath);
    expect(expectStatus(answer, 503).message).toMatch(
      /content of \S+ cannot be read from repository "(drip|silent|rubbish|huge)-1"/,
    );
    const single = await world.porch.http('GET', `${resourcesPath}/good.p.main`);
    expect(expectStatus(single, 200).spec.resources.Kptfile).toBe(kptfile('p'));
  });

  it('has its content again when the remote answers', async () => {
    broken = false;
    await eventuallyHolds(async () => expectStatus(await world.porch.http('GET', resourcesPath), 200));
  });
});
