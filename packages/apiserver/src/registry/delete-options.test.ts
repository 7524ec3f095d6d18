import { expect, it } from 'vitest';
import { parseDeleteOptions } from './delete-options.ts';

const parse = (body: Record<string, unknown> | undefined, query = '') =>
  parseDeleteOptions(body, new URLSearchParams(query), 'kubectl/v1.33', 'example.com/v1');

it('reads options from the query, unless there is a body', () => {
  expect(parse(undefined, 'dryRun=All&uid=u&resourceVersion=7&gracePeriodSeconds=-5&propagationPolicy=Orphan')).toEqual(
    {
      dryRun: true,
      fieldManager: 'kubectl',
      preconditions: { uid: 'u', resourceVersion: '7' },
      propagationPolicy: 'Orphan',
      gracePeriodSeconds: 1,
    },
  );
  expect(parse({ propagationPolicy: 'Background' }, 'dryRun=All')).toEqual({
    dryRun: false,
    fieldManager: 'kubectl',
    propagationPolicy: 'Background',
  });
  expect(parse({ preconditions: { uid: 'u', resourceVersion: '7' } }, 'uid=v&resourceVersion=8').preconditions).toEqual(
    {
      uid: 'u',
      resourceVersion: '7',
    },
  );
});

it('knows the word that clients used before there were policies', () => {
  expect(parse({ orphanDependents: true }).propagationPolicy).toBe('Orphan');
  expect(parse({ orphanDependents: false }).propagationPolicy).toBe('Background');
  for (const yes of ['true', '1', '']) {
    expect(parse(undefined, `orphanDependents=${yes}`).propagationPolicy).toBe('Orphan');
  }
  for (const no of ['false', 'False', '0']) {
    expect(parse(undefined, `orphanDependents=${no}`).propagationPolicy).toBe('Background');
  }
});

it.each([
  { kind: '', apiVersion: '' },
  { kind: null, apiVersion: null },
])('takes %j for saying nothing', (identity) => {
  expect(parse({ ...identity, propagationPolicy: 'Orphan' }).propagationPolicy).toBe('Orphan');
});

it('refuses a dry run that is none', () => {
  for (const query of ['dryRun=', 'dryRun=all', 'dryRun=All&dryRun=']) {
    expect(() => parse(undefined, query)).toThrow(expect.objectContaining({ code: 422 }));
  }
});

it.each([
  [{ kind: 'Pod', apiVersion: 'v1' }, 400],
  [{ kind: 'DeleteOptions', apiVersion: 'v2' }, 400],
  [{ gracePeriodSeconds: 'soon' }, 400],
  [{ gracePeriodSeconds: 1.5 }, 400],
  [{ dryRun: 'All' }, 400],
  [{ dryRun: [{ toString: 1 }] }, 400],
  [{ dryRun: [['All']] }, 400],
  [{ apiVersion: { toString: 1, valueOf: 1 } }, 400],
  [{ preconditions: 'u' }, 400],
  [{ preconditions: [{ uid: 'u' }] }, 400],
  [{ preconditions: { uid: 1 } }, 400],
  [{ dryRun: ['Most'] }, 422],
  [{ propagationPolicy: 'Sideways' }, 422],
  [{ propagationPolicy: '' }, 422],
  [{ propagationPolicy: 'Orphan', orphanDependents: true }, 422],
])('refuses %j', (body, code) => {
  expect(() => parse(body)).toThrow(expect.objectContaining({ code }));
});

it('refuses a policy that is empty, for nobody knows what was meant', () => {
  expect(() => parse(undefined, 'propagationPolicy=')).toThrow(expect.objectContaining({ code: 422 }));
});
