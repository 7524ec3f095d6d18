import { posix } from 'node:path';
import { packageContextName, packageContextObject } from '../../package/init-package.ts';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import { KrmObject, localConfigAnnotation } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { isKptfile } from '../kptfile-object.ts';
import { report } from '../reporting.ts';

/** Gives every package a ConfigMap with the package's name, for other functions to read. Earlier ones elsewhere go. */
export const genPkgContext: KrmFunction = { name: 'gen-pkg-context', tags: ['v0.1.0', 'v0.1'], run };

function run({ items }: FunctionInput): FunctionOutput {
  const earlier = items.filter(isContext);
  const others = items.filter((object) => !isContext(object));
  const results: FunctionResultItem[] = [];
  const contexts = others.filter(isKptfile).map((kptfile) => {
    const path = posix.join(posix.dirname(kptfile.path ?? ''), packageContextName);
    results.push({ ...report('info', 'generated package context'), file: { path } });
    const there = earlier.find((object) => object.path === path && object.packagePath === kptfile.packagePath);
    return writeContext(there ?? newContext(path, kptfile.packagePath), kptfile.name);
  });
  return { results, items: [...others, ...contexts] };
}

function isContext({ apiVersion, kind, name }: KrmObject): boolean {
  return apiVersion === 'v1' && kind === 'ConfigMap' && name === packageContextObject;
}

function newContext(path: string, packagePath: string | undefined): KrmObject {
  const context = KrmObject.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: packageContextObject, annotations: { [localConfigAnnotation]: 'true' } },
    data: {},
  });
  context.path = path;
  context.packagePath = packagePath;
  return context;
}

function writeContext(context: KrmObject, name: string): KrmObject {
  context.setAnnotation(localConfigAnnotation, 'true');
  context.set(['data', 'name'], name);
  return context;
}
