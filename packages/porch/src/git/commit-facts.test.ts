import { expect, test } from 'vitest';
import { approvalCommitMessage, draftCommitMessage, readAnnotations } from './annotation.ts';
import { factsOf, type MarkFact, sizeOf } from './commit-facts.ts';
import { init } from './discovered.test-support.ts';

const of = { path: 'a', workspaceName: 'w' };
const author = { email: 'ann@example.com', time: 1000 };

function facts(message: string) {
  return factsOf({ id: 'c', tree: 't', parents: ['p'], author, committed: 2000, message }, readAnnotations(message));
}

test.each<[string, string, MarkFact]>([
  ['makes a draft', draftCommitMessage({ ...of, task: init }), { ...of, task: init }],
  ['renders one', draftCommitMessage({ ...of, task: { type: 'render' } }), of],
  ['changes one', draftCommitMessage(of), of],
  ['publishes', approvalCommitMessage({ ...of, revision: 3 }), { ...of, approval: true }],
  ['names its workspace as early ones do', 'kpt:{"package":"a","revision":"3"}', { path: 'a', workspaceName: '3' }],
  [
    'has a task and a number',
    `kpt:${JSON.stringify({ package: 'a', workspaceName: 'w', revision: '3', task: init })}`,
    { ...of, task: init },
  ],
  [
    'has a task that is none',
    'kpt:{"package":"a","workspaceName":"w","revision":"0","task":{"type":"init","init":{"keywords":[[],[],[]]}}}',
    of,
  ],
  [
    'has more in its task than a task has',
    `kpt:${JSON.stringify({ package: 'a', workspaceName: 'w', revision: '0', task: { ...init, more: [[], []] } })}`,
    { ...of, task: init },
  ],
  ['names the package alone', 'kpt:{"package":"a"}', { path: 'a' }],
])('a commit that %s', (_, message, mark) => {
  expect(facts(message)).toStrictEqual({
    id: 'c',
    parents: ['p'],
    committed: 2000,
    marks: [mark],
    author: ['ann@example.com', 1000],
  });
});

test('a commit that says nothing of packages has no author either', () => {
  expect(facts('by hand')).toStrictEqual({ id: 'c', parents: ['p'], committed: 2000, marks: [] });
});

test('facts take what their marks say, and more for each of them', () => {
  const line = (path: string) => `kpt:{"package":"${path}"}`;
  const none = sizeOf(facts('by hand'));
  const short = sizeOf(facts(line('a')));
  expect(none).toBe(0);
  expect(sizeOf(facts(line('a'.repeat(501))))).toBe(short + 500);
  expect(sizeOf(facts(draftCommitMessage({ path: 'a', workspaceName: 'w', task: init })))).toBeGreaterThan(
    short + JSON.stringify(init).length,
  );
});
