import { describe, expect, it } from 'vitest';
import { sharedSummary, summarizeKptfile } from './summarize-kptfile.ts';
import type { KptfileSummary } from './types.ts';

const kptfile = (metadata: string, more = '') =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: shop${metadata}}\n${more}`;

describe('texts that aliases stand for', () => {
  const long = 'x'.repeat(10_000);
  const many = (count: number) => Array.from({ length: count }, (_, index) => `, k${index}: *x`).join('');

  it('count wherever they stand', () => {
    const read = (count: number) => summarizeKptfile(kptfile(`, labels: {first: &x ${long}${many(count)}}`));
    expect(Object.keys(read(50).labels)).toHaveLength(51);
    expect(read(120)).toEqual({
      name: '',
      labels: {},
      annotations: {},
      readinessGates: [],
      conditions: [],
      error: expect.stringMatching(
        /line 3: field `metadata\.labels\.k\d+`: the texts up to here have more than 1048576 characters, with what aliases stand for/,
      ),
    });
  });

  it.each([
    ['conditions', `status:\n  conditions:\n  - &c {type: ${long}}\n${'  - *c\n'.repeat(120)}`],
    ['configurations of functions', `pipeline: {mutators: [{image: a, configMap: {first: &x ${long}${many(120)}}}]}\n`],
  ])('are refused where they are %s', (_, more) => {
    expect(summarizeKptfile(kptfile('', more)).error).toContain('more than 1048576 characters');
  });
});

describe('a summary that revisions share', () => {
  const of = (more: Partial<KptfileSummary>): KptfileSummary => ({
    name: 'shop',
    labels: { a: 'b' },
    annotations: {},
    readinessGates: [],
    conditions: [],
    ...more,
  });
  const condition = (message: string) => ({ type: 'Rendered', status: 'False', message }) as const;

  it('is as it is while it is not too long', () => {
    const summary = of({ conditions: [condition('x'.repeat(60_000)), { type: 'Other', status: 'True' }] });
    expect(sharedSummary(summary)).toBe(summary);
  });

  it('has messages cut that make it too long', () => {
    const conditions = [condition('x'.repeat(70_000)), condition('short'), { type: 'Other', status: 'True' } as const];
    expect(sharedSummary(of({ conditions }))).toEqual(
      of({ conditions: [condition(`${'x'.repeat(1024)}...`), ...conditions.slice(1)] }),
    );
  });

  it('says nothing where it is too long without them', () => {
    expect(sharedSummary(of({ annotations: { a: 'x'.repeat(70_000) } }))).toEqual(
      of({
        name: '',
        labels: {},
        error: 'its metadata, readiness gates, conditions and upstream have more than 65536 characters',
      }),
    );
  });
});
