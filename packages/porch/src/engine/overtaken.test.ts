import type { UpdateFunction } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackageRevision } from '../resources/package-revision.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

/** A published `p.v1` and a proposal `p.v2`, whose publication takes the label of the latest revision from `p.v1`. */
async function createSiblings(): Promise<{ first: string; second: string }> {
  const r = await trial.newRepository();
  const [first, second] = [`${r}.p.v1`, `${r}.p.v2`];
  await trial.create(r, 'p', 'v1');
  await trial.publish(first);
  await trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: first } } });
  await trial.setLifecycle(second, 'Proposed');
  return { first, second };
}

describe('a write that a publication of a sibling has overtaken', () => {
  /** Labels `first` once `second` has been published, after it has been read. `asked`: whether the resourceVersion is one that was demanded. */
  function label(first: string, second: string, asked: boolean): Promise<unknown> {
    const seen: string[] = [];
    const update: UpdateFunction<PackageRevision> = async (current) => {
      const object = structuredClone(current) as PackageRevision;
      seen.push(object.metadata.resourceVersion ?? '');
      if (seen.length === 1) await trial.setLifecycle(second, 'Published');
      object.metadata.labels = { ...object.metadata.labels, team: 'blue' };
      return asked ? { ...object, metadata: { ...object.metadata, resourceVersion: seen[0] ?? '' } } : object;
    };
    return trial.engine.updatePackageRevision(trial.context, first, update, { dryRun: false, fieldManager: 'test' });
  }

  test('is made again on what that has left', async () => {
    const { first, second } = await createSiblings();
    await label(first, second, false);
    expect(trial.get(first)?.metadata.labels).toEqual({ team: 'blue' });
  });

  test('is a conflict where it demands the resourceVersion from before', async () => {
    const { first, second } = await createSiblings();
    await expect(label(first, second, true)).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    expect(trial.get(first)?.metadata.labels).toBeUndefined();
  });
});
