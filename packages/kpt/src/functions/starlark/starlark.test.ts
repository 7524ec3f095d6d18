import { describe, expect, it } from 'vitest';
import { type FunctionRun, functionConfig, objectsOf, runFunction } from '../../testing/run-function.ts';
import { KrmObject } from '../../yaml/krm-object.ts';
import { starlark } from './starlark.ts';

const input = `# The application.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app # kept
  annotations:
    note: 'quoted'
spec:
  replicas: 3 # three
  template:
    spec:
      containers:
        # first
        - name: a
          image: "a:1"
        # second
        - name: b
          image: b:1 # tag
          args: [x,   y]
      size: 1.0
      big: 12345678901234567890
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  a: "1"
`;

function script(source: string, extra: Record<string, unknown> = {}): KrmObject {
  const metadata = { name: 'my-script' };
  return KrmObject.create({ apiVersion: 'fn.kpt.dev/v1alpha1', kind: 'StarlarkRun', metadata, source, ...extra });
}

function run(source: string, text = input): FunctionRun {
  return runFunction(starlark, text, script(source));
}

/** The text after a script that starts with the items in `items` and the first of them in `r`. */
function after(source: string, text = input): string {
  const { text: result, messages } = run(
    `items = ctx.resource_list["items"]\nr = items[0] if items else None\n${source}`,
    text,
  );
  expect(messages).toEqual([]);
  return result;
}

describe('what a script leaves alone', () => {
  it('keeps every byte', () => {
    expect(after('pass')).toBe(input);
    expect(after('for r in items:\n  r["metadata"] = dict(r["metadata"])\nitems = list(items)')).toBe(input);
  });

  it('keeps every byte of a document with aliases and anchors', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\na: &a\n  k: 1 # c\nb: *a\n';
    expect(after('r["a"]["k"] = 1', text)).toBe(text);
  });
});

