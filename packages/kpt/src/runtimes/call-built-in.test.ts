import { expect, it } from 'vitest';
import { deleteAnnotations } from '../functions/delete-annotations/delete-annotations.ts';
import { configMap, objectsOf } from '../testing/run-function.ts';
import { printFile } from '../yaml/resource-file.ts';
import { callBuiltIn } from './call-built-in.ts';

it('leaves no alias without its anchor', () => {
  const text = 'apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  annotations:\n    x: &x v\n    y: *x\n';
  const { items, exitCode } = callBuiltIn(deleteAnnotations, {
    items: objectsOf(text),
    config: configMap({ annotationKeys: 'x' }),
  });
  expect(exitCode).toBe(0);
  const documents = items.map(({ source }) => source);
  expect(printFile('resources.yaml', documents)).toBe(text.replace('    x: &x v\n', '').replace('*x', 'v'));
});
