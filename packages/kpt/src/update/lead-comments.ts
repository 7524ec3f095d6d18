import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { detachKeyComment, hasKeyComment, keyComment, setKeyComment } from '../yaml/key-comments.ts';

type Container = YAMLMap | YAMLSeq;

/** A pair of a mapping or an element of a list, with the comment lines above it. */
export interface Entry<T> {
  readonly item: T;
  readonly lead: string;
}

/**
 * The comment lines above an entry of a mapping or list. The parser gives those above the first entry to the mapping or list
 * itself.
 *
 * @param isElement - whether the container is itself an element of a list: then lines it carries stand above it
 */
export function leadComment(container: Container, index: number, isElement = false): string {
  const own = carrierOf(container.items[index])?.commentBefore ?? '';
  return index > 0 || isElement ? own : [linesBelowKey(container), own].filter((text) => text !== '').join('\n');
}

/** What upstream's change makes of the comment lines above an entry. */
export function mergedLead(old: string, updated: string | undefined, local: string): string {
  return updated === undefined || updated === old ? local : updated;
}

/** Makes these the entries of a mapping or list, with their comments where the parser would put them. */
export function setEntries<T>(
  container: { items: T[] } & Container,
  entries: readonly Entry<T>[],
  isElement = false,
): void {
  const written = new Map(container.items.map((item, index) => [item, leadComment(container, index, isElement)]));
  const [formerFirst] = container.items;
  container.items = entries.map(({ item }) => item);
  const [first] = entries;
  if (first === undefined && formerFirst !== undefined && !isElement) setLinesBelowKey(container, '');
  const movesFirst = first?.item !== formerFirst || (first !== undefined && written.get(first.item) !== first.lead);
  for (const [index, { item, lead }] of entries.entries()) {
    const carrier = carrierOf(item);
    if (carrier === undefined) continue;
    if (index > 0 || isElement) setLines(carrier, lead);
    else if (movesFirst) {
      setLines(carrier, '');
      setLinesBelowKey(container, lead);
    }
  }
}

interface Carrier {
  commentBefore?: string | null;
}

/** The node that carries the lines above an entry. */
function carrierOf(item: unknown): Carrier | undefined {
  const node = typeof item === 'object' && item !== null && 'key' in item ? item.key : item;
  return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined;
}

function setLines(carrier: Carrier, text: string): void {
  if ((carrier.commentBefore ?? '') === text) return;
  if (text === '') delete carrier.commentBefore;
  else carrier.commentBefore = text;
}

/** The comment lines above the first entry of a mapping or list. */
export function linesBelowKey(container: Container): string {
  const text = container.commentBefore ?? '';
  if (!hasKeyComment(container)) return text;
  const end = text.indexOf('\n');
  return end < 0 ? '' : text.slice(end + 1);
}

/** Makes these the comment lines above the first entry. */
export function setLinesBelowKey(container: Container, text: string): void {
  const beside = keyComment(container);
  if (beside === undefined) {
    setLines(container, text);
    return;
  }
  container.commentBefore = null;
  setKeyComment(container, text === '' ? beside : `${beside}\n${text}`);
}

/** Puts a comment beside the key of a mapping or list, in the place of the one there, and leaves the lines below it. */
export function setCommentBesideKey(container: Container, comment: string): void {
  const below = linesBelowKey(container);
  detachKeyComment(container);
  container.commentBefore = null;
  if (comment !== '') setKeyComment(container, below === '' ? comment : `${comment}\n${below}`);
  else setLines(container, below);
}
