import { isScalar, isSeq, type Scalar } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { scalarText } from '../../yaml/node-edits.ts';
import { listTexts } from '../create-setters/list-texts.ts';
import { lineComment, listComment } from '../line-comments.ts';
import { writtenText } from '../scalar-text.ts';
import { parsedList } from '../setters/parsed-list.ts';
import { currentSetterValues, setterName, setterPattern, setterReferences } from '../setters/setter-pattern.ts';
import { walkFields } from '../walk-fields.ts';

/** A setter and how often fields use it. */
export interface FoundSetter {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  readonly count: number;
}

/** All setters of a package by name: given ones, and those that only comments name, with the values their fields have. */
export function findSetters(items: readonly KrmObject[], given: ReadonlyMap<string, string>): readonly FoundSetter[] {
  const lists = new Map<string, FoundSetter>();
  const scalars = new Map<string, FoundSetter>();
  for (const [name, value] of given) {
    const list = listValue(value);
    if (list === undefined) scalars.set(name, { name, value, type: 'str', count: 0 });
    else lists.set(name, { name, value: list, type: 'array', count: 0 });
  }
  const countList = (name: string, texts: readonly string[]) => {
    const known = lists.get(name) ?? { name, value: `[${texts.join(', ')}]`, type: 'array', count: 0 };
    lists.set(name, { ...known, count: known.count + 1 });
  };
  const countScalar = (name: string, value: string, type: string) => {
    const known = scalars.get(name) ?? { name, value, type, count: 0 };
    // Part of a text and a value in a configuration are always texts; a field of its own knows better.
    scalars.set(name, { ...known, type: known.type === 'str' ? type : known.type, count: known.count + 1 });
  };
  for (const object of items) {
    walkFields(object, {
      mapping(map) {
        for (const { value } of map.items) {
          const pattern = isSeq(value) ? setterPattern(listComment(value)) : undefined;
          const [reference] = setterReferences(pattern ?? '');
          if (isSeq(value) && reference !== undefined) countList(setterName(reference), listTexts(value));
        }
      },
      scalar(scalar) {
        const pattern = setterPattern(lineComment(scalar));
        if (pattern === undefined) return;
        const values = currentSetterValues(pattern, writtenText(scalar));
        for (const [name, value] of values) countScalar(name, value, typeOf(scalar));
      },
    });
  }
  return [...lists.values(), ...scalars.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** A list as it is shown; undefined where a value is none. */
function listValue(value: string): string | undefined {
  const parsed = parsedList(value);
  return (
    parsed && `[${parsed.list.items.map((item) => (isScalar(item) ? scalarText(item) : String(item))).join(', ')}]`
  );
}

function typeOf({ value }: Scalar): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : 'str';
}
