import { StarlarkError } from '../errors.ts';
import type { Binding } from '../resolve/binding.ts';
import type { Name } from '../syntax/ast.ts';
import type { Value } from '../values/value.ts';
import type { Assign, Cell, Evaluate } from './frame.ts';

/** Reads a variable. */
export function compileRead(name: Name): Evaluate {
  const { position } = name;
  const binding = bindingOf(name);
  const missing = (scope: string) => new StarlarkError(`${scope} variable ${name.name} referenced before assignment`);
  switch (binding.scope) {
    case 'predeclared': {
      const { value } = binding;
      return () => value;
    }
    case 'global': {
      const { index } = binding;
      return (frame) => {
        const value = frame.globals[index];
        if (value !== undefined) return value;
        frame.position = position;
        throw missing('global');
      };
    }
    case 'free': {
      const { index } = binding;
      return (frame) => {
        const value = frame.free[index]?.value;
        if (value !== undefined) return value;
        frame.position = position;
        throw missing('local');
      };
    }
    case 'local': {
      const { slot, isCaptured } = binding.variable;
      if (isCaptured) {
        return (frame) => {
          const { value } = frame.locals[slot] as Cell;
          if (value !== undefined) return value;
          frame.position = position;
          throw missing('local');
        };
      }
      return (frame) => {
        const value = frame.locals[slot];
        if (value !== undefined) return value as Value;
        frame.position = position;
        throw missing('local');
      };
    }
  }
}

/** Assigns a variable. */
export function compileWrite(name: Name): Assign {
  const binding = bindingOf(name);
  switch (binding.scope) {
    case 'global': {
      const { index } = binding;
      return (frame, value) => {
        frame.globals[index] = value;
      };
    }
    case 'local': {
      const { slot, isCaptured } = binding.variable;
      if (isCaptured) {
        return (frame, value) => {
          (frame.locals[slot] as Cell).value = value;
        };
      }
      return (frame, value) => {
        frame.locals[slot] = value;
      };
    }
    default:
      throw new TypeError(`${name.name} is not a variable of the function that assigns it`);
  }
}

/** What the resolver found that a name stands for. */
function bindingOf({ name, binding }: Name): Binding {
  if (binding === undefined) throw new TypeError(`the name ${name} has not been resolved`);
  return binding;
}
