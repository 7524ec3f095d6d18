import { listValueTexts } from './list-texts.ts';

/** Tells which setters a field's value consists of. */
export interface FieldPatterns {
  /** The pattern of a text with setters' values in it, `nginx:${tag}`; undefined where there are none, or several lines. */
  ofText(text: string): string | undefined;
  /** The name of the setter that has exactly these values, whatever their order, given sorted. */
  ofList(texts: readonly string[]): string | undefined;
}

/** Prepares for finding the values of setters. Where several fit in one place the longest is taken. */
export function fieldPatterns(setters: ReadonlyMap<string, string>): FieldPatterns {
  const scalars = new Map<string, string>();
  const lists: { name: string; texts: readonly string[] }[] = [];
  for (const [name, value] of [...setters].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const texts = listValueTexts(value);
    if (texts !== undefined) lists.push({ name, texts });
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
    ofList(texts) {
      const found = lists.find(
        (list) => list.texts.length === texts.length && list.texts.every((t, i) => t === texts[i]),
      );
      return found?.name;
    },
  };
}
