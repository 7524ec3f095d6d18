import { type Document, isMap, isScalar, isSeq, type Scalar } from 'yaml';

/**
 * Takes away the line end that the parser gives to a block that ends with the text, without one: to other readers, kpt and kubectl among
 * them, it has none.
 */
export function endUnendedBlock({ contents }: Document, text: string): void {
  if (text === '' || text.endsWith('\n')) return;
  const last = lastScalar(contents);
  if (last === undefined || typeof last.value !== 'string' || !last.type?.startsWith('BLOCK')) return;
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  const isInBlock = (last.range?.[1] ?? 0) >= text.length && lastLine.trim() !== '';
  if (isInBlock && last.value.endsWith('\n')) last.value = last.value.slice(0, -1);
}

function lastScalar(node: unknown): Scalar | undefined {
  let last = node;
  while (isMap(last) || isSeq(last)) last = isMap(last) ? last.items.at(-1)?.value : last.items.at(-1);
  return isScalar(last) ? last : undefined;
}
