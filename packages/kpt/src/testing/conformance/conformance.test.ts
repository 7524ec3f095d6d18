import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runConformance } from './conformance.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cases-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n';

function kptfile(pipeline: string): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: app\npipeline:\n  mutators:\n${pipeline}`;
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function run(): Promise<{ readonly exitCode: number; readonly lines: readonly string[] }> {
  let printed = '';
  const exitCode = await runConformance(folder, (text) => {
    printed += text;
  });
  return { exitCode, lines: printed.trimEnd().split('\n') };
}

/** Adds a label to a pod. */
const labelPatch = `--- a/pod.yaml
+++ b/pod.yaml
@@ -2,3 +2,5 @@
 kind: Pod
 metadata:
   name: p
+  labels:
+    a: b
`;

it('passes a function that does what the patch says and reports the same', async () => {
  write({
    'good/pod.yaml': pod,
    'good/.expected/config.yaml': 'testType: eval\nimage: set-labels:latest\nargs:\n  a: b\n',
    'good/.expected/diff.patch': labelPatch,
    'good/.expected/results.yaml':
      'apiVersion: kpt.dev/v1\nkind: FunctionResultList\nmetadata: {name: fnresults}\nexitCode: 0\nitems:\n' +
      '- image: ghcr.io/kptdev/krm-functions-catalog/set-labels:latest\n  exitCode: 0\n' +
      '  results:\n  - message: set 1 labels in total\n    severity: info\n',
  });
  expect(await run()).toEqual({ exitCode: 0, lines: ['pass good', '1 passed, 0 failed, 0 skipped'] });
});

it('shows how the files of a failed case differ', async () => {
  write({
    'bad/pod.yaml': pod,
    'bad/.expected/config.yaml': 'testType: eval\nimage: set-labels:latest\nargs:\n  a: c\n',
    'bad/.expected/diff.patch': labelPatch,
  });
  const { exitCode, lines } = await run();
  expect(exitCode).toBe(1);
  expect(lines).toEqual(
    expect.arrayContaining(['fail bad', '    -    a: b', '    +    a: c', '0 passed, 1 failed, 0 skipped']),
  );
});

it.each([
  ['an exit code', 'exitCode: 1\n', 'exit code 0 instead of 1'],
  ['printed words', 'stdErr: something else\n', 'printed text lacks:'],
  ['printed words by pattern', 'stdErrRegEx: some(thing|body)\n', 'does not match some(thing|body)'],
])('fails a case for %s', async (_, config, problem) => {
  write({ 'bad/pod.yaml': pod, 'bad/.expected/config.yaml': `testType: eval\nimage: no-op:latest\n${config}` });
  const { exitCode, lines } = await run();
  expect(exitCode).toBe(1);
  expect(lines.join('\n')).toContain(problem);
});

it('fails a case for what its function reports', async () => {
  write({
    'bad/pod.yaml': pod,
    'bad/.expected/config.yaml': 'testType: eval\nimage: no-op:latest\n',
    'bad/.expected/results.yaml': 'exitCode: 0\nitems:\n- image: no-op:latest\n  exitCode: 0\n  stderr: words\n',
  });
  expect((await run()).lines.join('\n')).toContain('results differ');
});

it.each([
  ['a container engine', kptfile('  - image: x.io/own:v1\n'), 'needs a container engine, for x.io/own:v1'],
  ['helm', kptfile('  - image: render-helm-chart:v1\n'), 'needs helm'],
  ['gatekeeper', kptfile('  - image: gatekeeper:v1\n'), 'needs gatekeeper, which evaluates policies written in Rego'],
  [
    'a list of tags',
    kptfile('  - image: set-labels\n    tag: ~0.2\n'),
    "needs a registry's tag list, for set-labels ~0.2",
  ],
  [
    'a library',
    kptfile(
      '  - image: starlark:v1\n    configMap:\n      source: |\n        load("http.star", "http")\n        http.get("x")\n',
    ),
    'needs a Starlark module that there is in Go only, for http.get()',
  ],
])('skips a case that needs %s', async (_, text, reason) => {
  write({ 'other/Kptfile': text, 'other/.expected/config.yaml': 'exitCode: 0\n' });
  expect(await run()).toEqual({ exitCode: 0, lines: [`skip other: ${reason}`, '0 passed, 0 failed, 1 skipped'] });
});

it('runs programs that pipelines name where the case allows it', async () => {
  const text = kptfile('  - exec: sh -c "exit 3"\n');
  write({
    'allowed/Kptfile': text,
    'allowed/.expected/config.yaml': 'allowExec: true\nexitCode: 1\nstdErr: "Exit code: 3"\n',
    'refused/Kptfile': text,
    'refused/.expected/config.yaml': 'exitCode: 1\nstdErr: must run with `--allow-exec` option\n',
  });
  const { lines } = await run();
  // Both leave a status in the Kptfile, which no patch speaks of: what is compared is what they print.
  expect(lines.filter((line) => /exit code|printed/.test(line))).toEqual([]);
});

it('holds resources against the schemas that it is given', async () => {
  write({
    'cases/pod/pod.yaml': `${pod}spec:\n  hostname: 5\n`,
    'cases/pod/.expected/config.yaml':
      'testType: eval\nimage: kubeconform:v1\nexitCode: 1\nstdErr: got number, want string\n',
    'schemas/pod-v1.json': JSON.stringify({ properties: { spec: { properties: { hostname: { type: 'string' } } } } }),
  });
  const lines: string[] = [];
  const judge = (...schemas: string[]) => runConformance(join(folder, 'cases'), (text) => lines.push(text), ...schemas);
  expect(await judge()).toBe(0);
  expect(await judge(join(folder, 'schemas'))).toBe(0);
  expect(lines).toEqual([
    'skip pod: needs schemas of Kubernetes, for kubeconform\n',
    '0 passed, 0 failed, 1 skipped\n',
    'pass pod\n',
    '1 passed, 0 failed, 0 skipped\n',
  ]);
});

it('compares Kptfiles by value, without the words that kpt does not repeat', async () => {
  const text = kptfile('  # fails\n  - image: set-labels:latest\n');
  const status = `status:
  conditions:
  - {type: Rendered, status: "False", reason: RenderFailed, message: "pkg.render: pkg .:\\n\\tpipeline.run: already handled error"}
  renderStatus:
    mutationSteps:
    - image: ghcr.io/kptdev/krm-functions-catalog/set-labels:latest
      stderr: 'failed to evaluate function: error: function failure'
      exitCode: 1
      results: [{severity: info, message: '\`FunctionConfig\` is not given'}]
    errorSummary: 'ghcr.io/kptdev/krm-functions-catalog/set-labels:latest: exit code 1'
`;
  const added = status.trimEnd().split('\n');
  const size = text.trimEnd().split('\n').length;
  const patch = `--- a/Kptfile\n+++ b/Kptfile\n@@ -${size},1 +${size},${added.length + 1} @@\n   - image: set-labels:latest\n`;
  write({
    'app/Kptfile': text,
    'app/.expected/config.yaml': 'exitCode: 1\n',
    'app/.expected/diff.patch': `${patch}${added.map((line) => `+${line}\n`).join('')}`,
  });
  expect((await run()).lines).toEqual(['pass app', '1 passed, 0 failed, 0 skipped']);
});

it('fails where there is no case', async () => {
  expect(await run()).toEqual({ exitCode: 1, lines: ['0 passed, 0 failed, 0 skipped'] });
});