describe('what a script changes', () => {
  it('keeps comments, quotes and order around it', () => {
    expect(after('r["spec"]["replicas"] += 1\nr["metadata"]["annotations"]["note"] = "new"')).toBe(
      input.replace('replicas: 3 # three', 'replicas: 4 # three').replace("'quoted'", "'new'"),
    );
  });

  it('adds fields at the end, in alphabetical order', () => {
    expect(after('r["metadata"]["namespace"] = "ns"\nr["metadata"]["labels"] = {"b": "x", "a": "z"}')).toBe(
      input.replace("    note: 'quoted'\n", "    note: 'quoted'\n  labels:\n    a: z\n    b: x\n  namespace: ns\n"),
    );
  });

  it('removes fields with their comments', () => {
    expect(after('r["spec"].pop("replicas")')).toBe(input.replace('  replicas: 3 # three\n', ''));
  });

  it('moves list items with their comments', () => {
    const result = after('c = r["spec"]["template"]["spec"]["containers"]\nc.insert(0, c.pop())');
    expect(result).toMatch(
      /# second\n\s+- name: b\n\s+image: b:1 # tag\n\s+args: \[x,\s+"?y"?\]\n\s+# first\n\s+- name: a\n/,
    );
    expect(result).toContain('size: 1.0\n      big: 12345678901234567890\n');
  });

  it('finds list items by name when they are made anew', () => {
    const result = after('s = r["spec"]["template"]["spec"]\ns["containers"] = [{"name": "b", "image": "b:2"}]');
    expect(result).toMatch(/# second\n\s+- name: b\n\s+image: b:2 # tag\n {6}size/);
  });

  it('keeps the place of scalars in a list that loses others', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\nlist:\n  - a # one\n  - b # two\n  - c # three\n';
    expect(after('r["list"].remove("b")', text)).toBe(text.replace('  - b # two\n', ''));
    expect(after('r["list"] = ["c", "a"]', text)).toContain('list:\n  - c # three\n  - a # one\n');
  });

  it('quotes texts that would read as something else', () => {
    expect(
      after(
        'r["data"]["a"] = "2"\nr["data"]["b"] = "true"\nr["data"]["c"] = 3',
        'apiVersion: v1\nkind: X\nmetadata: {name: x}\ndata:\n  a: "1"\n',
      ),
    ).toContain('data:\n  a: "2"\n  b: "true"\n  c: 3\n');
  });

  it('does not reach through aliases', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\na: &a\n  k: 1\nb: *a\n';
    const result = after('r["a"]["k"] = 2', text);
    expect(objectsOf(result)[0]?.toJS()).toMatchObject({ a: { k: 2 }, b: { k: 1 } });
  });

  it('keeps aliases of what it leaves alone, and their comments where it does not', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata: {name: &n x}\na: &a\n  k: 1\nb: *a # c\nc: *n\nd: [*n, y]\n';
    expect(after('r["z"] = 1', text)).toBe(`${text}z: 1\n`);
    expect(after('r["a"]["k"] = 2', text)).toBe(
      text.replace('k: 1', 'k: 2').replace('b: *a # c\n', 'b: # c\n  k: 1\n'),
    );
    expect(after('r["a"]["k"] = 2\nr["b"]["k"] = 2', text)).toBe(text.replace('k: 1', 'k: 2'));
    expect(objectsOf(after('r.pop("a")', text))[0]?.toJS()).toMatchObject({ b: { k: 1 }, c: 'x', d: ['x', 'y'] });
  });

  it('shows what a mapping merges, and keeps merge keys of what it leaves alone', () => {
    const text =
      'apiVersion: v1\nkind: X\nmetadata: {name: x}\nlist:\n- &a\n  k: 1\n  l: 2\n- <<: *a # merged\n  l: 3\n' +
      '- <<: [*a, {k: 4, m: 5}]\n- "<<": text\n';
    const { stderr } = runWithOutput('print(ctx.resource_list["items"][0]["list"])', text);
    expect(stderr).toBe('[{"k": 1, "l": 2}, {"k": 1, "l": 3}, {"k": 1, "l": 2, "m": 5}, {"<<": "text"}]');
    expect(after('r["z"] = 1', text)).toBe(`${text}z: 1\n`);
    expect(after('r["list"][1]["p"] = 6', text)).toBe(text.replace('  l: 3\n', '  l: 3\n  p: 6\n'));
    const list = (source: string) => objectsOf(after(source, text))[0]?.get(['list']);
    expect(list('r["list"][1]["k"] = 6')).toMatchObject([{ k: 1 }, { k: 6, l: 3 }, { k: 1, l: 2, m: 5 }, {}]);
    expect(after('r["list"][1]["k"] = 6', text)).toContain('- <<: [*a, {k: 4, m: 5}]\n');
    expect(list('r["list"][0]["k"] = 6')).toMatchObject([{ k: 6 }, { k: 1, l: 3 }, { k: 1, l: 2, m: 5 }, {}]);
    expect(list('r["list"].pop(0)')).toEqual([{ k: 1, l: 3 }, { k: 1, l: 2, m: 5 }, { '<<': 'text' }]);
  });

  it('is told which resource has aliases that stand for too much', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]\n`);
    const text = `apiVersion: v1\nkind: X\nmetadata: {name: x}\na0: &a0 [x]\n${lines.join('')}`;
    expect(run('pass', text).messages).toEqual([
      'X x (resources.yaml): yaml: aliases stand for more than 500000 values',
    ]);
  });

  it('finds fields whose keys are aliases, and keeps those of what it leaves alone', () => {
    const text =
      'apiVersion: v1\nkind: X\nmetadata: {name: x}\ndata:\n  a: &k key\n  n: &n 15\n  *k : 1 # one\n  *n : 2\n';
    const { stderr } = runWithOutput('print(ctx.resource_list["items"][0]["data"])', text);
    expect(stderr).toBe('{"a": "key", "n": 15, "key": 1, "15": 2}');
    expect(after('r["data"]["key"] = 3', text)).toBe(text.replace('1 # one', '3 # one'));
    expect(after('r["z"] = 3', text)).toBe(`${text}z: 3\n`);
    const renamed = objectsOf(after('r["data"]["a"] = "other"', text))[0]?.get(['data']);
    expect(renamed).toEqual({ a: 'other', n: 15, key: 1, '15': 2 });
    const without = objectsOf(after('r["data"].pop("a")\nr["data"].pop("15")', text))[0]?.get(['data']);
    expect(without).toEqual({ n: 15, key: 1 });
  });

  it('keeps the comment beside what a mapping or a list takes the place of', () => {
    const head = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\n';
    for (const old of ['{}', '[]', 'null', 'text', '5']) {
      expect(after('r["a"] = {"k": "v"}', `${head}a: ${old} # c\n`)).toBe(`${head}a: # c\n  k: v\n`);
      expect(after('r["a"] = ["v"]', `${head}a: ${old} # c\n`)).toBe(`${head}a: # c\n- v\n`);
    }
  });

  it('leaves annotations that are null as they are', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata:\n  name: x\n  annotations: # none\n';
    expect(after('r["z"] = 1', text)).toBe(`${text}z: 1\n`);
  });

  it('sees modes of files in octal, as Kubernetes does', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\nmode: 0644\n';
    expect(after('r["decimal"] = r["mode"]', text)).toBe(`${text}decimal: 420\n`);
  });

  it('tells ints, floats and large numbers apart', () => {
    const { text, stderr } = runWithOutput(
      's = ctx.resource_list["items"][0]["spec"]\nprint(type(s["replicas"]), type(s["template"]["spec"]["size"]), s["template"]["spec"]["big"] + 1)\ns["replicas"] = 1.5',
    );
    expect(stderr).toBe('int float 12345678901234567891');
    expect(text).toBe(input.replace('replicas: 3', 'replicas: 1.5'));
  });
});

