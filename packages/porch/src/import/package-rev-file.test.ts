import { describe, expect, it } from 'vitest';
import { ImportError } from './import-error.ts';
import { readPackageRevs } from './package-rev-file.ts';

const record = (name: string, more = '') => `apiVersion: config.porch.kpt.dev/v1alpha1
kind: PackageRev
metadata:
  name: ${name}
  namespace: team
${more}`;

describe('readPackageRevs', () => {
  it('reads lists and single objects, several documents', () => {
    const list = `kind: PackageRevList\nitems:\n- ${record('r.a.v1').trimEnd().replaceAll('\n', '\n  ')}\n`;
    const revisions = readPackageRevs(`${list}---\n${record('r.b.v1')}---\n---\nkind: List\nitems: []\n`, 'x');
    expect(revisions.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['team/r.a.v1', 'team/r.b.v1']);
  });

  it.each(['', '\n', '---\n', '# nothing\n'])('refuses what a command that failed has left: %j', (text) => {
    expect(() => readPackageRevs(text, 'x')).toThrow(/^x is empty; make it with: kubectl get packagerevs/);
    expect(readPackageRevs('apiVersion: v1\nkind: List\nitems: []\n', 'x')).toEqual([]);
  });

  it('takes a text that looks like a number for a text, as kubectl prints it', () => {
    const [revision] = readPackageRevs(record('r.a.v1', '  annotations:\n    commit: 7e93021\n    n: "12e5"\n'), 'x');
    expect(revision?.annotations).toEqual({ commit: '7e93021', n: '12e5' });
  });

  it('leaves out what the Go server keeps for itself', () => {
    const own = `  labels:
    internal.porch.kpt.dev/repository: r
    kpt.dev/latest-revision: "true"
    team: a
  finalizers:
  - internal.porch.kpt.dev/packagerevision
  - example.com/guard
  ownerReferences:
  - {apiVersion: porch.kpt.dev/v1alpha1, kind: PackageRevision, name: r.a.v1, uid: u1}
  - {apiVersion: porch.kpt.dev/v1alpha1, kind: PackageRevision, name: r.b.v1, uid: u2}
  deletionTimestamp: "2026-01-02T03:04:05Z"
`;
    expect(readPackageRevs(record('r.a.v1', own), 'x')).toEqual([
      {
        namespace: 'team',
        name: 'r.a.v1',
        labels: { team: 'a' },
        annotations: {},
        finalizers: ['example.com/guard'],
        ownerReferences: [{ apiVersion: 'porch.kpt.dev/v1alpha1', kind: 'PackageRevision', name: 'r.b.v1', uid: 'u2' }],
        deleting: true,
      },
    ]);
  });

  it.each([
    ['no YAML', 'a: [', 'records.yaml is not YAML'],
    ['aliases', 'a: &x 1\nb: *x\n', 'records.yaml cannot be used: Alias resolution is disabled; make it with: kubectl'],
    ['another kind', 'kind: Pod\nmetadata: {name: x}\n', 'records.yaml holds a Pod where a PackageRev'],
    ['no kind', 'just: text\n', 'records.yaml holds something without a kind'],
    ['plain text', 'text\n', 'records.yaml holds something without a kind'],
    ['no name', 'kind: PackageRev\n', 'records.yaml holds a PackageRev where a PackageRev with a name'],
  ])('refuses %s', (_what, text, message) => {
    expect(() => readPackageRevs(text, 'records.yaml')).toThrow(ImportError);
    expect(() => readPackageRevs(text, 'records.yaml')).toThrow(message);
  });
});
