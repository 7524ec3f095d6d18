const pattern = /^v([0-9]+)(?:(alpha|beta)([0-9]+))?$/;

/** Rank, major and minor; larger is preferred. */
function rank(version: string): [number, number, number] {
  const match = pattern.exec(version);
  if (match === null) return [0, 0, 0];
  const stage = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}

/** Orders versions of a group as Kubernetes does, the preferred one first: v2, v1, v1beta2, v1beta1, v1alpha1, others. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return other - value;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