describe('resources that come and go', () => {
  it('removes them', () => {
    expect(after('ctx.resource_list["items"] = [i for i in items if i["kind"] != "Deployment"]')).toBe(
      input.slice(input.indexOf('apiVersion: v1')),
    );
    expect(run('ctx.resource_list["items"] = []').items).toEqual([]);
  });

  it('adds them with their keys in alphabetical order', () => {
    const { items = [] } = run(
      'ctx.resource_list["items"].append({"kind": "B", "apiVersion": "v1", "metadata": {"name": "b", "annotations": {"x": "y"}}})',
    );
    expect(items).toHaveLength(3);
    expect(items[2]).toMatchObject({ path: undefined, index: undefined });
    expect(JSON.stringify(items[2]?.toJS())).toBe(
      '{"apiVersion":"v1","kind":"B","metadata":{"annotations":{"x":"y"},"name":"b"}}',
    );
  });

  it('puts them where their annotations say, which are not written', () => {
    const { items = [] } = run(
      'ctx.resource_list["items"].append({"apiVersion": "v1", "kind": "B", "metadata": {"name": "b", "annotations": {"config.kubernetes.io/path": "b.yaml", "config.kubernetes.io/index": 2}}})',
    );
    expect(items[2]).toMatchObject({ path: 'b.yaml', index: 2, annotations: {} });
    expect(items[2]?.node(['metadata', 'annotations'])).toBeUndefined();
  });

  it('gives a copy the comments of its original', () => {
    const { items = [] } = run(
      'load("encoding/json.star", "json")\nl = ctx.resource_list["items"]\nc = json.decode(json.encode(l[0]))\nc["metadata"]["name"] = "copy"\nc["metadata"]["annotations"]["config.kubernetes.io/path"] = "copy.yaml"\nl.append(c)',
    );
    expect(items[2]).toMatchObject({ path: 'copy.yaml', index: 0, name: 'copy' });
    expect(String(items[2]?.document)).toContain('replicas: 3 # three');
    expect(items[0]?.name).toBe('app');
  });

  it('recognizes a resource that was rebuilt', () => {
    expect(after('ctx.resource_list["items"] = [dict(i) for i in items]')).toBe(input);
  });
});

