/** ` (did you mean x?)` for the name that is closest to one that is unknown; empty where none is close. */
export function didYouMean(name: string, known: Iterable<string>): string {
  let best = '';
  let least = Math.max(2, Math.floor(name.length / 3) + 1);
  const wanted = simplified(name);
  for (const candidate of known) {
    const distance = editDistance(wanted, simplified(candidate), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best === '' ? '' : ` (did you mean ${best}?)`;
}

function simplified(name: string): string {
  return name.slice(0, 40).toLowerCase().replaceAll('_', '');
}

/** How many letters must be changed, added or removed; `limit` where it is that or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row.at(-1) ?? limit, limit);
}
