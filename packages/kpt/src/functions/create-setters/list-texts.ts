import { isScalar, type YAMLSeq } from 'yaml';
import { scalarText } from '../../yaml/node-edits.ts';
import { parsedList } from '../setters/parsed-list.ts';

/** The texts of a list's items, sorted; items that are no scalars count as empty. */
export function listTexts(list: YAMLSeq): string[] {
  return list.items.map((item) => (isScalar(item) ? scalarText(item) : '')).sort();
}

/** The sorted texts of a setter's value that is a list, in YAML; undefined for other values. */
export function listValueTexts(value: string): string[] | undefined {
  const parsed = parsedList(value);
  return parsed && listTexts(parsed.list);
}
