import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import type { GitServerReaction, GitServerRequest } from './harness/git-server.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { unsettledPushes } from './harness/scrape.ts';
import { readyCondition, startWorld, type World } from './harness/world.ts';

type Reaction = (request: GitServerRequest) => GitServerReaction | Promise<GitServerReaction>;

let world: World;
let packages: Packages;
let remote: Remote;
let react: Reaction = () => undefined;
beforeAll(async () => {
  world = await startWorld({ git: { onRequest: (request) => react(request) } });
  packages = world.packages;
  remote = await world.addRepository('repo');
});
afterEach(() => {
  react = () => undefined;
});
afterAll(() => world?.close());

const wanted = (packageName: string) => ({ repository: 'repo', packageName, workspaceName: 'v1' });
const pushes = ({ service }: GitServerRequest) => service === 'git-receive-pack';
const sends = (request: GitServerRequest) => pushes(request) && request.method === 'POST';

async function proposal(packageName: string): Promise<string> {
  const { name } = expectStatus(await packages.create(wanted(packageName)), 201).metadata;
  expectStatus(await packages.propose(name), 200);
  await eventually('the proposal in Git', () => remote.id(`heads/proposed/${packageName}/v1`));
  return name;
}

async function proposedDeletion(packageName: string): Promise<string> {
  const { name } = (await packages.publish(wanted(packageName))).metadata;
  expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
  await eventually('the proposal in Git', () => remote.id(`heads/deletionProposed/${packageName}/v1`));
  return name;
}

const refsOf = async (packageName: string): Promise<string[]> =>
  Object.keys(await remote.refs()).filter((ref) => ref.includes(`/${packageName}/`));

