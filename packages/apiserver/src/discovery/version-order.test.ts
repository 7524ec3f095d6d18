import { expect, it } from 'vitest';
import { compareVersions } from './version-order.ts';

it('prefers stable over beta over alpha, higher over lower, and anything over names it does not know', () => {
  const wanted = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'bar10', 'foo1'];
  expect([...wanted].reverse().sort(compareVersions)).toEqual(wanted);
});
