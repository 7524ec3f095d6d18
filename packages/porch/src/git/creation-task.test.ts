import { expect, test, vi } from 'vitest';
import type { CommitFacts } from './commit-facts.ts';
import { CommitIndex } from './commit-index.ts';
import { recoverTasks } from './creation-task.ts';
import { init } from './discovered.test-support.ts';

const idOf = (number: number): string => number.toString(16).padStart(40, '0');

test('many annotations of one workspace cost few walks through the history', async () => {
  const marked = (number: number): CommitFacts => ({
    id: idOf(number),
    parents: [],
    committed: number,
    marks: [{ path: 'p', workspaceName: 'w', task: init }],
    author: ['a@example.com', 0],
  });
  const others = Array.from({ length: 50 }, (_, number) => marked(number + 2));
  const index = new CommitIndex();
  await index.restore([marked(1), ...others, { id: idOf(100), parents: [idOf(1)], committed: 100, marks: [] }]);
  const walks = vi.spyOn(index, 'isAncestor');
  expect(recoverTasks(index, 'p', 'w', idOf(100))).toEqual([init]);
  expect(recoverTasks(index, 'p', 'other', idOf(100))).toEqual([]);
  expect(walks).toHaveBeenCalledTimes(3);
});