/** The remote has this publication once and as a whole, the API says the same, and a synchronisation finds nothing to do. */
async function publishedOnce(packageName: string): Promise<void> {
  const name = `repo.${packageName}.v1`;
  const object = expectStatus(await packages.get(name), 200);
  expect(object.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
  expect(await refsOf(packageName)).toEqual([`tags/${packageName}/v1`]);
  const commit = await remote.id(`tags/${packageName}/v1`);
  expect(object.status.selfLock.git.commit).toBe(commit);
  const subjects = (await remote.git('log', '--format=%H %s', 'refs/heads/main')).split('\n');
  expect(subjects.filter((line) => line.includes(`Approving package revision ${packageName}/`))).toEqual([
    `${commit} Approving package revision ${packageName}/1`,
  ]);
  await converged(name);
}

async function converged(name: string): Promise<void> {
  const before = (await packages.get(name)).json;
  const { status } = await world.sync('repo');
  expect(readyCondition({ status })).toMatchObject({ status: 'True' });
  expect((await packages.get(name)).json).toEqual(before);
  await remote.git('fsck', '--strict', '--no-dangling');
}

const faults: readonly (readonly [string, Reaction])[] = [
  ['answers 500 when asked for references', (request) => (pushes(request) ? { status: 500 } : undefined)],
  ['answers 500 to the push', (request) => (sends(request) ? { status: 500 } : undefined)],
  ['answers 504 to the push', (request) => (sends(request) ? { status: 504 } : undefined)],
  ['answers 401 to the push', (request) => (sends(request) ? { status: 401 } : undefined)],
  ['cuts the connection during the push', (request) => (sends(request) ? { fault: 'cut' } : undefined)],
  ['has a full disk', (request) => (sends(request) ? { fault: 'disk-full' } : undefined)],
  ['sends rubbish', (request) => (sends(request) ? { status: 200, body: '<html>Welcome</html>' } : undefined)],
];

describe.each(faults)('a Git server that %s', (title, fault) => {
  const id = `f${faults.findIndex(([name]) => name === title)}`;

  it('does nothing by halves, keeps drafts, and does all of it later', async () => {
    const approved = await proposal(`${id}-approve`);
    const removed = await proposedDeletion(`${id}-delete`);
    const before = await remote.refs();

    react = fault;
    const draft = expectStatus(await packages.create(wanted(`${id}-draft`)), 201).metadata.name;
    const approval = await packages.approve(approved);
    expect([400, 503, 504], approval.text).toContain(approval.status);
    expect(expectStatus(await packages.get(approved), 200).spec.lifecycle).toBe('Proposed');
    expect(await remote.refs()).toEqual(before);
    const deletion = await packages.delete(removed);
    if (deletion.status === 200) {
      // A remote without space can still remove what it has.
      expect(title).toBe('has a full disk');
      expect(await refsOf(`${id}-delete`)).toEqual([]);
    } else {
      expect([400, 503, 504], deletion.text).toContain(deletion.status);
      expect(await remote.refs()).toEqual(before);
      expect(expectStatus(await packages.get(removed), 200).spec.lifecycle).toBe('DeletionProposed');
    }
    expectStatus(await packages.get(draft), 200);

    react = () => undefined;
    await eventuallyHolds(async () => expectStatus(await packages.approve(approved), 200));
    await publishedOnce(`${id}-approve`);
    await eventuallyHolds(async () => expect([200, 404]).toContain((await packages.delete(removed)).status));
    await eventually('the end', async () => (await packages.get(removed)).status === 404);
    expect(await refsOf(`${id}-delete`)).toEqual([]);
    await eventually('the draft in Git', () => remote.id(`heads/drafts/${id}-draft/v1`));
    expect(await remote.git('rev-list', '--count', `refs/heads/main..refs/heads/drafts/${id}-draft/v1`)).toBe('1');
  });
});

describe('a Git server that does its work, and whose answer is lost', () => {
  it('is asked what it has done', async () => {
    const approved = await proposal('lost-approve');
    const removed = await proposedDeletion('lost-delete');
    react = (request) => (sends(request) ? { fault: 'answer-lost' } : undefined);
    const draft = expectStatus(await packages.create(wanted('lost-draft')), 201).metadata.name;
    expectStatus(await packages.approve(approved), 200);
    expectStatus(await packages.delete(removed), 200);
    react = () => undefined;
    await publishedOnce('lost-approve');
    expect(await refsOf('lost-delete')).toEqual([]);
    await eventually('the draft in Git', () => remote.id('heads/drafts/lost-draft/v1'));
    expect(await remote.git('rev-list', '--count', 'refs/heads/main..refs/heads/drafts/lost-draft/v1')).toBe('1');
    const changed = await packages.replaceResources(draft, (files) => {
      files['later.txt'] = 'later\n';
    });
    expectStatus(changed, 200);
    await eventuallyHolds(async () =>
      expect(await remote.files('refs/heads/drafts/lost-draft/v1', 'lost-draft')).toMatchObject({
        'later.txt': 'later',
      }),
    );
    await converged(draft);
  });

  it('and that then answers no more leaves it open what has happened, until the next synchronisation', async () => {
    const name = await proposal('open');
    let sent = false;
    react = (request) => {
      if (sent) return { status: 500 };
      if (!sends(request)) return;
      sent = true;
      return { fault: 'answer-lost' };
    };
    expect(expectStatus(await packages.approve(name), 503).message).toContain('it is not known');
    expect(await unsettledPushes(world.porch)).toBe(1);
    react = () => undefined;
    await world.sync('repo');
    expect(await unsettledPushes(world.porch)).toBe(0);
    await publishedOnce('open');
  });
});

describe('a lock that a git left in the mirror', () => {
  it('keeps nobody from seeing what is new, while the server runs', async () => {
    const mirror = await mirrorOf('repo');
    await remote.push('main', { 'found/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: found\n' });
    await writeFile(join(mirror, 'packed-refs.lock'), '');
    await writeFile(join(mirror, 'refs', 'mirror', 'heads', 'main.lock'), '').catch(() => undefined);
    await world.sync('repo');
    await packages.appeared('repo.found.main');
  });
});

describe('a server that is killed, kill -9,', () => {
  /** Holds pushes at a step, and kills the server when as many as were begun have come there. */
  async function killDuring(step: (request: GitServerRequest) => boolean, ...begin: (() => Promise<unknown>)[]) {
    let come = 0;
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    react = async (request) => {
      if (!step(request)) return;
      come += 1;
      if (come === begin.length) reached.resolve();
      await go.promise;
    };
    const begun = Promise.allSettled(begin.map((each) => each()));
    await reached.promise;
    await world.porch.kill();
    react = () => undefined;
    go.resolve();
    await begun;
    await world.porch.start();
  }

  it.each([
    ['before the references of the remote are read', pushes],
    ['before the push is sent', sends],
  ] as const)('%s, publishes once, deletes as a whole, and loses no draft', async (step, reaches) => {
    const id = step === 'before the push is sent' ? 'sent' : 'read';
    const approved = await proposal(`${id}-approve`);
    const removed = await proposedDeletion(`${id}-delete`);
    await killDuring(
      reaches,
      () => packages.approve(approved),
      () => packages.create(wanted(`${id}-draft`)),
    );
    await eventuallyHolds(async () => expectStatus(await packages.approve(approved), 200));
    await publishedOnce(`${id}-approve`);
    expectStatus(await packages.get(`repo.${id}-draft.v1`), 200);
    await eventually('the draft in Git', () => remote.id(`heads/drafts/${id}-draft/v1`));

    await killDuring(reaches, () => packages.delete(removed));
    await eventuallyHolds(async () => expect([200, 404]).toContain((await packages.delete(removed)).status));
    expect(await refsOf(`${id}-delete`)).toEqual([]);
  });

  it('alone, while its git lives on and finishes the push, has published', async () => {
    const approved = await proposal('alone');
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    react = async (request) => {
      if (!sends(request)) return;
      reached.resolve();
      await go.promise;
    };
    const begun = packages.approve(approved).catch((error: Error) => error);
    await reached.promise;
    // The broker would end its git at once: it must not notice yet.
    const broker = await brokerOf(world.porch.dataDirectory);
    process.kill(broker, 'SIGSTOP');
    // It also holds the server's streams, so that the end of the server is seen later.
    const killed = world.porch.kill();
    await begun;
    go.resolve();
    await eventually('the tag', () => remote.id('tags/alone/v1')).finally(() => process.kill(broker, 'SIGCONT'));
    await killed;
    await world.porch.start();
    await eventuallyHolds(async () =>
      expect(expectStatus(await packages.get(approved), 200).spec.lifecycle).toBe('Published'),
    );
    await publishedOnce('alone');
  });
});

/** The mirror of a repository of the Git server. */
async function mirrorOf(name: string): Promise<string> {
  const root = join(world.porch.dataDirectory, 'mirrors');
  for (const each of await readdir(root)) {
    const description = await readFile(join(root, each, 'description'), 'utf8');
    if (description.includes(world.git.url(name))) return join(root, each);
  }
  throw new Error(`${name} has no mirror`);
}

/** The process that owns the git processes of a server. */
async function brokerOf(dataDirectory: string): Promise<number> {
  const server = (await readFile(join(dataDirectory, 'server.pid'), 'utf8')).trim();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/cmdline`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (command.includes('broker-main') && status.includes(`PPid:\t${server}\n`)) return Number(pid);
  }
  throw new Error(`server ${server} has no broker`);
}
