import { expect, it } from 'vitest';
import { configMap, objectsOf, runFunction } from '../../testing/run-function.ts';
import { printFile } from '../../yaml/resource-file.ts';
import { setProjectId } from './set-project-id.ts';

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: app\n';
const bucket = 'apiVersion: storage.cnrm.cloud.google.com/v1beta1\nkind: StorageBucket\nmetadata:\n  name: b # ours\n';
const project = configMap({ 'project-id': 'shop' });
const added =
  'image: ghcr.io/kptdev/krm-functions-catalog/apply-setters:v0.2\n    configMap:\n      project-id: shop\n';

it.each([
  ['no pipeline', kptfile, `${kptfile}pipeline:\n  mutators:\n  - ${added}`],
  [
    'other functions',
    `${kptfile}pipeline:\n  mutators:\n  - image: x # first\n`,
    `${kptfile}pipeline:\n  mutators:\n  - image: x # first\n  - ${added}`,
  ],
  [
    'setters',
    `${kptfile}pipeline:\n  mutators:\n  - image: apply-setters\n    configMap:\n      a: b # stays\n`,
    `${kptfile}pipeline:\n  mutators:\n  - image: apply-setters\n    configMap:\n      a: b # stays\n      project-id: shop\n`,
  ],
  [
    'an empty setter',
    `${kptfile}pipeline:\n  mutators:\n  - image: r.io/apply-setters:v0.2\n    configMap: {project-id: ""}\n`,
    `${kptfile}pipeline:\n  mutators:\n  - image: r.io/apply-setters:v0.2\n    configMap: {project-id: "shop"}\n`,
  ],
  [
    'the setter',
    `${kptfile}pipeline:\n  mutators:\n  - image: apply-setters\n    configMap: {project-id: other}\n`,
    `${kptfile}pipeline:\n  mutators:\n  - image: apply-setters\n    configMap: {project-id: other}\n`,
  ],
])('makes the setter known to a Kptfile with %s', (_, before, after) => {
  const run = runFunction(setProjectId, before, project, 'Kptfile');
  expect(run).toMatchObject({ text: after, results: [], failed: undefined });
});

it('makes the setter known to the file of setters that each Kptfile names', () => {
  const text = `${kptfile}pipeline:\n  mutators:\n  - {image: apply-setters, configPath: ./setters.yaml}\n`;
  const setters = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: setters\ndata:\n  a: b\n';
  const files = ['', 'db/'].map((directory) => ({
    kptfile: objectsOf(text, `${directory}Kptfile`),
    setters: objectsOf(setters, `${directory}setters.yaml`),
  }));
  const output = setProjectId.run({
    items: files.flatMap((file) => [...file.kptfile, ...file.setters]),
    config: project,
  });
  expect(output).toEqual({ results: [] });
  for (const file of files) {
    expect(
      printFile(
        '',
        file.kptfile.map(({ source }) => source),
      ),
    ).toBe(text);
    expect(
      printFile(
        '',
        file.setters.map(({ source }) => source),
      ),
    ).toBe(`${setters}  project-id: shop\n`);
  }
});

it.each([
  ['none', bucket, `${bucket}  annotations:\n    cnrm.cloud.google.com/project-id: shop\n`],
  [
    'an empty annotation',
    `${bucket}  annotations:\n    cnrm.cloud.google.com/project-id: ''\n`,
    `${bucket}  annotations:\n    cnrm.cloud.google.com/project-id: 'shop'\n`,
  ],
  [
    'another project',
    `${bucket}  annotations:\n    cnrm.cloud.google.com/project-id: other\n`,
    `${bucket}  annotations:\n    cnrm.cloud.google.com/project-id: other\n`,
  ],
  ['a kind of the system', bucket.replace('storage', 'core'), bucket.replace('storage', 'core')],
  ['a kind of Kubernetes', bucket.replace(/apiV.*/, 'apiVersion: v1'), bucket.replace(/apiV.*/, 'apiVersion: v1')],
])('annotates resources of Config Connector with %s', (_, before, after) => {
  const setters = `${kptfile}pipeline:\n  mutators:\n  - image: apply-setters\n    configMap: {project-id: x}\n---\n`;
  expect(runFunction(setProjectId, setters + before, project).text).toBe(setters + after);
});

it.each([
  ['no project', kptfile, configMap({ project: 'shop' }), 'the function config must give `project-id` in its data'],
  ['no config', kptfile, undefined, 'the function config must give `project-id` in its data'],
  ['no Kptfile', bucket, project, 'failed to find Kptfile: unable to find Kptfile'],
  [
    'setters without configuration',
    `${kptfile}pipeline:\n  mutators:\n  - image: apply-setters\n`,
    project,
    'unable to find `configMap` or `configPath`',
  ],
  [
    'a missing file of setters',
    `${kptfile}pipeline:\n  mutators:\n  - {image: apply-setters, configPath: s.yaml}\n`,
    project,
    "failed to find setter file: file s.yaml doesn't exist",
  ],
  [
    'setters that are no mapping',
    `${kptfile}pipeline:\n  mutators:\n  - {image: apply-setters, configPath: Kptfile}\ndata: x\n`,
    project,
    'file "Kptfile": field data is neither a mapping nor a sequence',
  ],
])('refuses %s and changes nothing', (_, text, config, reason) => {
  const run = runFunction(setProjectId, text, config, 'Kptfile');
  expect(run.failed).toContain(`failed to set project-id setter: ${reason}`);
  expect(run.results).toEqual([{ message: run.failed, severity: 'error' }]);
  expect(run.text).toBe(text);
});

it.each([
  ['[a]', 'field metadata.annotations is a sequence, not a mapping'],
  ['a', 'field metadata.annotations is neither a mapping nor a sequence'],
])('refuses annotations that are %s, and names the file', (annotations, reason) => {
  const run = runFunction(setProjectId, `${kptfile}---\n${bucket}  annotations: ${annotations}\n`, project, 'x.yaml');
  const message = `failed to set project-id annotation: file "x.yaml": ${reason}`;
  expect(run).toMatchObject({ failed: message, results: [{ message, severity: 'error' }] });
});
