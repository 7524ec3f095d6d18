import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { resolveDraftAnnotation } from '../../resources/group.ts';
import { commitElsewhere } from './commit-elsewhere.test-support.ts';

let trial: Trial;
let r: string;
let count = 0;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

beforeEach(async () => {
  r = `r${count++}`;
  await trial.addRepository(r);
});

const [draft, proposal] = ['refs/heads/drafts/p/w', 'refs/heads/proposed/p/w'];
const files = async () => (await trial.resources(`${r}.p.w`)).spec.resources;

async function addFile(name: string): Promise<void> {
  await trial.setFiles(`${r}.p.w`, (all) => {
    all[name] = 'ours';
  });
}

/** Changes a draft here, while somebody changes and proposes it in Git; gives their commit. */
async function proposedElsewhere(): Promise<string> {
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const theirs = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await addFile('ours.txt');
    await trial.git(r, 'update-ref', proposal, theirs);
    await trial.git(r, 'update-ref', '-d', draft);
  });
  await expect.poll(() => trial.parts.queue.backlog('default', r).waiting).toBe(0);
  return theirs;
}

async function decide(value: string): Promise<void> {
  await trial.update(`${r}.p.w`, (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, [resolveDraftAnnotation]: value };
  });
  expect((await trial.sync(r)).conflicts).toEqual([]);
  await trial.mirrored(`${r}.p.w`);
  expect((await trial.sync(r)).conflicts).toEqual([]);
}

describe('a draft that somebody has proposed in Git while it was changed here', () => {
  test('stays as it is here, in conflict, whoever comes first', async () => {
    const theirs = await proposedElsewhere();
    for (let time = 0; time < 2; time++) {
      expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w`, theirs }]);
      expect(await files()).toHaveProperty(['ours.txt']);
      expect(await trial.git(r, 'rev-parse', proposal)).toBe(theirs);
    }
  });

  test('is in one place when ours is decided for', async () => {
    const theirs = await proposedElsewhere();
    await trial.sync(r);
    await decide('ours');
    expect(await trial.references(r)).toEqual([draft, 'refs/heads/main']);
    expect(await trial.git(r, 'rev-parse', `${draft}^`)).toBe(theirs);
    expect(await files()).toHaveProperty(['ours.txt']);
  });

  test('is in one place when theirs is decided for', async () => {
    const theirs = await proposedElsewhere();
    await trial.sync(r);
    await decide('theirs');
    expect(await trial.references(r)).toEqual(['refs/heads/main', proposal]);
    expect(await trial.git(r, 'rev-parse', proposal)).toBe(theirs);
    expect(trial.get(`${r}.p.w`)?.spec.lifecycle).toBe('Proposed');
    expect(await files()).toHaveProperty(['theirs.txt']);
  });
});

test('a draft that is made here while Git has a proposal of its name stays, in conflict', async () => {
  await trial.create(r, 'p', 'other');
  await trial.mirrored(`${r}.p.other`);
  const theirs = await commitElsewhere(trial, r, 'drafts/p/other', 'p/theirs.txt', 'theirs');
  await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/other');
  await trial.sync(r);
  await trial.git(r, 'update-ref', proposal, theirs);
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  await addFile('ours.txt');
  await trial.mirrored(`${r}.p.w`);
  for (const other of ['refs/heads/one', 'refs/heads/two']) {
    await trial.git(r, 'update-ref', other, 'main');
    expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w`, theirs }]);
    expect(await files()).toHaveProperty(['ours.txt']);
  }
});

test('a proposal in Git that has what is here in its history is taken over, though the draft is left there', async () => {
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const theirs = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
  await trial.git(r, 'update-ref', proposal, theirs);
  expect((await trial.sync(r)).conflicts).toEqual([]);
  expect(trial.get(`${r}.p.w`)?.spec.lifecycle).toBe('Proposed');
  expect(await files()).toHaveProperty(['theirs.txt']);
});

test('a move that the remote has carried out by half is completed, also when a synchronisation comes between', async () => {
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const lock = `${trial.gitServer.directory(r)}/${draft}.lock`;
  await writeFile(lock, '');
  await trial.setLifecycle(`${r}.p.w`, 'Proposed');
  await expect(trial.mirrored(`${r}.p.w`)).rejects.toThrow();
  expect(await trial.references(r)).toEqual([draft, 'refs/heads/main', proposal]);
  expect((await trial.sync(r)).conflicts).toEqual([]);
  await rm(lock);
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.references(r)).toEqual(['refs/heads/main', proposal]);
});

test('a draft that somebody makes in Git beside a proposal from here stays there', async () => {
  await trial.create(r, 'p', 'w');
  await trial.setLifecycle(`${r}.p.w`, 'Proposed');
  await trial.mirrored(`${r}.p.w`);
  const theirs = await commitElsewhere(trial, r, 'proposed/p/w', 'p/theirs.txt', 'theirs');
  await trial.git(r, 'update-ref', draft, theirs);
  await trial.sync(r);
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.references(r)).toEqual([draft, 'refs/heads/main', proposal]);
  expect(await trial.git(r, 'rev-parse', draft)).toBe(theirs);
  expect(trial.get(`${r}.p.w`)?.spec.lifecycle).toBe('Proposed');
});
