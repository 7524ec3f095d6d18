import { expect, it } from 'vitest';
import type { Repository } from '../resources/repository.ts';
import { RegistrationOrder } from './registration-order.ts';

const second = (n: number) => `2026-01-02T03:04:0${n}Z`;

function repository(
  name: string,
  directory: string,
  { at = 0, uid = name, namespace = 'a', branch = 'main', repo = 'https://git.example/r.git' } = {},
): Repository {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name, namespace, uid, creationTimestamp: second(at) },
    spec: { type: 'git', git: { repo, branch, directory } },
  };
}

/** Feeds an order; gives who waits for whom. */
function orderOf(...all: Repository[]) {
  const order = new RegistrationOrder();
  const observe = (type: 'CHANGED' | 'REMOVED', object: Repository) => order.observe({ type, object });
  for (const object of all) observe('CHANGED', object);
  const waiting = () =>
    all.flatMap((object) => {
      const first = /conflict with (\S+),/.exec(order.conflictOf(object)?.message ?? '')?.[1];
      return first === undefined ? [] : [`${object.metadata.namespace}/${object.metadata.name} for ${first}`];
    });
  return { order, observe, waiting };
}

it('lets the one that was registered first go on, whichever was seen first', () => {
  const [older, younger] = [repository('z', 'x', { at: 1 }), repository('a', '/x/', { at: 2 })];
  expect(orderOf(older, younger).waiting()).toEqual(['a/a for a/z']);
  expect(orderOf(younger, older).waiting()).toEqual(['a/a for a/z']);
});

it('decides between those of one second by their uids', () => {
  const all = ['3', '1', '2'].map((uid) => repository(`of-${uid}`, 'x', { uid }));
  expect(orderOf(...all).waiting()).toEqual(['a/of-3 for a/of-1', 'a/of-2 for a/of-1']);
});

it('says what overlaps, and what to do', () => {
  const { order } = orderOf(repository('one', ''), repository('two', 'x', { at: 1, namespace: 'b' }));
  expect(order.conflictOf(repository('two', 'x', { at: 1, namespace: 'b' }))?.message).toMatch(
    /^Repository conflict with a\/one, which was registered first: of the two, one registers the root .* delete one of the two/,
  );
});

it('knows no conflict of other branches, other remotes, other directories, and the same directory in several namespaces', () => {
  const { waiting } = orderOf(
    repository('one', 'x'),
    repository('two', 'x', { branch: 'other' }),
    repository('three', 'x', { repo: 'https://git.example/other' }),
    repository('four', 'xy'),
    repository('one', 'x', { namespace: 'b' }),
    { ...repository('oci', ''), spec: { type: 'oci', oci: { registry: 'registry.example/r' } } },
  );
  expect(waiting()).toEqual([]);
});

it('lets nobody wait for one that waits, and tells all whom the end of one concerns', () => {
  const [first, middle, last, far] = [
    repository('first', 'x', { at: 1 }),
    repository('middle', '', { at: 2 }),
    repository('last', 'y', { at: 3 }),
    repository('far', 'x', { at: 4, namespace: 'b' }),
  ];
  const { observe, waiting } = orderOf(first, middle, last, far);
  expect(waiting()).toEqual(['a/middle for a/first']);
  expect(observe('CHANGED', { ...first, status: { packageCount: 1 } })).toEqual([]);
  expect([...observe('REMOVED', first)].sort()).toEqual(['a/last', 'a/middle', 'b/far']);
  expect(waiting()).toEqual(['a/last for a/middle', 'b/far for a/middle']);
  expect([...observe('CHANGED', repository('new', 'y/z', { at: 5, namespace: 'c' }))].sort()).toContain('a/middle');
  observe('REMOVED', middle);
  expect(waiting()).toEqual([]);
});

it('tells whom it concerns that one was registered anew, which nobody has seen go', () => {
  const [first, second] = [repository('first', 'x', { at: 1 }), repository('second', '', { at: 2 })];
  const { observe, waiting, order } = orderOf(first, second);
  expect(waiting()).toEqual(['a/second for a/first']);
  const anew = repository('first', 'x', { at: 3, uid: 'anew' });
  expect(observe('CHANGED', anew)).toEqual(['a/second']);
  expect(order.conflictOf(second)).toBeUndefined();
  expect(order.conflictOf(anew)?.message).toMatch(/conflict with a\/second,/);
});
