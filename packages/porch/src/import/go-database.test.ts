import { expect, test } from 'vitest';
import { filesByDraft } from './go-database.ts';

test('files of drafts are told apart, however many they are', () => {
  const file = (name: string, path: string) => ({ namespace: 'default', name, path, content: `of ${name}` });
  const many = Array.from({ length: 30_000 }, (_, index) => file('large', `files/${index}.yaml`));
  const found = filesByDraft([file('small', 'Kptfile'), ...many, file('small', '__proto__')]);
  expect(Object.keys(found.get('default/large') ?? {})).toHaveLength(30_000);
  expect(Object.entries(found.get('default/small') ?? {})).toEqual([
    ['Kptfile', 'of small'],
    ['__proto__', 'of small'],
  ]);
});
