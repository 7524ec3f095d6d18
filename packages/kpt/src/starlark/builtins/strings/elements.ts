import { type ElementKind, StringElements } from '../../values/string-elements.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods that give the parts of a string, and the one that puts parts together. */
export const elementMethods = {
  codepoint_ords: (text, args) => elements(text, args, 'codepoint_ords'),
  codepoints: (text, args) => elements(text, args, 'codepoints'),
  elem_ords: (text, args) => elements(text, args, 'elem_ords'),
  elems: (text, args) => elements(text, args, 'elems'),
  join(text, args) {
    const parts: string[] = [];
    for (const part of args.iterable('iterable', args.unnamed(1, 1)[0])) {
      if (typeof part !== 'string') throw args.wrong(`iterable at index ${parts.length}`, part, 'string');
      args.budget.text(part.length + text.length);
      parts.push(part);
    }
    return parts.join(text);
  },
} satisfies Readonly<Record<string, Method<string>>>;

function elements(text: string, args: Arguments, kind: ElementKind): StringElements {
  args.unnamed(0, 0);
  args.budget.allocate(64);
  return new StringElements(text, kind);
}
