import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetHistory } from './harness/forget-history.ts';
import { expectStatus, type Packages, packagesPath, resourcesPath, revisionsPath } from './harness/packages.ts';
import { brief, readWatch, type WatchEvent } from './harness/watch.ts';
import { startWorld, type World } from './harness/world.ts';

let world: World;
let packages: Packages;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  await world.addRepository('repo');
});
afterAll(() => world?.close());

let count = 0;
async function draft(packageName = `p${++count}`, metadata = {}): Promise<string> {
  const created = await packages.create({ repository: 'repo', packageName, workspaceName: 'v1', metadata });
  return expectStatus(created, 201).metadata.name;
}

async function label(name: string, labels: Record<string, string>): Promise<void> {
  const object = expectStatus(await packages.get(name), 200);
  expectStatus(await packages.put({ ...object, metadata: { ...object.metadata, labels } }), 200);
}

async function position(path = revisionsPath): Promise<string> {
  const { metadata } = expectStatus(await world.porch.http('GET', path), 200);
  expect(metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
  return metadata.resourceVersion;
}

const about = (name: string, type?: WatchEvent['type']) => (event: WatchEvent) =>
  event.object.metadata?.name === name && (type === undefined || event.type === type);

/** The events of one object, in a few words. */
const told = (events: readonly WatchEvent[], name: string) => events.filter(about(name)).map(brief);

describe('a watch of package revisions', () => {
  it('tells the whole life of one, in order, each change once, with rising positions', async () => {
    const watch = await world.porch.watch(`${revisionsPath}?resourceVersion=${await position()}`);
    const name = await draft();
    await label(name, { a: 'b' });
    expectStatus(
      await packages.replaceResources(name, (files) => {
        files['a.txt'] = 'a\n';
      }),
      200,
    );
    expectStatus(await packages.propose(name), 200);
    expectStatus(await packages.approve(name), 200);
    expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
    expectStatus(await packages.delete(name), 200);
    await watch.find('the deletion', about(name, 'DELETED'));
    expect(told(watch.events, name)).toEqual([
      `ADDED ${name} Draft`,
      `MODIFIED ${name} Draft`,
      `MODIFIED ${name} Draft`,
      `MODIFIED ${name} Proposed`,
      `MODIFIED ${name} Published`,
      `MODIFIED ${name} DeletionProposed`,
      `DELETED ${name} DeletionProposed`,
    ]);
    const positions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    watch.leave();
  });

  it('goes on from a position after the client has reconnected', async () => {
    const first = await world.porch.watch(`${revisionsPath}?resourceVersion=${await position()}`);
    const name = await draft();
    const seen = await first.find('the draft', about(name, 'ADDED'));
    first.leave();
    await label(name, { n: '1' });
    await label(name, { n: '2' });
    const next = await world.porch.watch(`${revisionsPath}?resourceVersion=${seen.object.metadata.resourceVersion}`);
    await next.find('the second label', (event) => about(name)(event) && event.object.metadata.labels?.n === '2');
    expect(next.events.filter(about(name)).map(({ type, object }) => `${type} ${object.metadata.labels.n}`)).toEqual([
      'MODIFIED 1',
      'MODIFIED 2',
    ]);
    next.leave();
  });

  it('without a position tells all that is there, then what changes', async () => {
    const name = await draft();
    const { items } = await packages.list();
    const watch = await world.porch.watch(revisionsPath);
    await watch.find('the draft', about(name, 'ADDED'));
    await label(name, { a: 'b' });
    await watch.find('the label', about(name, 'MODIFIED'));
    const added = watch.events.filter(({ type }) => type === 'ADDED').map(({ object }) => object.metadata.name);
    expect(added.sort()).toEqual(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort());
    watch.leave();
  });

  it('with a label selector tells what comes into it and what leaves it', async () => {
    const name = await draft();
    const other = await draft();
    const watch = await world.porch.watch(
      `${revisionsPath}?labelSelector=team%3Dred&resourceVersion=${await position()}`,
    );
    await label(name, { team: 'red' });
    await label(other, { team: 'blue' });
    await label(name, { team: 'red', more: 'x' });
    await label(name, { team: 'blue' });
    await label(other, { team: 'red' });
    await watch.find('the other one', about(other, 'ADDED'));
    expect(watch.events.map(brief)).toEqual([
      `ADDED ${name} Draft`,
      `MODIFIED ${name} Draft`,
      `DELETED ${name} Draft`,
      `ADDED ${other} Draft`,
    ]);
    watch.leave();
  });

  it('with a field selector tells what comes into it and what leaves it', async () => {
    const name = await draft();
    const selector = encodeURIComponent('spec.lifecycle=Proposed,spec.repository=repo');
    const watch = await world.porch.watch(
      `${revisionsPath}?fieldSelector=${selector}&resourceVersion=${await position()}`,
    );
    expectStatus(await packages.propose(name), 200);
    expectStatus(await packages.setLifecycle(name, 'Draft'), 200);
    expectStatus(await packages.propose(name), 200);
    expectStatus(await packages.approve(name), 200);
    await watch.find('both to leave', () => watch.events.filter(about(name, 'DELETED')).length === 2);
    expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED', 'ADDED', 'DELETED']);
    watch.leave();
  });

  it('by name tells of that one only', async () => {
    const name = await draft();
    const selector = encodeURIComponent(`metadata.name=${name}`);
    const watch = await world.porch.watch(
      `${revisionsPath}?fieldSelector=${selector}&resourceVersion=${await position()}`,
    );
    await draft();
    await label(name, { a: 'b' });
    await watch.find('the label', about(name, 'MODIFIED'));
    expect(watch.events.map(brief)).toEqual([`MODIFIED ${name} Draft`]);
    watch.leave();
  });

  it('tells that another revision is the latest, of both', async () => {
    const first = (await packages.publish({ repository: 'repo', packageName: 'latest', workspaceName: 'v1' })).metadata
      .name;
    const task = { type: 'edit', edit: { sourceRef: { name: first } } };
    const watch = await world.porch.watch(
      `${revisionsPath}?labelSelector=kpt.dev%2Flatest-revision%3Dtrue&resourceVersion=${await position()}`,
    );
    const second = await packages.publish({ repository: 'repo', packageName: 'latest', workspaceName: 'v2', task });
    await watch.find('the second', about(second.metadata.name, 'ADDED'));
    await watch.find('the first to leave', about(first, 'DELETED'));
    watch.leave();
  });

  it('over all namespaces, and of one that has nothing', async () => {
    const all = await world.porch.watch(
      `/apis/porch.kpt.dev/v1alpha1/packagerevisions?resourceVersion=${await position()}`,
    );
    const elsewhere = await world.porch.watch(revisionsPath.replace('default', 'elsewhere'));
    const name = await draft();
    await all.find('the draft', about(name, 'ADDED'));
    expect(elsewhere.events).toEqual([]);
    all.leave();
    elsewhere.leave();
  });

  it('as a table has the columns in the first event, and cells in all', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const watch = await world.porch.watch(`${revisionsPath}?resourceVersion=${await position()}`, { accept });
    const name = await draft();
    expectStatus(await packages.propose(name), 200);
    const proposed = await watch.find('the proposal', ({ object }) => object.rows[0].cells.includes('Proposed'));
    expect(proposed.object.rows[0].cells[0]).toBe(name);
    expect(watch.events[0]?.object.columnDefinitions.map(({ name: title }: { name: string }) => title)).toContain(
      'Lifecycle',
    );
    expect(proposed.object.columnDefinitions ?? []).toEqual([]);
    watch.leave();
  });

  it('ends by itself after the time it was asked for', async () => {
    const watch = await world.porch.watch(`${revisionsPath}?timeoutSeconds=1`);
    expect(await watch.ended).toEqual({ clean: true });
  });

  it('gives bookmarks and the end of the initial events', async () => {
    const name = await draft();
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await world.porch.watch(`${revisionsPath}?${query}`);
    const mark = await watch.find('the bookmark', ({ type }) => type === 'BOOKMARK');
    expect(mark.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect(mark.object.kind).toBe('PackageRevision');
    expect(told(watch.events, name)).toEqual([`ADDED ${name} Draft`]);
    watch.leave();

    const resumed = await world.porch.watch(`${revisionsPath}?resourceVersion=${mark.object.metadata.resourceVersion}`);
    const next = await draft();
    await resumed.find('the next draft', about(next, 'ADDED'));
    expect(resumed.events.map(brief)).toEqual([`ADDED ${next} Draft`]);
    resumed.leave();
  });

  it('whose options contradict one another is refused', async () => {
    for (const query of ['watch=true&sendInitialEvents=true', 'watch=true&resourceVersion=abc']) {
      const { status } = await world.porch.http('GET', `${revisionsPath}?${query}`);
      expect([400, 422]).toContain(status);
    }
  });
});

describe('a watch of resources and of packages', () => {
  it('tells of files, and not of what changes beside them', async () => {
    const watch = await world.porch.watch(`${resourcesPath}?resourceVersion=${await position(resourcesPath)}`);
    const name = await draft();
    await label(name, { a: 'b' });
    expectStatus(
      await packages.replaceResources(name, (files) => {
        files['a.txt'] = 'a\n';
      }),
      200,
    );
    const changed = await watch.find('the file', ({ object }) => object.spec?.resources?.['a.txt'] === 'a\n');
    expect(changed.type).toBe('MODIFIED');
    const current = expectStatus(await packages.resources(name), 200);
    expect(changed.object.metadata.resourceVersion).toBe(current.metadata.resourceVersion);
    expectStatus(await packages.delete(name), 200);
    await watch.find('the deletion', about(name, 'DELETED'));
    const types = watch.events.filter(about(name)).map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['ADDED', 'DELETED']);
    watch.leave();
  });

  it('with selectors follows the package revision', async () => {
    const selector = encodeURIComponent('spec.packageName=chosen');
    const watch = await world.porch.watch(
      `${resourcesPath}?fieldSelector=${selector}&resourceVersion=${await position()}`,
    );
    await draft();
    const name = await draft('chosen');
    await watch.find('the chosen one', about(name, 'ADDED'));
    expect(new Set(watch.events.map(({ object }) => object.metadata.name))).toEqual(new Set([name]));
    watch.leave();
  });

  it('packages come with their first revision, tell the latest, and go with the last', async () => {
    const watch = await world.porch.watch(`${packagesPath}?resourceVersion=${await position(packagesPath)}`);
    const { name } = (await packages.publish({ repository: 'repo', packageName: 'whole', workspaceName: 'v1' }))
      .metadata;
    await watch.find('the package', about('repo.whole', 'ADDED'));
    await watch.find(
      'its revision',
      (event) => about('repo.whole')(event) && event.object.status?.latestRevision === 1,
    );
    for (const each of [name, 'repo.whole.main']) {
      expectStatus(await packages.setLifecycle(each, 'DeletionProposed'), 200);
      expectStatus(await packages.delete(each), 200);
    }
    await watch.find('the end', about('repo.whole', 'DELETED'));
    watch.leave();
  });
});