describe('where resources stand', () => {
  const print = (key: string) => `print([i["metadata"]["annotations"]["${key}"] for i in ctx.resource_list["items"]])`;

  it('is shown to scripts in both families of annotations', () => {
    for (const prefix of ['', 'internal.']) {
      expect(runWithOutput(print(`${prefix}config.kubernetes.io/path`)).stderr).toBe(
        '["resources.yaml", "resources.yaml"]',
      );
      expect(runWithOutput(print(`${prefix}config.kubernetes.io/index`)).stderr).toBe('["0", "1"]');
    }
  });

  it('can be changed by either', () => {
    for (const prefix of ['', 'internal.']) {
      const { items = [] } = run(
        `ctx.resource_list["items"][1]["metadata"]["annotations"]["${prefix}config.kubernetes.io/path"] = "other.yaml"`,
      );
      expect(items.map(({ path }) => path)).toEqual(['resources.yaml', 'other.yaml']);
    }
  });

  it('must not be contradicted', () => {
    const { messages } = run(
      'a = ctx.resource_list["items"][1]["metadata"]["annotations"]\na["config.kubernetes.io/path"] = "a"\na["internal.config.kubernetes.io/path"] = "b"',
    );
    expect(messages[0]).toContain('contradict each other');
  });

  it('must be a number within its file', () => {
    const { messages } = run(
      'ctx.resource_list["items"][1]["metadata"]["annotations"]["config.kubernetes.io/index"] = "x"',
    );
    expect(messages).toEqual([
      'annotation internal.config.kubernetes.io/index: "x" is no index of a document in a file',
    ]);
  });

  it('leaves annotations that the file itself has', () => {
    const text =
      'apiVersion: v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/path: mine # own\n';
    expect(after('r["metadata"]["labels"] = {}', text)).toContain('    config.kubernetes.io/path: mine # own\n');
  });
});

describe('configuration', () => {
  it('can be a ConfigMap, whose other data the script reads', () => {
    const config = functionConfig(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  to: prod\n  source: |\n    for r in ctx.resource_list["items"]:\n      r["metadata"]["namespace"] = ctx.resource_list["functionConfig"]["data"]["to"]\n',
    );
    expect(runFunction(starlark, input, config).text.match(/namespace: prod/g)).toHaveLength(2);
  });

  it('can be a StarlarkRun with parameters of any form', () => {
    const config = script('print(ctx.resource_list["functionConfig"]["params"]["list"][1]["x"])', {
      params: { list: [1, { x: 2.5 }] },
    });
    expect(starlark.run({ items: [], config }).stderr).toBe('2.5');
  });

  it.each([
    [undefined, 'FunctionConfig is missing. Expect `ConfigMap` or `StarlarkRun`'],
    [script(''), '`source` must not be empty'],
    [KrmObject.create({ apiVersion: 'v1', kind: 'ConfigMap', data: { other: 'x' } }), '`source` must not be empty'],
    [
      KrmObject.create({ apiVersion: 'fn.kpt.dev/v1alpha1', kind: 'StarlarkRun', source: ['x'] }),
      '`source` must be a text: the script',
    ],
    [
      KrmObject.create({ apiVersion: 'apps/v1', kind: 'Deployment' }),
      '`functionConfig` must be either /v1, Kind=ConfigMap or fn.kpt.dev/v1alpha1, Kind=StarlarkRun, but we got: apps/v1, Kind=Deployment',
    ],
  ])('is refused otherwise (%#)', (config, message) => {
    expect(runFunction(starlark, input, config)).toMatchObject({ messages: [message], text: input });
  });
});

