import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './harness/api-client.ts';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { startWorld, type World } from './harness/world.ts';

const busy = 'another request is already in progress';

let world: World;
let packages: Packages;
let remote: Remote;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  remote = await world.addRepository('repo');
});
afterAll(() => world?.close());

const wanted = (packageName: string, workspaceName = 'v1') => ({ repository: 'repo', packageName, workspaceName });

async function draft(packageName: string, workspaceName = 'v1'): Promise<string> {
  return expectStatus(await packages.create(wanted(packageName, workspaceName)), 201).metadata.name;
}

async function proposal(packageName: string): Promise<string> {
  const name = await draft(packageName);
  expectStatus(await packages.propose(name), 200);
  return name;
}

/** Sends the same write many times at once: one or more succeed, the others are told that one is under way. */
async function overlap(write: () => Promise<Answer>, others: RegExp): Promise<Answer[]> {
  const answers = await Promise.all(Array.from({ length: 8 }, write));
  const won = answers.filter(({ status }) => status < 300);
  const lost = answers.filter(({ status }) => status >= 300);
  expect(won.length, answers.map(({ text }) => text).join('\n')).toBeGreaterThan(0);
  expect(lost.some(({ status, json }) => status === 409 && json.message.includes(busy))).toBe(true);
  for (const { json } of lost) expect(json.message).toMatch(new RegExp(`${busy}|${others.source}`));
  return won;
}

describe('overlapping writes', () => {
  it('creates of one package revision', async () => {
    const won = await overlap(() => packages.create(wanted('created')), /must be unique/);
    expect(won).toHaveLength(1);
  });

  it('clones into one package', async () => {
    const source = (await packages.publish(wanted('source'))).metadata.name;
    const task = { type: 'clone', clone: { upstreamRef: { upstreamRef: { name: source } } } };
    const won = await overlap(() => packages.create({ ...wanted('cloned'), task }), /must be unique|already exists/);
    expect(won).toHaveLength(1);
  });

  it('copies into one workspace', async () => {
    const source = (await packages.publish(wanted('copied'))).metadata.name;
    const task = { type: 'edit', edit: { sourceRef: { name: source } } };
    const won = await overlap(() => packages.create({ ...wanted('copied', 'v2'), task }), /must be unique/);
    expect(won).toHaveLength(1);
  });

  it('replacements of resources', async () => {
    const name = await draft('replaced');
    const object = expectStatus(await packages.resources(name), 200);
    const path = `/apis/porch.kpt.dev/v1alpha1/namespaces/default/packagerevisionresources/${name}`;
    let count = 0;
    const won = await overlap(() => {
      const resources = { ...object.spec.resources, 'n.txt': `${++count}` };
      return world.porch.http('PUT', path, { ...object, spec: { ...object.spec, resources } });
    }, /has been modified/);
    expect(won).toHaveLength(1);
  });

  it('proposals', async () => {
    const name = await draft('proposed');
    const object = expectStatus(await packages.get(name), 200);
    object.spec.lifecycle = 'Proposed';
    expect(await overlap(() => packages.put(object), /has been modified/)).toHaveLength(1);
  });

  it('approvals', async () => {
    const name = await proposal('approved');
    const object = expectStatus(await packages.get(name), 200);
    object.spec.lifecycle = 'Published';
    const path = `/apis/porch.kpt.dev/v1alpha1/namespaces/default/packagerevisions/${name}/approval`;
    const others = /has been modified|can only be updated/;
    expect(await overlap(() => world.porch.http('PUT', path, object), others)).toHaveLength(1);
    expect(Object.keys(await remote.refs()).filter((ref) => ref.startsWith('tags/approved/'))).toEqual([
      'tags/approved/v1',
    ]);
  });

  it('upgrades into one workspace', async () => {
    const old = (await packages.publish(wanted('base'))).metadata.name;
    const copy = { type: 'edit', edit: { sourceRef: { name: old } } };
    const updated = (await packages.publish({ ...wanted('base', 'v2'), task: copy })).metadata.name;
    const clone = { type: 'clone', clone: { upstreamRef: { upstreamRef: { name: old } } } };
    const local = (await packages.publish({ ...wanted('upgraded'), task: clone })).metadata.name;
    const [oldUpstreamRef, newUpstreamRef, localPackageRevisionRef] = [old, updated, local].map((name) => ({ name }));
    const task = { type: 'upgrade', upgrade: { oldUpstreamRef, newUpstreamRef, localPackageRevisionRef } };
    const won = await overlap(() => packages.create({ ...wanted('upgraded', 'v2'), task }), /must be unique/);
    expect(won).toHaveLength(1);
  });

  it('proposals of a deletion', async () => {
    const { name } = (await packages.publish(wanted('unwanted'))).metadata;
    const object = expectStatus(await packages.get(name), 200);
    object.spec.lifecycle = 'DeletionProposed';
    expect(await overlap(() => packages.put(object), /has been modified/)).toHaveLength(1);
  });

  it('deletions', async () => {
    const { name } = (await packages.publish(wanted('deleted'))).metadata;
    expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
    expect(await overlap(() => packages.delete(name), /not found/)).toHaveLength(1);
    expectStatus(await packages.get(name), 404);
  });
});

