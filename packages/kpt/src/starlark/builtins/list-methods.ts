import { sizes } from '../limits.ts';
import { equals } from '../operators/equality.ts';
import { sliceRange } from '../operators/index-slice.ts';
import type { List } from '../values/list.ts';
import { methodTable } from './method-table.ts';

/** The methods of lists. */
export const listMethods = methodTable<List>({
  append(list, args) {
    const [element = null] = args.unnamed(1, 1);
    list.checkMutable('append to');
    args.budget.allocate(list.items.length === 0 ? sizes.growth : 32);
    list.items.push(element);
    return null;
  },
  clear(list, args) {
    args.unnamed(0, 0);
    list.checkMutable('clear');
    list.items = [];
    return null;
  },
  extend(list, args) {
    const [more] = args.unnamed(1, 1);
    list.checkMutable('extend');
    for (const element of args.elements('iterable', more)) list.items.push(element);
    return null;
  },
  index(list, args) {
    const [wanted = null, start, end] = args.unpack('value', 'start??', 'end??');
    const [from, to] = sliceRange(list.items.length, start, end);
    for (let index = from; index < to; index++) {
      args.budget.step(1);
      if (equals(list.items[index] ?? null, wanted, args.budget)) return index;
    }
    throw args.error('value not in list');
  },
  insert(list, args) {
    const [index, element = null] = args.unnamed(2, 2);
    const position = args.count('index', index, 0);
    list.checkMutable('insert into');
    args.budget.allocate(list.items.length === 0 ? sizes.growth : 32);
    args.budget.step(list.items.length >>> 4);
    list.items.splice(position, 0, element);
    return null;
  },
  pop(list, args) {
    const [index] = args.unnamed(0, 1);
    const { length } = list.items;
    const given = args.count('index', index, length - 1);
    const position = given < 0 && index !== undefined ? given + length : given;
    list.checkMutable('pop from');
    if (position < 0 || position >= length) {
      throw args.error(length === 0 ? 'empty list' : `index ${given} out of range: list has length ${length}`);
    }
    if (position === length - 1) return list.items.pop() ?? null;
    args.budget.step(length >>> 4);
    return list.items.splice(position, 1)[0] ?? null;
  },
  remove(list, args) {
    const [wanted = null] = args.unnamed(1, 1);
    list.checkMutable('remove from');
    const position = list.items.findIndex((item) => {
      args.budget.step(1);
      return equals(item, wanted, args.budget);
    });
    if (position < 0) throw args.error('element not found');
    args.budget.step(list.items.length >>> 4);
    list.items.splice(position, 1);
    return null;
  },
});
