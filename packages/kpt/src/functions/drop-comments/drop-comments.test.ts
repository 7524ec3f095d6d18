import { expect, it } from 'vitest';
import { runFunction } from '../../testing/run-function.ts';
import { dropComments } from './drop-comments.ts';

it('leaves objects with the comments that a pipeline would give them back', () => {
  const text = '# first\napiVersion: v1\nkind: Pod # a pod\nmetadata:\n  # who\n  name: p\n';
  expect(runFunction(dropComments, text)).toMatchObject({ text, results: [], failed: undefined });
});
