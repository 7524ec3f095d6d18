import { expect, test } from 'vitest';
import { importDraft } from './import-draft.ts';
import { type ImportTarget, RefusedError } from './import-target.ts';
import type { RecordedDraft, RecordedRevision } from './recorded-revision.ts';

const draft: RecordedDraft = {
  repository: 'r',
  packageName: 'p',
  workspaceName: 'w',
  lifecycle: 'Draft',
  tasks: [],
  files: { Kptfile: '' },
};
const record: RecordedRevision = {
  namespace: 'default',
  name: 'r.p.w',
  labels: {},
  annotations: {},
  finalizers: [],
  ownerReferences: [],
  deleting: false,
  draft,
};

/** A server that goes away, or is busy, in the middle of it. */
function targetThat(refuses: Pick<ImportTarget, 'replaceFiles' | 'delete'>): ImportTarget {
  const none = async () => undefined;
  return {
    revisions: async () => [],
    revision: none,
    create: none,
    patch: none,
    files: async () => ({}),
    ownerUid: none,
    hasRepository: async () => true,
    ...refuses,
  };
}

test('a draft that can be given no files, and not be deleted either, says what was wrong first', async () => {
  const target = targetThat({
    replaceFiles: () => Promise.reject(new RefusedError(504, 'rendering took too long')),
    delete: () => Promise.reject(new RefusedError(409, 'another request is already in progress')),
  });
  await expect(importDraft(record, draft, target)).rejects.toMatchObject({
    code: 504,
    message:
      'rendering took too long; what was begun of it stays, to be finished by the next import: another request is already in progress',
  });
});
