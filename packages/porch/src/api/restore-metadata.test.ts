import { expect, test } from 'vitest';
import { restoreMetadata } from './restore-metadata.ts';

test('a subresource changes no metadata, and what a write is based on is still to be checked', () => {
  const metadata = {
    name: 'a',
    uid: 'u',
    resourceVersion: '7',
    labels: { a: 'b' },
    managedFields: [{ manager: 'old' }],
  };
  const kind = { apiVersion: 'example.com/v1', kind: 'Widget' };
  const old = { ...kind, metadata };
  const object = {
    ...kind,
    metadata: { name: 'b', uid: 'of another', resourceVersion: '6', labels: {}, managedFields: [{ manager: 'new' }] },
  };
  restoreMetadata(object, old);
  expect(object.metadata).toEqual({
    ...metadata,
    uid: 'of another',
    resourceVersion: '6',
    managedFields: [{ manager: 'new' }],
  });
  const silent = { ...kind, metadata: { resourceVersion: '7' } };
  restoreMetadata(silent, old);
  expect(silent.metadata).toEqual(metadata);
});