describe('publishing', () => {
  it('two workspaces of one package at once gives n and n+1, and moves no tag', async () => {
    const first = (await packages.publish(wanted('numbered'))).metadata.name;
    const task = { type: 'edit', edit: { sourceRef: { name: first } } };
    const names: string[] = [];
    for (const workspace of ['left', 'right']) {
      const created = expectStatus(await packages.create({ ...wanted('numbered', workspace), task }), 201);
      names.push(created.metadata.name);
      expectStatus(await packages.propose(created.metadata.name), 200);
    }
    const before = (await remote.refs())['tags/numbered/v1'];
    const answers = await Promise.all(names.map((name) => packages.approve(name)));
    const revisions = answers.map((answer) => expectStatus(answer, 200).spec.revision);
    expect(revisions.sort()).toEqual([2, 3]);
    const refs = await remote.refs();
    expect(
      Object.keys(refs)
        .filter((ref) => ref.includes('/numbered/'))
        .sort(),
    ).toEqual(['tags/numbered/v1', 'tags/numbered/v2', 'tags/numbered/v3']);
    expect(refs['tags/numbered/v1']).toBe(before);
    for (const answer of answers) {
      expect(refs[`tags/numbered/v${answer.json.spec.revision}`]).toBe(answer.json.status.selfLock.git.commit);
    }
    expect(await remote.git('rev-list', '--first-parent', 'refs/heads/main')).toContain(
      refs['tags/numbered/v2'] ?? 'none',
    );
    const latest = await packages.list(
      '?labelSelector=kpt.dev%2Flatest-revision%3Dtrue&fieldSelector=spec.packageName%3Dnumbered',
    );
    expect(latest.items.map(({ spec }: { spec: { revision: number } }) => spec.revision)).toEqual([3]);
  });

  it('many packages at once keeps all of them on main', async () => {
    const names = await Promise.all(Array.from({ length: 12 }, (_, n) => proposal(`many-${n}`)));
    const answers = await Promise.all(names.map((name) => packages.approve(name)));
    for (const answer of answers) expectStatus(answer, 200);
    const files = Object.keys(await remote.files('refs/heads/main'));
    for (let n = 0; n < names.length; n++) expect(files).toContain(`many-${n}/Kptfile`);
  });

  it("absorbs somebody else's push to main", async () => {
    const name = await proposal('absorbing');
    await eventually('the proposal in Git', () => remote.id('heads/proposed/absorbing/v1'));
    const theirs = await remote.push('main', { 'elsewhere/notes.txt': 'by hand\n' });
    const { status } = expectStatus(await packages.approve(name), 200);
    const commit = await remote.commit('refs/heads/main');
    expect(commit.id).toBe(status.selfLock.git.commit);
    expect(commit.parents[0]).toBe(theirs);
    expect(Object.keys(await remote.files('refs/heads/main'))).toContain('elsewhere/notes.txt');
  });

  it('takes the next number where somebody else has tagged one', async () => {
    const name = await proposal('tagged');
    const head = await remote.git('rev-parse', 'refs/heads/main');
    await remote.git('update-ref', 'refs/tags/tagged/v1', head);
    const published = expectStatus(await packages.approve(name), 200);
    expect(published.spec.revision).toBe(2);
    expect((await remote.refs())['tags/tagged/v1']).toBe(head);
  });

  it('is refused with 409 when somebody else has moved the proposal, and nothing is published', async () => {
    const name = await proposal('moved');
    await eventually('the proposal in Git', () => remote.id('heads/proposed/moved/v1'));
    const theirs = await remote.push('proposed/moved/v1', { 'moved/theirs.yaml': 'a: b\n' });
    const before = await remote.refs();
    const refused = expectStatus(await packages.approve(name), 409);
    expect(refused.message).toContain('proposed/moved/v1');
    expect(await remote.refs()).toEqual(before);
    expect((await remote.refs())['heads/proposed/moved/v1']).toBe(theirs);
    expect(expectStatus(await packages.get(name), 200).spec.lifecycle).toBe('Proposed');
    await world.sync('repo');
    await eventuallyHolds(async () => {
      const { resources } = expectStatus(await packages.resources(name), 200).spec;
      expect(Object.keys(resources)).toContain('theirs.yaml');
    });
    expectStatus(await packages.approve(name), 200);
    expect(Object.keys(await remote.files('refs/heads/main', 'moved'))).toContain('theirs.yaml');
  });
});
