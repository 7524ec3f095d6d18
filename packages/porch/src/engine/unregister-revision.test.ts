import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
let away = false;
beforeEach(async () => {
  away = false;
  trial = await startTrial('async', { onRequest: () => (away ? { status: 503 } : undefined) });
  await trial.addRepository('r');
});
afterEach(() => trial.close());

const references = () => trial.git('r', 'for-each-ref', '--format=%(refname) %(objectname)');

test('what is deleted in a namespace that is being deleted leaves the API and stays in Git', async () => {
  const published = (await trial.create('r', 'a', 'v1')).metadata.name ?? '';
  await trial.publish(published);
  const draft = (await trial.create('r', 'b', 'v1')).metadata.name ?? '';
  await trial.mirrored(draft);
  const before = await references();
  expect(before).toContain('refs/tags/a/v1');
  expect(before).toContain('refs/heads/drafts/b/v1');
  await expect(trial.remove(published)).rejects.toMatchObject({ code: 403 });
  trial.terminating = 'default';
  for (const name of [published, draft]) {
    await trial.remove(name);
    expect(trial.get(name)).toBeUndefined();
    expect(trial.parts.cache.state('default', name)).toBeUndefined();
  }
  trial.terminating = undefined;
  expect(await references()).toBe(before);
});

test('a draft that Git does not have keeps such a namespace waiting', async () => {
  const name = (await trial.create('r', 'a', 'v1')).metadata.name ?? '';
  await trial.mirrored(name);
  away = true;
  await trial.setFiles(name, (files) => {
    files['a.yaml'] = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';
  });
  trial.terminating = 'default';
  await expect(trial.remove(name)).rejects.toMatchObject({ code: 409, message: expect.stringContaining('Git lacks') });
  away = false;
  await trial.mirrored(name);
  await trial.remove(name);
  expect(trial.get(name)).toBeUndefined();
  expect(await trial.git('r', 'show', 'refs/heads/drafts/a/v1:a/a.yaml')).toContain('name: a');
});
