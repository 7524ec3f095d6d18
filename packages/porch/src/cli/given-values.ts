import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander';

/** Flags of which an empty value says something: with no prefix the names of images are left alone. */
const mayBeEmpty: ReadonlySet<unknown> = new Set(['--default-image-prefix']);

/**
 * Has the options and arguments of a command, and of those below it, refuse empty values: they mostly come of a variable that is not set, and
 * would mean the same as no value at all, a role everywhere for one. An empty variable of the environment counts as not set.
 */
export function refuseEmptyValues(command: Command, env: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    if (!takesValue || mayBeEmpty.has(option.long)) continue;
    if (option.envVar !== undefined && env[option.envVar]?.trim() === '') delete env[option.envVar];
    refuseEmpty(option, option.mandatory);
  }
  for (const argument of command.registeredArguments) if (!argument.variadic) refuseEmpty(argument, argument.required);
  for (const below of command.commands) refuseEmptyValues(below, env);
}

/** What the value is parsed with says more of it, where that refuses it. */
function refuseEmpty(target: Option | Argument, isNeeded: boolean): void {
  const { parseArg } = target;
  target.argParser((text, previous) => {
    const value = parseArg === undefined ? text : parseArg(text, previous);
    if (text.trim() === '')
      throw new InvalidArgumentError(isNeeded ? 'Give a value.' : 'Give a value, or leave it out.');
    return value;
  });
}
