import type { KubernetesObject, ServedObject } from '@porch/apiserver';
import { expect, test } from 'vitest';
import { DecodedOnce } from './decoded-once.ts';

let decodings = 0;

function served(name: string, revision: number): ServedObject {
  const key = { resource: 'things', namespace: 'default', name };
  const decode = () => {
    decodings++;
    return { apiVersion: 'v1', kind: 'Thing', metadata: { name, resourceVersion: String(revision) } };
  };
  return { key, revision, decode } as unknown as ServedObject;
}

test('each version is decoded once, and what is gone is forgotten', () => {
  const objects = new DecodedOnce<KubernetesObject>();
  const [a, b] = [served('a', 1), served('b', 2)];
  decodings = 0;
  expect(objects.all([a, b]).map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  expect(objects.of(a)).toBe(objects.all([a, b])[0]);
  expect(decodings).toBe(2);
  const changed = served('a', 3);
  expect(objects.of(changed).metadata.resourceVersion).toBe('3');
  expect(objects.all([changed, b])).toHaveLength(2);
  expect(decodings).toBe(3);
  expect(objects.all([b])).toHaveLength(1);
  objects.of(changed);
  expect(decodings).toBe(4);
});
