import { describe, expect, it } from 'vitest';
import { PackageError } from '../pipeline/job.ts';
import {
  editKptfile,
  moveUpstream,
  setCondition,
  setConditions,
  setKptfileName,
  setMetadataMap,
  setReadinessGates,
  setRenderStatus,
  setUpstream,
} from './edit-kptfile.ts';
import { readKptfile } from './read-kptfile.ts';
import { summarizeKptfile } from './summarize-kptfile.ts';
import { validatePipeline } from './validate-pipeline.ts';

const kptfile = `# The shop
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: shop # its name
  labels: {team: "a"}
info:
  description: >-
    A shop
    of sorts
  readinessGates:
  # first of all
  - conditionType: Tested # by hand
  - conditionType: Reviewed
pipeline:
  mutators:
  - image: set-labels:v0.2 # newest
    configMap:
      count:   5
      on: true
`;

const upstream = {
  type: 'git',
  git: { repo: 'https://git.example/r.git', directory: 'shop', ref: 'shop/v1' },
} as const;

function invalid(pipeline: string): string {
  const { content } = readKptfile('Kptfile', `apiVersion: kpt.dev/v1\nkind: Kptfile\npipeline:\n${pipeline}`);
  try {
    validatePipeline('Kptfile', content);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('reading a Kptfile', () => {
  it('gives configMap values as they are written', () => {
    const { content } = readKptfile('Kptfile', kptfile);
    expect(content.pipeline?.mutators).toEqual([{ image: 'set-labels:v0.2', configMap: { count: '5', on: 'true' } }]);
  });

  it.each([
    ['an unknown field', `${kptfile}surprise: 1\n`, 'yaml: line 21: field `surprise`: is unknown'],
    [
      'an unknown field further down',
      kptfile.replace('configMap:', 'image2: x\n    configMap:'),
      'image2`: is unknown',
    ],
    [
      'a mapping in configMap',
      kptfile.replace('5', '{a: 1}'),
      '`pipeline.mutators[0].configMap.count`: must be a single value',
    ],
    [
      'a syntax error',
      'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: x\n a: b\n',
      "can't be read.\n\nDetails:\nyaml: line 5",
    ],
    [
      'an old version',
      kptfile.replace('dev/v1', 'dev/v1alpha2'),
      'has an old version ("v1alpha2") of the Kptfile schema',
    ],
    [
      'a version to come',
      kptfile.replace('dev/v1', 'dev/v2'),
      'has an unknown resource type ("kpt.dev/v2, Kind=Kptfile")',
    ],
    [
      'an unknown field behind a document of comments',
      `# about\n# it\n---\n${kptfile}more: 1\n`,
      "can't be read.\n\nDetails:\nyaml: line 24: field `more`: is unknown",
    ],
    ['another kind', 'apiVersion: v1\nkind: Pod\n', 'has an unknown resource type ("v1, Kind=Pod")'],
    ['an empty file', '# nothing\n', 'the file is empty'],
    ['two documents', `${kptfile}---\na: 1\n`, 'holds 2 documents'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readKptfile('db/Kptfile', text)).toThrow(message);
    expect(() => readKptfile('db/Kptfile', text)).toThrow(PackageError);
    expect(summarizeKptfile(text).error).toContain(message);
  });

  it('summarizes what the server shows', () => {
    const text = `${kptfile}status:\n  conditions:\n  - type: Ready\n    status: "True"\n    reason: Fine\n`;
    expect(summarizeKptfile(text)).toEqual({
      name: 'shop',
      labels: { team: 'a' },
      annotations: {},
      readinessGates: [{ conditionType: 'Tested' }, { conditionType: 'Reviewed' }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'Fine' }],
    });
    expect(summarizeKptfile(undefined).error).toBe('the package has no Kptfile');
  });

  it('shows the lock only where the upstream is there too', () => {
    const lock = `upstreamLock:\n  type: git\n  git: {repo: r, directory: d, ref: f, commit: abc}\n`;
    expect(summarizeKptfile(kptfile + lock).upstreamLock).toBeUndefined();
    expect(summarizeKptfile(`${kptfile}upstream:\n  type: git\n  git: {repo: r}\n${lock}`).upstreamLock).toEqual({
      type: 'git',
      git: { repo: 'r', directory: 'd', ref: 'f', commit: 'abc' },
    });
  });
});

describe('validating a pipeline', () => {
  it.each([
    ['  mutators:\n  - name: x\n', 'Field: `pipeline.mutators[0]`\nReason: must specify either `image` or `exec`'],
    [
      '  validators:\n  - image: a\n    exec: b\n',
      'Field: `pipeline.validators[0]`\nReason: must not specify both `image` and `exec`',
    ],
    ['  mutators:\n  - image: "a b"\n', 'Field: `pipeline.mutators[0].image`\nValue: "a b"'],
    [
      '  mutators:\n  - image: a\n    configPath: ../x.yaml\n',
      'Value: "../x.yaml"\nReason: path must not be outside the package',
    ],
    ['  mutators:\n  - image: a\n    configPath: /x.yaml\n', 'path must be relative'],
    ['  mutators:\n  - image: a\n    configPath: x\n    configMap: {a: b}\n', 'both `configMap` and `configPath`'],
  ])('refuses %j', (pipeline, message) => {
    expect(invalid(pipeline)).toMatch(/^Kptfile is invalid:\n/);
    expect(invalid(pipeline)).toContain(message);
  });

  it.each([
    'set-labels',
    'ghcr.io/a/b:v1.2',
    'localhost:5000/x@sha256:' + 'a'.repeat(64),
    'r.io/a:1@sha256:' + 'b'.repeat(64),
  ])('accepts the image %s', (image) => expect(invalid(`  mutators:\n  - image: ${image}\n`)).toBe(''));
});

it('a configuration file beside an empty configMap is no contradiction', () => {
  expect(invalid('  mutators:\n  - image: a\n    configPath: x.yaml\n    configMap: {}\n')).toBe('');
});

describe('editing a Kptfile', () => {
  it('removes the comments of what it removes', () => {
    const gates = (...lines: string[]) =>
      ['apiVersion: kpt.dev/v1', 'kind: Kptfile', 'info:', '  readinessGates: # gates', ...lines, ''].join('\n');
    const text = gates('  # about a', '  - conditionType: a', '  # about b', '  - conditionType: b # b');
    const set = (...types: string[]) =>
      editKptfile('Kptfile', text, (object) =>
        setReadinessGates(
          object,
          types.map((conditionType) => ({ conditionType })),
        ),
      );
    expect(set('b')).toBe(gates('  # about b', '  - conditionType: b # b'));
    expect(set('a', 'c')).toBe(gates('  # about a', '  - conditionType: a', '  - conditionType: c'));
    expect(set('c')).toBe(gates('  - conditionType: c'));
  });

  it('writes out an alias whose anchor goes', () => {
    const text =
      'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\n  labels: &same {a: b}\n  annotations: *same\n';
    const printed = editKptfile('Kptfile', text, (object) => setMetadataMap(object, 'labels', {}, false));
    expect(printed).toBe('apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\n  annotations: {a: b}\n');
  });

  it('changes the name and nothing else', () => {
    expect(editKptfile('Kptfile', kptfile, (object) => setKptfileName(object, 'store'))).toBe(
      kptfile.replace('name: shop #', 'name: store #'),
    );
  });

  it('puts upstream and lock between metadata and info', () => {
    const printed = editKptfile('Kptfile', kptfile, (object) =>
      setUpstream(object, upstream, { ...upstream, git: { ...upstream.git, commit: 'abc' } }),
    );
    const added = `upstream:
  type: git
  git:
    repo: https://git.example/r.git
    directory: shop
    ref: shop/v1
upstreamLock:
  type: git
  git:
    repo: https://git.example/r.git
    directory: shop
    ref: shop/v1
    commit: abc
`;
    expect(printed).toBe(kptfile.replace('info:\n', `${added}info:\n`));
  });

  it('drops the update strategy of the upstream that is replaced', () => {
    const text = `${kptfile}upstream:\n  type: git\n  git:\n    repo: old\n  updateStrategy: copy-merge\n`;
    const printed = editKptfile('Kptfile', text, (object) =>
      setUpstream(object, upstream, { ...upstream, git: { ...upstream.git, commit: 'abc' } }),
    );
    expect(printed).not.toContain('updateStrategy');
  });

  it('keeps the update strategy where the upstream moves', () => {
    const lock = { type: 'git', git: { ...upstream.git, commit: 'abc' } } as const;
    const text = `${kptfile}upstream:\n  type: git\n  git: {repo: r, directory: d, ref: f}\n  updateStrategy: fast-forward # ours\n`;
    const printed = editKptfile('Kptfile', text, (object) => moveUpstream(object, upstream, lock));
    expect(printed).toContain('  updateStrategy: fast-forward # ours\n');
    expect(readKptfile('Kptfile', printed).content.upstream?.git).toEqual(upstream.git);
  });

  it('leaves nothing of what it removes', () => {
    const withStatus = `${kptfile}status:\n  renderStatus:\n    mutationSteps: []\n  conditions:\n  - type: A\n    status: "True"\n`;
    const without = editKptfile('Kptfile', withStatus, (object) => {
      setRenderStatus(object, undefined);
      setConditions(object, []);
    });
    expect(without).toBe(kptfile);
    const info = 'apiVersion: kpt.dev/v1\nkind: Kptfile\n';
    const gates = `${info}info:\n  readinessGates:\n  - conditionType: A\n`;
    expect(editKptfile('Kptfile', gates, (object) => setReadinessGates(object, []))).toBe(info);
  });

  it('has one condition of a type, also where there were two', () => {
    const twice = `${kptfile}status:\n  conditions:\n  - type: A\n    status: "True"\n  - type: B\n    status: "True"\n  - type: A\n    status: "False"\n`;
    const printed = editKptfile('Kptfile', twice, (object) => setCondition(object, { type: 'A', status: 'Unknown' }));
    expect(summarizeKptfile(printed).conditions).toEqual([
      { type: 'A', status: 'Unknown' },
      { type: 'B', status: 'True' },
    ]);
  });

  it('merges and replaces labels', () => {
    const edit = (merge: boolean) =>
      editKptfile('Kptfile', kptfile, (object) => setMetadataMap(object, 'labels', { tier: 'x' }, merge));
    expect(edit(true)).toBe(kptfile.replace('{team: "a"}', '{team: "a", tier: x}'));
    expect(summarizeKptfile(edit(false)).labels).toEqual({ tier: 'x' });
    const none = editKptfile('Kptfile', kptfile, (object) => setMetadataMap(object, 'labels', {}, false));
    expect(none).toBe(kptfile.replace('  labels: {team: "a"}\n', ''));
  });

  it('keeps order and comments of readiness gates that stay', () => {
    const printed = editKptfile('Kptfile', kptfile, (object) =>
      setReadinessGates(object, [{ conditionType: 'New' }, { conditionType: 'Tested' }]),
    );
    expect(printed).toBe(kptfile.replace('- conditionType: Reviewed', '- conditionType: New'));
    const none = editKptfile('Kptfile', kptfile, (object) => setReadinessGates(object, []));
    expect(summarizeKptfile(none).readinessGates).toEqual([]);
  });

  it('makes conditions an exact set and updates them in place', () => {
    const conditions =
      'status:\n  conditions:\n  # mine\n  - type: A\n    status: "False" # not yet\n  - type: B\n    status: "True"\n';
    const printed = editKptfile('Kptfile', kptfile + conditions, (object) =>
      setConditions(object, [
        { type: 'C', status: 'Unknown', reason: 'Why', message: 'because: it is' },
        { type: 'A', status: 'True' },
      ]),
    );
    expect(printed).toContain('  conditions:\n  # mine\n  - type: A\n    status: "True" # not yet\n  - type: C\n');
    expect(summarizeKptfile(printed).conditions).toEqual([
      { type: 'A', status: 'True' },
      { type: 'C', status: 'Unknown', reason: 'Why', message: 'because: it is' },
    ]);
  });

  it('writes a status once and leaves the text alone when it says the same again', () => {
    const write = (text: string, message: string) =>
      editKptfile('Kptfile', text, (object) => {
        setCondition(object, { type: 'Rendered', status: 'False', reason: 'RenderFailed', message });
        setRenderStatus(object, { mutationSteps: [{ image: 'a:latest', exitCode: 1, stderr: 'two\nlines' }] });
      });
    const once = write(kptfile, 'pkg.render: pkg .:\n\tpipeline.run: x');
    expect(once.startsWith(kptfile)).toBe(true);
    expect(once).toContain('message: |-\n      pkg.render: pkg .:\n      \tpipeline.run: x\n');
    expect(write(once, 'pkg.render: pkg .:\n\tpipeline.run: x')).toBe(once);
    expect(write(once, 'other')).toContain('message: other\n');
  });
});
