import type { FileChange } from './changed-files.ts';
import { type LineEdit, lineEdits } from './line-edits.ts';

const contextLines = 3;

/** Changes of files in the form that `diff -u` and Git print, without index lines. */
export function unifiedDiff(changes: readonly FileChange[]): string {
  return changes.map(fileDiff).join('');
}

function fileDiff({ path, before, after }: FileChange): string {
  const from = before === undefined ? '/dev/null' : shownPath(`a/${path}`);
  const to = after === undefined ? '/dev/null' : shownPath(`b/${path}`);
  const edits = lineEdits(linesOf(before ?? ''), linesOf(after ?? ''));
  return `--- ${from}\n+++ ${to}\n${hunks(edits).map(showHunk).join('')}`;
}

/**
 * A path as Git writes it: in quotes where it has quotes, backslashes or controls, which a line cannot hold; with a tab behind it where it
 * has spaces, since `patch` would take it to end at the first.
 */
function shownPath(path: string): string {
  if (!/["\\\x00-\x1f\x7f]/.test(path)) return path.includes(' ') ? `${path}\t` : path;
  const escaped = path.replace(/["\\]/g, '\\$&');
  return `"${escaped.replace(/[\x00-\x1f\x7f]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;
}

/** Lines with their ends, so that a missing last one shows. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

interface Hunk {
  readonly beforeLine: number;
  readonly afterLine: number;
  readonly edits: readonly LineEdit[];
}

/** Cuts edits into those that are near each other, with the lines around them. */
function hunks(edits: readonly LineEdit[]): readonly Hunk[] {
  const changed = edits.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]));
  const ranges: { start: number; end: number }[] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    if (last !== undefined && index - contextLines <= last.end) last.end = index + contextLines + 1;
    else ranges.push({ start: Math.max(0, index - contextLines), end: index + contextLines + 1 });
  }
  let [counted, beforeLine, afterLine] = [0, 0, 0];
  return ranges.map(({ start, end }) => {
    const skipped = edits.slice(counted, start);
    counted = start;
    beforeLine += count(skipped, '+');
    afterLine += count(skipped, '-');
    return { beforeLine, afterLine, edits: edits.slice(start, end) };
  });
}

/** How many lines there are that do not have the sign. */
function count(edits: readonly LineEdit[], without: '+' | '-'): number {
  return edits.filter(({ sign }) => sign !== without).length;
}

function showHunk({ beforeLine, afterLine, edits }: Hunk): string {
  const range = (line: number, length: number) => `${length === 0 ? line : line + 1},${length}`;
  const head = `@@ -${range(beforeLine, count(edits, '+'))} +${range(afterLine, count(edits, '-'))} @@\n`;
  const lines = edits.map(({ sign, line }) =>
    line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`,
  );
  return head + lines.join('');
}
