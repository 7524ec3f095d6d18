import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods that take something off the ends of a string. */
export const stripMethods = {
  lstrip: (text, args) => stripped(text, args, true, false),
  removeprefix(text, args) {
    const prefix = args.string('prefix', args.unpack('prefix')[0]);
    args.budget.text(text.length);
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix(text, args) {
    const suffix = args.string('suffix', args.unpack('suffix')[0]);
    args.budget.text(text.length);
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  rstrip: (text, args) => stripped(text, args, false, true),
  strip: (text, args) => stripped(text, args, true, true),
} satisfies Readonly<Record<string, Method<string>>>;

/** Without characters it strips white space. */
function stripped(text: string, args: Arguments, atStart: boolean, atEnd: boolean): string {
  const [chars] = args.unpack('chars??');
  const wanted = args.optionalString('chars', chars, '');
  args.budget.text(text.length);
  args.budget.step(wanted.length);
  args.budget.allocate(64 * wanted.length);
  const set = new Set(wanted);
  const isStripped = (character: string) => (wanted === '' ? /^\p{White_Space}$/u.test(character) : set.has(character));
  let [start, end] = [0, text.length];
  if (atStart) {
    for (const character of text) {
      if (!isStripped(character)) break;
      start += character.length;
    }
  }
  while (atEnd && end > start) {
    const isPair =
      end - start > 1 && /[\udc00-\udfff]/.test(text.charAt(end - 1)) && /[\ud800-\udbff]/.test(text.charAt(end - 2));
    const character = text.slice(isPair ? end - 2 : end - 1, end);
    if (!isStripped(character)) break;
    end -= character.length;
  }
  args.budget.step((text.length - (end - start)) >>> 1);
  return text.slice(start, end);
}
