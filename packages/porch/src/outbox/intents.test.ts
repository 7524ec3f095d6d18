import { describe, expect, test } from 'vitest';
import type { DeleteIntent, PublishIntent } from '../cache/records.ts';
import type { RemoteReferences } from '../git/types.ts';
import { isDone, leftOf } from './intents.ts';

const [head, tip, commit, other] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40)) as [
  string,
  string,
  string,
  string,
];
const [branch, tag, proposal] = ['refs/heads/main', 'refs/tags/p/v1', 'refs/heads/proposed/p/w'];

const publication: PublishIntent = {
  type: 'publish',
  decisive: tag,
  commit,
  revision: 1,
  publishedBy: 'alice',
  time: '2026-01-02T03:04:05Z',
  updates: [
    { ref: branch, old: head, new: commit },
    { ref: tag, old: null, new: commit },
    { ref: proposal, old: tip, new: null },
  ],
};
const removal: DeleteIntent = {
  type: 'delete',
  decisive: tag,
  commit: null,
  updates: [
    { ref: tag, old: commit, new: null },
    { ref: proposal, old: tip, new: null },
  ],
};

function remote(refs: Readonly<Record<string, string>>): RemoteReferences {
  return { refs: new Map(Object.entries(refs)), peeled: new Map() } as unknown as RemoteReferences;
}

describe('an intent is done', () => {
  test.each<[string, PublishIntent | DeleteIntent, Readonly<Record<string, string>>, boolean]>([
    ['where its tag is its commit, whatever became of the rest', publication, { [tag]: commit, [branch]: other }, true],
    ['not where the tag is that of somebody else', publication, { [tag]: other, [branch]: commit }, false],
    ['not where there is no tag', publication, { [branch]: commit }, false],
    ['where all that it removes is gone', removal, { [branch]: head }, true],
    ['not where some of that is left', removal, { [proposal]: tip }, false],
  ])('%s', (_, intent, refs, done) => {
    expect(isDone(intent, remote(refs))).toBe(done);
  });
});

describe('what is left of an intent', () => {
  const [, second, third] = publication.updates;

  test.each<[string, Readonly<Record<string, string>>, readonly unknown[]]>([
    ['all but the branch', { [branch]: commit, [proposal]: tip }, [second, third]],
    ['the last of it', { [branch]: commit, [tag]: commit, [proposal]: tip }, [third]],
  ])('is %s', (_, refs, left) => {
    expect(leftOf(publication, remote(refs))).toEqual(left);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['nothing was done', { [branch]: head, [proposal]: tip }],
    ['everything was done', { [branch]: commit, [tag]: commit }],
    ['the next one was changed by somebody', { [branch]: commit, [tag]: other, [proposal]: tip }],
    ['a later one was changed by somebody', { [branch]: commit, [proposal]: other }],
  ])('is for nobody to carry on where %s', (_, refs) => {
    expect(leftOf(publication, remote(refs))).toBeUndefined();
  });
});
