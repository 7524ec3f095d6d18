import { expect, it } from 'vitest';
import { KrmObject } from '../yaml/krm-object.ts';
import { placeObjects } from './place-objects.ts';

it('adds objects behind all that a file has, however many those are', () => {
  const { source } = KrmObject.create({ apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } });
  const present = Array.from({ length: 200_000 }, (_, index) => new KrmObject(source, 'a.yaml', index));
  const added = Array.from({ length: 3 }, () => new KrmObject(source, 'a.yaml'));
  const elsewhere = new KrmObject(source, 'b.yaml');
  expect(placeObjects([...added, ...present, elsewhere], '', undefined)).toBeUndefined();
  expect(added.map(({ index }) => index)).toEqual([200_000, 200_001, 200_002]);
  expect(elsewhere.index).toBe(0);
});
