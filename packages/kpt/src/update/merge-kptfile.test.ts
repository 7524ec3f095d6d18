import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kptfile, upgrade } from './upgrade.test-support.ts';

function merge(old: string, updated: string, local: string): string {
  const files = upgrade('resource-merge', {
    old: { Kptfile: kptfile('up', old) },
    updated: { Kptfile: kptfile('up', updated) },
    local: { Kptfile: kptfile('down', local) },
  });
  return files.get('Kptfile') ?? '';
}

const pipeline = (...functions: string[]) =>
  `pipeline:\n  mutators:\n${functions.map((line) => `    - {${line}}\n`).join('')}`;
const mutators = (text: string): unknown => (parse(text) as { pipeline?: { mutators?: unknown } }).pipeline?.mutators;

describe('a merged Kptfile', () => {
  it('takes labels, annotations, info and status from the merge, name and namespace from the local one', () => {
    const merged = parse(
      merge(
        '  labels: {a: one, b: one}\n  annotations: {x: one}\ninfo: {description: one, keywords: [k]}\n',
        '  namespace: theirs\n  labels: {a: two}\n  annotations: {x: two}\ninfo: {description: two, keywords: [k, l]}\n',
        '  namespace: ours\n  labels: {a: one, b: one, c: mine}\ninfo: {description: one, site: mine, keywords: [k]}\n',
      ),
    );
    expect(merged.metadata).toMatchObject({ name: 'down', namespace: 'ours', labels: { a: 'two', c: 'mine' } });
    expect(merged.metadata.annotations).toMatchObject({ x: 'two' });
    expect(merged.info).toEqual({ description: 'two', site: 'mine', keywords: ['k', 'l'] });
  });

  it('merges gates and conditions by their type', () => {
    const gates = (...types: string[]) => `info: {readinessGates: [${types.map((t) => `{conditionType: ${t}}`)}]}\n`;
    const conditions = (text: string) => `status: {conditions: [${text}]}\n`;
    const merged = parse(
      merge(
        gates('a', 'b') + conditions('{type: a, status: "False"}'),
        gates('a', 'c') + conditions('{type: a, status: "True"}, {type: c, status: Unknown}'),
        gates('mine', 'a', 'b') + conditions('{type: mine, status: "True"}, {type: a, status: "False"}'),
      ),
    );
    expect(merged.info.readinessGates).toEqual([
      { conditionType: 'mine' },
      { conditionType: 'a' },
      { conditionType: 'c' },
    ]);
    expect(merged.status.conditions).toEqual([
      { type: 'mine', status: 'True' },
      { type: 'a', status: 'True' },
      { type: 'c', status: 'Unknown' },
    ]);
  });

  it('never takes the merge key and the identifier of upstream', () => {
    const marks = "  annotations:\n    internal.kpt.dev/upstream-identifier: 'kpt.dev|Kptfile|default|top'\n";
    const text = merge('', marks, '');
    // A mapping that holds nothing else is not taken either, nor is its place.
    expect(text).toContain('\n  name: down\n  annotations:\n');
    const merged = parse(text);
    expect(merged.metadata.annotations).toEqual({
      'internal.kpt.dev/upstream-identifier': 'kpt.dev|Kptfile|default|down',
    });
    const more = parse(merge('', `${marks}    x: one\n`, ''));
    expect(more.metadata.annotations).toEqual({ ...merged.metadata.annotations, x: 'one' });
  });

  it('takes no upstream of a subpackage that has none of its own', () => {
    const upstream =
      'upstream: {type: git, git: {repo: r, directory: d, ref: v1}}\nupstreamLock: {type: git, git: {repo: r, directory: d, ref: v1, commit: c}}\n';
    const version = (text: string) => ({ Kptfile: kptfile('top', ''), 's/Kptfile': kptfile('s', text) });
    const files = upgrade('resource-merge', {
      old: version(''),
      updated: version(`info: {description: two}\n${upstream}`),
      local: version('info: {site: mine}\n'),
    });
    const { info, ...rest } = parse(files.get('s/Kptfile') ?? '');
    expect(info).toEqual({ description: 'two', site: 'mine' });
    expect(Object.keys(rest)).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('merges below aliases, which are written out', () => {
    const upstream = (value: string) => `  labels: {a: one}\n  annotations: {a: ${value}}\n`;
    const local = '  labels: &both {a: one, b: mine}\n  annotations: *both\n';
    const { metadata } = parse(merge(upstream('one'), upstream('two'), local));
    expect(metadata.labels).toEqual({ a: 'one', b: 'mine' });
    expect(metadata.annotations).toMatchObject({ a: 'two', b: 'mine' });
  });

  it('keeps comments and order', () => {
    const local = '# about it\ninfo: # note\n  site: mine # really\n  # what it is\n  description: "one"\n';
    expect(merge('info:\n  description: one\n', 'info:\n  description: two\n', local)).toContain(
      local.replace('"one"', 'two'),
    );
  });
});

describe('functions of a pipeline', () => {
  it('merge by name', () => {
    const merged = merge(
      pipeline('name: n, image: "i:v1"', 'name: gone, image: g'),
      pipeline('name: n, image: "i:v2"', 'name: new, image: "i:v1"'),
      pipeline('name: mine, image: "i:v1"', 'name: n, image: "i:v1", configMap: {k: v}', 'name: gone, image: g'),
    );
    expect(mutators(merged)).toEqual([
      { name: 'mine', image: 'i:v1' },
      { name: 'n', image: 'i:v2', configMap: { k: 'v' } },
      { name: 'new', image: 'i:v1' },
    ]);
  });

  it('merge by image without tag, or executable, where none has a name and none stands twice', () => {
    const merged = merge(
      pipeline('image: "r:5000/i:v1"', 'exec: e'),
      pipeline('image: "r:5000/i:v2"', 'exec: e', 'image: new'),
      pipeline('exec: e, configPath: p', 'image: "r:5000/i:v1", configMap: {k: v}'),
    );
    expect(mutators(merged)).toEqual([
      { exec: 'e', configPath: 'p' },
      { image: 'new' },
      { image: 'r:5000/i:v2', configMap: { k: 'v' } },
    ]);
  });

  it('are replaced as a whole where those of the other list have names', () => {
    const named = '  validators:\n    - {name: v, image: v}\n';
    const merged = merge(
      pipeline('image: "i:v1"') + named,
      pipeline('image: "i:v2"') + named,
      pipeline('image: "i:v1"', 'image: mine') + named,
    );
    expect(mutators(merged)).toEqual([{ image: 'i:v2' }]);
  });

  it('are replaced as a whole where they cannot be told apart', () => {
    const merged = merge(
      pipeline('image: "i:v1"', 'image: "i:v1"'),
      pipeline('image: "i:v2"', 'image: "i:v1"'),
      pipeline('image: "i:v1"', 'image: "i:v1"', 'image: mine'),
    );
    expect(mutators(merged)).toEqual([{ image: 'i:v2' }, { image: 'i:v1' }]);
  });
});

it('names the package and the line of a Kptfile that cannot be read', () => {
  expect(() => merge('', 'oops: 1\n', '')).toThrow(
    /the new upstream package cannot be merged: Kptfile at "Kptfile" can't be read[^]*line 5: field `oops`/,
  );
});
