import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import { expectStatus, type Packages, repositoriesPath, revisionsPath } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { startWorld, type World } from './harness/world.ts';

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

let world: World;
let packages: Packages;
let remote: Remote;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  remote = await world.addRepository('r');
});
afterAll(() => world?.close());

async function condition(type: string): Promise<Json> {
  const object = expectStatus(await world.porch.http('GET', `${repositoriesPath}/r`), 200);
  return object.status.conditions.find((one: Json) => one.type === type);
}

function annotate(name: string, value: string) {
  const patch = { metadata: { annotations: { 'porch.kpt.dev/resolve-draft': value } } };
  return world.porch.http('PATCH', `${revisionsPath}/${name}`, patch, {
    'content-type': 'application/merge-patch+json',
  });
}

/** A draft that somebody has pushed to with plain git, and that was changed here before the server knew. */
async function disputedDraft(packageName: string): Promise<{ name: string; branch: string; theirs: string }> {
  const created = expectStatus(await packages.create({ repository: 'r', packageName, workspaceName: 'v1' }), 201);
  const { name } = created.metadata;
  const branch = `drafts/${packageName}/v1`;
  await eventually(branch, () => remote.id(`heads/${branch}`));
  const theirs = await remote.push(branch, { [`${packageName}/theirs.yaml`]: configMap('theirs') });
  expectStatus(
    await packages.replaceResources(name, (files) => {
      files['ours.yaml'] = configMap('ours');
    }),
    200,
  );
  return { name, branch, theirs };
}

/** Waits until nothing is disputed and the annotation is gone; gives the files that the API shows. */
async function resolved(name: string): Promise<Record<string, string>> {
  await eventuallyHolds(async () => {
    expect(expectStatus(await packages.get(name), 200).metadata.annotations ?? {}).toEqual({});
    expect(await condition('DraftConflict')).toBeUndefined();
    expect((await condition('DraftsMirrored')).status).toBe('True');
  });
  return expectStatus(await packages.resources(name), 200).spec.resources;
}

describe('a draft that was changed here and in Git', () => {
  it('stays as it is here, is named with both commits, and is not published', async () => {
    const { name, branch, theirs } = await disputedDraft('kept');
    await eventuallyHolds(async () => {
      expect((await condition('DraftConflict'))?.message).toMatch(
        new RegExp(`^1 changed here and in Git: ${name} \\(here [0-9a-f]{40}, in Git ${theirs}\\)`),
      );
      expect(await condition('DraftsMirrored')).toMatchObject({
        status: 'False',
        reason: 'Conflict',
        message: expect.stringMatching(/^1 package revision is not in Git as it is here, the oldest change for/),
      });
    });
    expect((await condition('Ready')).status).toBe('True');
    expect(Object.keys(expectStatus(await packages.resources(name), 200).spec.resources)).toContain('ours.yaml');
    expect(await remote.id(`heads/${branch}`)).toBe(theirs);
    const wrong = await annotate(name, 'mine');
    expect(wrong.status).toBe(400);
    expect(wrong.json.message).toContain('supported values: "ours", "theirs"');
    expectStatus(await packages.propose(name), 200);
    expect((await packages.approve(name)).json.message).toContain(`changed here and in Git (commit ${theirs})`);

    expectStatus(await annotate(name, 'ours'), 200);
    expect(Object.keys(await resolved(name)).sort()).toEqual([
      'Kptfile',
      'README.md',
      'ours.yaml',
      'package-context.yaml',
    ]);
    const head = await eventually('ours', () => remote.id('heads/proposed/kept/v1'));
    expect((await remote.commit(head)).parents).toEqual([theirs]);
    expect(Object.keys(await remote.files(head, 'kept'))).not.toContain('theirs.yaml');
    expect(await remote.id(`heads/${branch}`)).toBeUndefined();
    const published = expectStatus(await packages.approve(name), 200);
    expect(published.spec.revision).toBe(1);
  });

  it('becomes what is in Git when that is decided', async () => {
    const { name, branch, theirs } = await disputedDraft('taken');
    await eventuallyHolds(async () => expect((await condition('DraftConflict'))?.message).toContain(theirs));
    expectStatus(await annotate(name, 'theirs'), 200);
    expect(Object.keys(await resolved(name)).sort()).toEqual([
      'Kptfile',
      'README.md',
      'package-context.yaml',
      'theirs.yaml',
    ]);
    expect(await remote.id(`heads/${branch}`)).toBe(theirs);
  });
});
