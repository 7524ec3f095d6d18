import { isAlias, isCollection, isPair, isScalar } from 'yaml';
import type { FunctionResultItem } from '../pipeline/results.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** Characters that functions may add to a package: to print more takes memory that a thread has not, and without which V8 ends the process. */
export const mostAdded = 8 * 1024 * 1024;

/** Whether objects have so much text, beyond that of the files that they were read from, or what is said of them is so long, that neither can be printed. */
export function hasTooMuchText(items: readonly KrmObject[], results: readonly FunctionResultItem[]): boolean {
  let left = mostAdded;
  for (const { message } of results) left -= message.length;
  if (left < 0) return true;
  left = mostAdded;
  for (const { source } of items) left -= charactersOf(source.document.contents);
  if (left >= 0) return false;
  const files = new Set(items.map(({ source }) => source.origin?.text ?? ''));
  for (const text of files) left += text.length;
  return left < 0;
}

function charactersOf(node: unknown): number {
  if (isScalar(node)) return (typeof node.value === 'string' ? node.value.length : 0) + (node.comment?.length ?? 0);
  if (isPair(node)) return charactersOf(node.key) + charactersOf(node.value);
  if (isAlias(node) || !isCollection(node)) return 0;
  let characters = 0;
  for (const item of node.items) characters += charactersOf(item);
  return characters;
}
