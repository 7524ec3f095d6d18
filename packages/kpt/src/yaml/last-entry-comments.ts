import { type Document, isCollection, isPair, isScalar, visit, type YAMLMap, type YAMLSeq } from 'yaml';

/**
 * Gives the comment behind the last comma in brackets to the entry before it, as everywhere else; the parser takes it for one of all that
 * is in the brackets. kpt writes comments of last entries like that.
 */
export function moveLastEntryComments(document: Document, text: string): void {
  if (!/,[ \t]*#/.test(text)) return;
  visit(document, {
    Collection(_, collection) {
      if (collection.flow && collection.comment) moveComment(collection, text);
    },
  });
}

function moveComment(collection: YAMLMap | YAMLSeq, text: string): void {
  const last = collection.items.at(-1);
  const value = isPair(last) ? last.value : last;
  if (!(isScalar(value) || isCollection(value)) || !value.range || !collection.range) return;
  const behind = text.slice(value.range[1], collection.range[1]);
  const line = /^[ \t]*,[ \t]*#([^\n]*)\n/.exec(behind)?.[1]?.replace(/\r$/, '');
  const [first, ...others] = collection.comment?.split('\n') ?? [];
  if (line === undefined || first !== line || value.comment) return;
  value.comment = line;
  collection.comment = others.length > 0 ? others.join('\n') : null;
}
