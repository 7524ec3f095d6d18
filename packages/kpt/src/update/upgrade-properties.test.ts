import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { clonedFiles, configMap, type Files, packageOf, upgrade } from './upgrade.test-support.ts';

const value = fc.constantFrom('one', '"two"', "'3' # c", 'true', '[x, y]', '{k: 1}', '{k: 2, l: 3}', '|-\n    text');
const line = fc.tuple(fc.constantFrom('p', 'q', 'r', 's'), value, fc.boolean());
const lines = fc
  .uniqueArray(line, { selector: ([key]) => key, minLength: 1, maxLength: 4 })
  .map((list) => list.flatMap(([key, text, comment]) => [...(comment ? [`# about ${key}`] : []), `${key}: ${text}`]));
const map = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), lines)
  .map(([name, data]) => ({ name, text: configMap(name, ...data) }));
const containers = fc.uniqueArray(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.nat(2), fc.boolean()), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 3,
});
const deployment = containers.map((list) => ({
  name: 'd',
  text: `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers:\n${list
    .map(
      ([name, tag, tty]) => `      - name: ${name} # one\n        image: i:${tag}\n${tty ? '        tty: true\n' : ''}`,
    )
    .join('')}`,
}));
const resources = fc
  .uniqueArray(fc.oneof(map, deployment), { selector: ({ name }) => name, minLength: 1, maxLength: 3 })
  .map((list) => list.map(({ text }) => text).join('---\n'));
const text = fc.constantFrom('one\n', 'two', '');

/** Files that may stand in all three packages, so that they meet often. */
const files: fc.Arbitrary<Files> = fc
  .record(
    { 'a.yaml': resources, 'b/b.yml': resources, 'c.yaml': resources, 'note.txt': text, 'values.yaml': text },
    { requiredKeys: [] },
  )
  .map((record) =>
    Object.fromEntries(Object.entries(record).flatMap(([path, file]) => (file === undefined ? [] : [[path, file]]))),
  );

/** All but the Kptfile, which names the new upstream. */
function withoutKptfile(all: PackageFiles): Record<string, string> {
  const { [kptfileName]: _, ...rest } = Object.fromEntries(all);
  return rest;
}

const runs = { numRuns: 80 };

describe('merging any packages', () => {
  it('gives the local one, byte by byte, where upstream did not change', () => {
    fc.assert(
      fc.property(files, files, (old, local) => {
        const merged = upgrade('resource-merge', { old, updated: old, local });
        expect(withoutKptfile(merged)).toEqual(local);
      }),
      runs,
    );
  });

  it('gives the clone of the new one where nothing was changed locally, whatever the strategy', () => {
    const strategies = fc.constantFrom('resource-merge', 'fast-forward', 'force-delete-replace', 'copy-merge');
    fc.assert(
      fc.property(files, files, strategies, (old, updated, strategy) => {
        const merged = upgrade(strategy, { old, updated, local: clonedFiles(old) });
        expect(withoutKptfile(merged)).toEqual(withoutKptfile(clonedFiles(updated)));
      }),
      runs,
    );
  });

  it('changes nothing when it is done again', () => {
    const strategies = fc.constantFrom('resource-merge', 'force-delete-replace', 'copy-merge');
    fc.assert(
      fc.property(files, files, files, strategies, (old, updated, local, strategy) => {
        const once = upgrade(strategy, { old, updated, local: new Map(packageOf(local, 'down')) });
        expect(upgrade(strategy, { old, updated, local: once })).toEqual(once);
        expect(upgrade('resource-merge', { old: updated, updated, local: once })).toEqual(once);
      }),
      runs,
    );
  });

  it('keeps every byte of files that upstream did not touch, and makes no YAML that cannot be read', () => {
    fc.assert(
      fc.property(files, files, files, (old, updated, local) => {
        const merged = upgrade('resource-merge', { old, updated, local });
        for (const path of Object.keys({ ...old, ...updated, ...local })) {
          if (old[path] === updated[path]) expect(merged.get(path)).toBe(local[path]);
          if (!path.endsWith('.txt')) {
            for (const document of parseAllDocuments(merged.get(path) ?? '')) expect(document.errors).toEqual([]);
          }
        }
      }),
      runs,
    );
  });
});
