import { StarlarkError } from '../errors.ts';
import { didYouMean } from '../resolve/spelling.ts';
import type { LoadStatement } from '../syntax/ast.ts';
import type { Execute } from './frame.ts';
import { compileWrite } from './variables.ts';

/** Turns `load` into a function that carries it out. */
export function compileLoad({ module, names, position }: LoadStatement): Execute {
  const compiled = names.map(({ from, local }) => ({ from, write: compileWrite(local), position: local.position }));
  return (frame) => {
    frame.position = position;
    const { load, moduleNames } = frame.thread.options;
    const members = load(module);
    if (members === undefined) {
      throw new StarlarkError(`cannot load ${module}: there is no such module; there are ${moduleNames().join(', ')}`);
    }
    for (const { from, write, position: at } of compiled) {
      frame.position = at;
      const value = Object.hasOwn(members, from) ? members[from] : undefined;
      if (value === undefined) {
        throw new StarlarkError(
          `load: name ${from} not found in module ${module}${didYouMean(from, Object.keys(members))}`,
        );
      }
      write(frame, value);
    }
    return 0;
  };
}