describe('failures', () => {
  it('are results with the words of the script, and say where', () => {
    const { results, failed } = run(
      'def check(r):\n  if r["kind"] == "Deployment":\n    fail("no", r["metadata"]["name"])\n\ncheck(ctx.resource_list["items"][0])',
    );
    expect(results).toEqual([{ message: 'fail: no app', severity: 'error' }]);
    expect(failed).toBe(
      'failed to evaluate function: error: function failure\nTraceback (most recent call last):\n  my-script:5:6: in <toplevel>\n  my-script:3:9: in check\nError in fail: fail: no app',
    );
  });

  it('name the resource that no dict can hold', () => {
    const text = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\ndata:\n  ? {a: b}\n  : y\n';
    const { messages, text: after } = run('pass', text);
    expect(messages).toEqual([
      'X x (resources.yaml): yaml: a key that is itself a mapping or a sequence cannot stand in a dict',
    ]);
    expect(after).toBe(text);
  });

  it('are cut where a script makes them long', () => {
    const { messages, failed } = run('fail("x" * 1000000)');
    expect(messages[0]).toMatch(/^fail: x{1000,}.* \(cut\)$/);
    expect(failed?.length).toBeLessThan(10_000);
  });

  it.each([
    ['x = \n', 'my-script:1:5: got newline, want primary expression'],
    ['resources', 'my-script:1:1: undefined: resources'],
    ['ctx.resource_list["item"]', 'key "item" not in dict'],
    ['ctx.resourcelist', 'struct has no .resourcelist field or method (did you mean resource_list?)'],
    ['ctx.resource_list["items"] = None', 'ctx.resource_list["items"] must be a list, got NoneType'],
    ['ctx.resource_list["items"].append("x")', 'ctx.resource_list["items"][2] must be a dict, got string'],
    ['ctx.resource_list["items"][0]["spec"]["f"] = len', 'spec.f: a builtin_function_or_method cannot stand in a file'],
    ['x = ctx.resource_list["items"][0]\nx["spec"]["x"] = x["spec"]', 'spec.x: the dict holds itself'],
    ['ctx.resource_list["items"][0]["spec"][(1,)] = 1', 'spec: a dict has a key of type tuple, want string'],
    ['while True: pass', 'the program took more than 100000000 steps'],
  ])('%s', (source, message) => {
    const { messages, text } = run(source);
    expect(messages).toEqual([message]);
    expect(text).toBe(input);
  });
});

describe('what a script can reach', () => {
  it('is the resources, and libraries', () => {
    const { stderr } = runWithOutput(
      'load("krmfn.star", "krmfn")\nprint(dir(ctx), ctx.environment, ctx.open_api, sorted(ctx.resource_list))\nd = ctx.resource_list["items"][0]\nprint(krmfn.match_gvk(d, "apps/v1", "Deployment"), krmfn.match_gvk(d, "apps/v1", "Other"), krmfn.match_gvk(d, "v1", "Deployment"), krmfn.match_name(d, "app"), krmfn.match_namespace(d, "app"), krmfn.match_namespace(d, ""))\nd["metadata"]["namespace"] = "x"\nprint(krmfn.match_namespace(d, "x"))',
    );
    expect(stderr).toBe(
      '["environment", "open_api", "resource_list"] {} {"definitions": {}} ["apiVersion", "functionConfig", "items", "kind"]\nTrue False False True False True\nTrue',
    );
  });

  it('can be loaded, each library that scripts know', () => {
    const names =
      'bsoup encoding/base64 encoding/csv encoding/json encoding/yaml geo hash html http math re time xlsx krmfn'.split(
        ' ',
      );
    const loads = names.map((name) => `load("${name}.star", "${name.replace('encoding/', '')}")`);
    expect(run([...loads, 'load("zipfile.star", "ZipFile")'].join('\n')).messages).toEqual([]);
  });
});

describe('print', () => {
  it('is cut where it is too much', () => {
    const { stderr = '' } = runWithOutput('for i in range(3000):\n  print("x" * 99)');
    expect(stderr.length).toBeLessThan(33_000);
    expect(stderr).toMatch(/ \.\.\. \(cut\)$/);
  });

  it('is kept when the script fails', () => {
    expect(runWithOutput('print("before")\nfail("x")')).toMatchObject({ stderr: 'before' });
  });
});

function runWithOutput(source: string, text = input): { readonly text: string; readonly stderr: string | undefined } {
  const objects = objectsOf(text);
  const { stderr } = starlark.run({ items: objects, config: script(source) });
  return { text: run(source, text).text, stderr };
}