describe('positions', () => {
  it('survive a restart and a crash', async () => {
    const before = await position();
    const name = await draft();
    await world.porch.restart();
    const watch = await world.porch.watch(`${revisionsPath}?resourceVersion=${before}`);
    await watch.find('the draft of before', about(name, 'ADDED'));
    await label(name, { after: 'restart' });
    await watch.find('the label', about(name, 'MODIFIED'));
    expect(told(watch.events, name)).toEqual([`ADDED ${name} Draft`, `MODIFIED ${name} Draft`]);
    await world.porch.kill();
    await world.porch.start();
    const resumed = await world.porch.watch(`${revisionsPath}?resourceVersion=${before}`);
    await resumed.find('both again', () => told(resumed.events, name).length === 2);
    expect(Number(await position())).toBeGreaterThan(Number(before));
    resumed.leave();
  });

  it('that are too old are answered with 410 Expired, watches with an event that says so', async () => {
    const old = await position();
    const name = await draft();
    const last = Number(await position());
    await world.porch.stop();
    await forgetHistory(world.porch.dataDirectory, last);
    await world.porch.start();
    const expired = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 410, reason: 'Expired' };
    const list = `${revisionsPath}?resourceVersionMatch=Exact&resourceVersion=${old}`;
    expect(expectStatus(await world.porch.http('GET', list), 410)).toMatchObject(expired);
    const stream = await world.porch.client.open('GET', `${revisionsPath}?watch=true&resourceVersion=${old}`);
    expect(stream.status).toBe(200);
    const watch = readWatch(stream);
    const { object } = await watch.find('the error', ({ type }) => type === 'ERROR');
    expect(object).toMatchObject(expired);
    expect(await watch.ended).toEqual({ clean: true });
    const fresh = await world.porch.watch(`${revisionsPath}?resourceVersion=${await position()}`);
    await label(name, { still: 'there' });
    await fresh.find('the label', about(name, 'MODIFIED'));
    fresh.leave();
  });

  it('from the future are refused or waited for, never taken for now', async () => {
    const future = Number(await position()) + 1_000_000;
    const answer = await world.porch.http('GET', `${revisionsPath}?resourceVersion=${future}`);
    expect(answer.status).toBe(504);
    expect(answer.json.details.causes[0].reason ?? answer.json.reason).toMatch(/ResourceVersionTooLarge|Timeout/);
  });
});
