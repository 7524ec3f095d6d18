import { afterEach, expect, test } from 'vitest';
import { commitElsewhere } from '../controllers/sync/commit-elsewhere.test-support.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { ContentStore, treeReference } from './content-store.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

test('content that only Git has is fetched where the mirror has lost it', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
  const commit = await commitElsewhere(t, 'r', 'main', 'p/Kptfile', kptfile);
  await t.git('r', 'update-ref', 'refs/heads/main', commit);
  await t.sync('r');
  const { removed } = await t.mirrors.removeUnused({ needed: [], unusedMs: -1, most: 1 });
  expect(removed).toHaveLength(1);
  expect((await t.resources('r.p.main')).spec.resources).toEqual({ Kptfile: kptfile });
});

test('what one repository has is not given out as what another has', async () => {
  const t = await startTrial();
  trial = t;
  for (const name of ['r', 'other']) await t.addRepository(name);
  const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
  await t.git('r', 'update-ref', 'refs/heads/main', await commitElsewhere(t, 'r', 'main', 'p/Kptfile', kptfile));
  await t.sync('r');
  const reference = treeReference(await t.git('r', 'rev-parse', 'main:p'));
  const { contents } = t.parts;
  expect(await contents.read('default', 'r', reference)).toMatchObject([{ path: 'Kptfile' }]);
  await expect(contents.read('default', 'other', reference)).rejects.toThrow();
});

test('a package whose texts are too long to be sent is listed without files, unless as much may be written', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  const text = '\u0001'.repeat(12 << 20);
  await t.git('r', 'update-ref', 'refs/heads/main', await commitElsewhere(t, 'r', 'main', 'p/Kptfile', text));
  await t.sync('r');
  const { spec, status } = await t.resources('r.p.main');
  expect(spec.resources).toEqual({});
  expect(status?.renderStatus?.error).toContain('its texts have more than 67108864 bytes');
  const { store, repositories } = t.parts;
  const reference = treeReference(await t.git('r', 'rev-parse', 'main:p'));
  const generous = new ContentStore(store, repositories, 1, 100 << 20);
  expect(await generous.read('default', 'r', reference)).toHaveLength(1);
});
