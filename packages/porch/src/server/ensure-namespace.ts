import { randomUUID } from 'node:crypto';
import { encodeObject, PreconditionFailedError, type Store, toTime } from '@porch/apiserver';
import { namespaces } from '../resources/group.ts';

/** Makes a namespace unless it is there. */
export async function ensureNamespace(store: Store, name: string, now: Date): Promise<void> {
  const uid = randomUUID();
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid, creationTimestamp: toTime(now), labels: { 'kubernetes.io/metadata.name': name } },
    status: { phase: 'Active' },
  };
  const key = { resource: namespaces, namespace: '', name };
  try {
    await store.commit({ operations: [{ type: 'put', key, uid, value: encodeObject(object), expected: 0 }] });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
}
