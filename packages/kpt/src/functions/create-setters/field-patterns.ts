import type { Document, YAMLSeq } from 'yaml';
import { parsedList } from '../setters/parsed-list.ts';
import { listContent } from './list-texts.ts';

/** Tells which setters a field's value consists of. */
export interface FieldPatterns {
  /** The pattern of a text with setters' values in it, `nginx:${tag}`; undefined where there are none, or several lines. */
  ofText(text: string): string | undefined;
  /** The name of the setter that has exactly a list's items, whatever their order. */
  ofList(list: YAMLSeq, document: Document): string | undefined;
}

/** Prepares for finding the values of setters. Where several fit in one place the longest is taken. */
export function fieldPatterns(setters: ReadonlyMap<string, string>): FieldPatterns {
  const scalars = new Map<string, string>();
  const lists: { name: string; content: readonly string[] }[] = [];
  for (const [name, value] of [...setters].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parsed = parsedList(value);
    if (parsed !== undefined) lists.push({ name, content: listContent(parsed.list, parsed.document) });
    else if (value !== '' && !scalars.has(value)) scalars.set(value, name);
  }
  const values = [...scalars.keys()].sort((a, b) => b.length - a.length);
  const expression = new RegExp(values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  return {
    ofText(text) {
      if (values.length === 0 || text.includes('\n')) return undefined;
      const pattern = text.replaceAll(expression, (value) => `\${${scalars.get(value)}}`);
      return pattern === text ? undefined : pattern;
    },
    ofList(list, document) {
      const candidates = lists.filter(({ content }) => content.length === list.items.length);
      if (candidates.length === 0) return undefined;
      const actual = listContent(list, document);
      return candidates.find(({ content }) => content.every((text, index) => text === actual[index]))?.name;
    },
  };
}
