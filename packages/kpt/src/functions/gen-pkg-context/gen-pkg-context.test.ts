import { expect, it } from 'vitest';
import { objectsOf } from '../../testing/run-function.ts';
import { genPkgContext } from './gen-pkg-context.ts';

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
const context =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kptfile.kpt.dev\n  annotations:\n    config.kubernetes.io/local-config: "true"\ndata:\n';

function generate(files: Readonly<Record<string, string>>) {
  const items = Object.entries(files).flatMap(([path, text]) => objectsOf(text, path));
  return genPkgContext.run({ items, config: undefined });
}

it('adds a context to every package', () => {
  const { items, results } = generate({ Kptfile: kptfile('top'), 'sub/Kptfile': kptfile('sub') });
  expect(items?.map(({ path }) => path)).toEqual([
    'Kptfile',
    'sub/Kptfile',
    'package-context.yaml',
    'sub/package-context.yaml',
  ]);
  expect(items?.slice(2).map((object) => object.document.toString())).toEqual([
    `${context}  name: top\n`,
    `${context}  name: sub\n`,
  ]);
  expect(results).toEqual([
    { message: 'generated package context', severity: 'info', file: { path: 'package-context.yaml' } },
    { message: 'generated package context', severity: 'info', file: { path: 'sub/package-context.yaml' } },
  ]);
});

it('updates the context that is there and removes others', () => {
  const { items } = generate({
    Kptfile: kptfile('top'),
    'package-context.yaml': `${context}  name: example # replaced\n  other: x\n`,
    'old/package-context.yaml': `${context}  name: gone\n`,
  });
  expect(items?.map(({ path }) => path)).toEqual(['Kptfile', 'package-context.yaml']);
  expect(items?.[1]?.document.toString()).toBe(`${context}  name: top # replaced\n  other: x\n`);
});
