import { describe, expect, it } from 'vitest';
import { applyReplacements } from '../functions/apply-replacements/apply-replacements.ts';
import { applySetters } from '../functions/apply-setters/apply-setters.ts';
import { deleteAnnotations } from '../functions/delete-annotations/delete-annotations.ts';
import { searchReplace } from '../functions/search-replace/search-replace.ts';
import { setAnnotations } from '../functions/set-annotations/set-annotations.ts';
import { configMap, functionConfig, objectsOf } from '../testing/run-function.ts';
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

describe('a function that makes much of little', () => {
  const data = (entries: readonly string[]) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n${entries.map((entry) => `  ${entry}\n`).join('')}`;
  const long = 'x'.repeat(100_000);
  const doubling = Array.from({ length: 40 }, () => ({
    source: { kind: 'ConfigMap', fieldPath: 'data.a' },
    targets: [{ select: { kind: 'ConfigMap' }, fieldPaths: ['data.a'], options: { delimiter: '-', index: -1 } }],
  }));

  it.each([
    [
      'by a template that repeats what it finds',
      searchReplace,
      configMap({ 'by-value-regex': '(x+)', 'put-value': '${1}'.repeat(100_000) }),
      data([`a: ${long}`]),
      'a text would have more than 4194304 characters',
    ],
    [
      'by the same in many fields',
      searchReplace,
      configMap({ 'by-value-regex': '(x+)', 'put-value': '${1}'.repeat(20) }),
      data(Array.from({ length: 20 }, (_, index) => `a${index}: ${long}`)),
      'function search-replace: it made more than 8388608 characters',
    ],
    [
      'by a setter that is named often',
      applySetters,
      configMap({ a: long }),
      data([`a: b # kpt-set: ${'${a}'.repeat(90)}`]),
      'a text would have more than 4194304 characters',
    ],
    [
      'by a setter that is named even more often',
      applySetters,
      configMap({ a: 'b' }),
      data([`a: b # kpt-set: ${'${a}'.repeat(100_000)}`]),
      'an expression would have more than 100 groups',
    ],
    [
      'by an expression of many groups',
      searchReplace,
      configMap({ 'by-value-regex': '()'.repeat(100_000) }),
      data(['a: b']),
      'an expression would have more than 100 groups',
    ],
    [
      'by one text in many objects',
      setAnnotations,
      configMap({ a: long }),
      Array.from({ length: 100 }, () => data(['a: b'])).join('---\n'),
      'function set-annotations: it made more than 8388608 characters',
    ],
    [
      'by putting a text into itself',
      applyReplacements,
      functionConfig(
        JSON.stringify({
          apiVersion: 'fn.kpt.dev/v1alpha1',
          kind: 'ApplyReplacements',
          metadata: { name: 'r' },
          replacements: doubling,
        }),
      ),
      data(['a: x-y']),
      'a text would have more than 4194304 characters',
    ],
  ])('fails: %s', (_, entry, config, text, reason) => {
    const { exitCode, stderr, results } = callBuiltIn(entry, { items: objectsOf(text), config });
    expect(exitCode).toBe(1);
    expect([stderr, ...results.map(({ message }) => message)].join('\n')).toContain(reason);
  });
});
