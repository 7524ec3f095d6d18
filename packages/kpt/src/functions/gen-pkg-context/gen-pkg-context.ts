import { posix } from 'node:path';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { isKptfile } from '../kptfile-object.ts';
import { report } from '../reporting.ts';

const contextName = 'kptfile.kpt.dev';
const contextFile = 'package-context.yaml';
const localConfig = 'config.kubernetes.io/local-config';

/** Gives every package a ConfigMap with the package's name, for other functions to read. Earlier ones elsewhere go. */
export const genPkgContext: KrmFunction = { name: 'gen-pkg-context', tags: ['v0.1.0', 'v0.1'], run };

function run({ items }: FunctionInput): FunctionOutput {
  const earlier = items.filter(isContext);
  const others = items.filter((object) => !isContext(object));
  const results: FunctionResultItem[] = [];
  const contexts = others.filter(isKptfile).map((kptfile) => {
    const path = posix.join(posix.dirname(kptfile.path ?? ''), contextFile);
    results.push({ ...report('info', 'generated package context'), file: { path } });
    const there = earlier.find((object) => object.path === path && object.packagePath === kptfile.packagePath);
    return writeContext(there ?? newContext(path, kptfile.packagePath), kptfile.name);
  });
  return { results, items: [...others, ...contexts] };
}

function isContext({ apiVersion, kind, name }: KrmObject): boolean {
  return apiVersion === 'v1' && kind === 'ConfigMap' && name === contextName;
}

function newContext(path: string, packagePath: string | undefined): KrmObject {
  const context = KrmObject.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: contextName, annotations: { [localConfig]: 'true' } },
    data: {},
  });
  context.path = path;
  context.packagePath = packagePath;
  return context;
}

function writeContext(context: KrmObject, name: string): KrmObject {
  context.setAnnotation(localConfig, 'true');
  context.set(['data', 'name'], name);
  return context;
}
