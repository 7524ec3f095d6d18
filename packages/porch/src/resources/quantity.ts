const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** An amount as Kubernetes writes it: the number, and the unit. */
export const amountPattern = /^(\d+(?:\.\d*)?(?:[eE]\d{1,2})?)([kMGT]|[KMGT]i|)$/;

/**
 * Bytes of an amount as Kubernetes writes it, `256Mi`, `1.5G`, `1e6`; undefined where it is none or less than one byte. See
 * <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.
 */
export function parseBytes(text: string): number | undefined {
  const [, number = '', unit = ''] = amountPattern.exec(text) ?? [];
  const factor = factors[unit];
  if (number === '' || factor === undefined) return undefined;
  const bytes = Math.round(Number(number) * factor);
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
