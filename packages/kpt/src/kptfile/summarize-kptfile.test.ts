import { describe, expect, it } from 'vitest';
import { KptfileReader } from './kptfile-reader.ts';
import { readKptfile, readUsualKptfile } from './read-kptfile.ts';
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

describe('a Kptfile that is written as most are', () => {
  const usual = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: shop
  labels:
    version: 1.10
    empty:
  annotations:
    config.kubernetes.io/local-config: "true"
upstream:
  type: git
  git:
    repo: https://git.example.com/blueprints.git
    directory: shop
    ref: v2
  updateStrategy: resource-merge
upstreamLock:
  type: git
  git:
    repo: https://git.example.com/blueprints.git
    directory: shop
    ref: v2
    commit: 7516f1fa85fbae88fd9737d22df44fffb5d2c7f8
info:
  keywords: [web, shop]
  readinessGates:
  - conditionType: Approved
pipeline:
  mutators:
  - image: set-namespace:v0.4.1
    configMap:
      namespace: shop
status:
  conditions:
  - type: Rendered
    status: "True"
    reason: RenderSuccess
  renderStatus:
    mutationSteps:
    - image: set-namespace:v0.4.1
      exitCode: 0
`;

  it('is read without what keeps comments and places', () => {
    const { content } = readKptfile('Kptfile', usual);
    const { renderStatus: _, ...status } = { renderStatus: undefined, ...content.status };
    expect(readUsualKptfile(usual)).toEqual({ ...content, status });
    expect(content.pipeline?.mutators).toHaveLength(1);
  });

  it.each([
    ['as it is', usual],
    ['with a condition that has no type', usual.replace('- type: Rendered\n    status', '- status')],
    ['with a condition of nothing', `${usual.replace(/status:\n[^]*/, '')}status:\n  conditions:\n  - null\n`],
    ['with an unknown field', usual.replace('keywords', 'words')],
    ['with a field of a selector', usual.replace('configMap:', 'selectors:')],
    ['with a list for a mapping', usual.replace('[web, shop]', '').replace('labels:', 'labels: []\n  x:')],
    ['with a mapping for a text', usual.replace('name: shop\n  labels', 'name:\n  labels')],
    ['with a text for a list', usual.replace('[web, shop]', 'web')],
    ['with a text for a mapping', usual.replace('git:\n    repo', 'git: none\n  repo')],
    ['with a key twice', usual.replace('empty:', 'version:')],
    ['of another version', usual.replace('v1\n', 'v1alpha2\n')],
    ['of another kind', usual.replace('Kptfile', 'Kustomization')],
    ['without a kind', usual.replace('kind: Kptfile\n', '')],
    ['with comments', usual.replace('type: git', 'type: git # here')],
    ['with a longer text than is read fast', `${usual}# ${'x'.repeat(1 << 20)}\n`],
    ['with wrong indentation', usual.replace('    directory', '   directory')],
    ['cut off', usual.slice(0, 300)],
  ])('says the same however it is read: %s', (_, text) => {
    expect(summarizeKptfile(text)).toEqual(summarizeKptfile(text, new KptfileReader()));
  });
});
