/** A line that stays, goes or comes. */
export interface LineEdit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/** Beyond so many comparisons a difference is shown as a whole rather than looked for line by line. */
const mostComparisons = 4_000_000;

/** The fewest lines that have to go and come to make one text of another. */
export function lineEdits(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let [beforeEnd, afterEnd] = [before.length, after.length];
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd -= 1;
    afterEnd -= 1;
  }
  return [
    ...signed(' ', before.slice(0, start)),
    ...middle(before.slice(start, beforeEnd), after.slice(start, afterEnd)),
    ...signed(' ', before.slice(beforeEnd)),
  ];
}

function signed(sign: LineEdit['sign'], lines: readonly string[]): readonly LineEdit[] {
  return lines.map((line) => ({ sign, line }));
}

function middle(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  if (before.length * after.length > mostComparisons) return [...signed('-', before), ...signed('+', after)];
  const common = commonLengths(before, after);
  const width = after.length + 1;
  const edits: LineEdit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]];
    if (old !== undefined && old === now) {
      edits.push({ sign: ' ', line: old });
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (now === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      edits.push({ sign: '-', line: old });
      i += 1;
    } else if (now !== undefined) {
      edits.push({ sign: '+', line: now });
      j += 1;
    }
  }
  return edits;
}

/** How many lines the rests of both texts have in common, from each pair of places on. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      lengths[at] =
        before[i] === after[j]
          ? (lengths[at + width + 1] ?? 0) + 1
          : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  return lengths;
}
