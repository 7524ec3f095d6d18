import { expect, it } from 'vitest';
import { changedFiles } from './changed-files.ts';
import { unifiedDiff } from './unified-diff.ts';

const numbers = (...changes: readonly (readonly [number, string])[]): string => {
  const changed = new Map(changes);
  return Array.from({ length: 20 }, (_, index) => `${changed.get(index + 1) ?? index + 1}\n`).join('');
};

function diff(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string {
  return unifiedDiff(changedFiles(new Map(Object.entries(before)), new Map(Object.entries(after))));
}

it('shows changes with the lines around them', () => {
  expect(diff({ f: numbers(), g: 'same\n' }, { f: numbers([2, 'two'], [15, 'x\ny']), g: 'same\n' })).toBe(
    `--- a/f
+++ b/f
@@ -1,5 +1,5 @@
 1
-2
+two
 3
 4
 5
@@ -12,7 +12,8 @@
 12
 13
 14
-15
+x
+y
 16
 17
 18
`,
  );
});

it.each([
  ['a b', 'a b\t'],
  ['n\nl', '"n\\012l"'],
  ['\u001b[2J', '"\\033[2J"'],
  ['q"\\', '"q\\"\\\\"'],
  ['é', 'é'],
])('shows the name %j so that Git and patch find the file', (name, shown) => {
  const path = (side: string) => (shown.startsWith('"') ? `"${side}/${shown.slice(1)}` : `${side}/${shown}`);
  expect(diff({ [name]: '1\n' }, { [name]: '2\n' })).toBe(
    `--- ${path('a')}\n+++ ${path('b')}\n@@ -1,1 +1,1 @@\n-1\n+2\n`,
  );
  expect(diff({}, { [name]: '2\n' })).toBe(`--- /dev/null\n+++ ${path('b')}\n@@ -0,0 +1,1 @@\n+2\n`);
});

it('shows changes that are near each other together', () => {
  const text = diff({ f: numbers() }, { f: numbers([5, 'a'], [11, 'b']) });
  expect(text.match(/^@@.*@@$/gm)).toEqual(['@@ -2,13 +2,13 @@']);
});

it('shows files that come and go, and line ends that are missing', () => {
  expect(diff({ gone: 'a\n', end: 'x' }, { added: 'b\n', end: 'x\n' })).toBe(
    `--- /dev/null
+++ b/added
@@ -0,0 +1,1 @@
+b
--- a/end
+++ b/end
@@ -1,1 +1,1 @@
-x
\\ No newline at end of file
+x
--- a/gone
+++ /dev/null
@@ -1,1 +0,0 @@
-a
`,
  );
});
