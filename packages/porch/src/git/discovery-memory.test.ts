import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiscoveryMemory, type ReferenceFacts } from './discovery-memory.ts';

let path: string;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'porch-memory-')), 'discovered');
});

afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

const facts = (n: number): ReferenceFacts => ({ id: String(n).padStart(40, '0'), reason: 'there is no Kptfile' });

test('a file of facts that no longer matter is written anew', async () => {
  const memory = await DiscoveryMemory.open(path);
  memory.learnReference('refs/tags/kept/v1', facts(0));
  for (let n = 0; n < 9000; n++) memory.learnReference('refs/heads/drafts/p/w', facts(n));
  memory.learnReference('refs/heads/drafts/gone/w', facts(1));
  await memory.save();
  const before = statSync(path).size;
  memory.forgetReferencesBut(new Set(['refs/tags/kept/v1', 'refs/heads/drafts/p/w']));
  for (let n = 0; n < 2000; n++) memory.learnReference('refs/heads/drafts/p/w', facts(n));
  memory.learnPlace('refs/heads/main', 'p', { commit: 'c', tree: 't', kptfile: 'k' });
  memory.learnBarren('b');
  await memory.save();
  expect(statSync(path).size).toBeLessThan(before / 100);

  memory.learnReference('refs/tags/next/v1', facts(7));
  await memory.save();
  const later = await DiscoveryMemory.open(path);
  expect(later.reference('refs/tags/kept/v1')).toEqual(facts(0));
  expect(later.reference('refs/heads/drafts/p/w')).toEqual(facts(1999));
  expect(later.reference('refs/heads/drafts/gone/w')).toBeUndefined();
  expect(later.reference('refs/tags/next/v1')).toEqual(facts(7));
  expect(later.place('refs/heads/main', 'p')).toEqual({ commit: 'c', tree: 't', kptfile: 'k' });
  expect(later.isBarren('b')).toBe(true);
});

test('what could not be written is written the next time', async () => {
  const memory = await DiscoveryMemory.open(path);
  memory.learnReference('refs/tags/a/v1', facts(1));
  rmSync(join(path, '..'), { recursive: true });
  await expect(memory.save()).rejects.toThrow('ENOENT');
  mkdirSync(join(path, '..'));
  await memory.save();
  expect((await DiscoveryMemory.open(path)).reference('refs/tags/a/v1')).toEqual(facts(1));
});
