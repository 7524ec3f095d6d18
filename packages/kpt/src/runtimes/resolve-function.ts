import type { FunctionCatalogue, KrmFunction } from '../functions/function.ts';
import { declaredTags, type FunctionRule, imageParts, matchRule } from './function-rule.ts';
import { imageBaseName, isVersionRange } from './image-reference.ts';
import { highestInRange } from './version-range.ts';

/** Which functions are part of the program, and what rules say about them. */
export interface KnownFunctions {
  /** Empty where built-in functions are switched off. */
  readonly catalogue: FunctionCatalogue;
  readonly rules: readonly FunctionRule[];
}

/**
 * The built-in function for an image. Without rules for its name every registry and tag will do; with some, those that they name.
 */
export function builtInFor(image: string, { catalogue, rules }: KnownFunctions): KrmFunction | undefined {
  const { name, tag, digest } = imageParts(image);
  const { rule, isForeign } = matchRule(image, rules);
  if (isForeign) return undefined;
  if (rule === undefined) return catalogue.get(name);
  if (rule.builtIn === undefined || digest !== undefined || tag === undefined) return undefined;
  return rule.builtIn.tags.includes(tag) ? catalogue.get(rule.builtIn.name) : undefined;
}

/** What is said of an image that no function is found for. `others`: what else was asked for it. */
export function whyUnknown(image: string, known: KnownFunctions, others: readonly string[] = []): string {
  const is = `function ${JSON.stringify(image)} is unknown:`;
  const elsewhere =
    others.length === 0
      ? 'only built-in functions can be run here'
      : `nothing else that runs functions here has it (${others.join(', ')})`;
  const ruled = whatRulesSay(image, known.rules);
  if (ruled !== undefined) return `${is} ${ruled}, and ${elsewhere}`;
  if (others.length > 0) return `${is} it is not built in, and ${elsewhere}`;
  return `${is} ${elsewhere}, which are ${[...known.catalogue.keys()].sort().join(', ')}`;
}

function whatRulesSay(image: string, rules: readonly FunctionRule[]): string | undefined {
  const { rule, isForeign } = matchRule(image, rules);
  if (isForeign) {
    const { name } = imageParts(image);
    const prefixes = rules.filter((each) => each.image === name).flatMap((each) => each.prefixes);
    return `FunctionConfigs say what ${name} is for images below ${prefixes.join(', ')} only`;
  }
  if (rule === undefined) return undefined;
  const { owner, builtIn, program, container } = rule;
  const ways = [
    ...(builtIn === undefined ? [] : [`the built-in function ${builtIn.name} for ${tagsInWords(builtIn.tags)}`]),
    ...(program === undefined ? [] : [`a program for ${tagsInWords(program.tags)}`]),
    ...(container === undefined ? [] : ['a container or a function runner']),
  ];
  return `FunctionConfig ${owner ?? rule.image} names ${ways.join('; ') || 'nothing that runs it'}`;
}

function tagsInWords(tags: readonly string[]): string {
  if (tags.length === 0) return 'no tag';
  return `tag${tags.length === 1 ? '' : 's'} ${tags.join(', ')}`;
}

/**
 * The tag that a range of versions stands for: the highest of those that built-in functions have and rules name. No registry is asked.
 *
 * @returns undefined where the tag stands for itself
 * @throws RangeError where it is no range, or no known tag is in it
 */
export function resolveRange(image: string, tag: string | undefined, known: KnownFunctions): string | undefined {
  if (tag === undefined || !isVersionRange(tag)) return undefined;
  const name = imageBaseName(image);
  const rules = known.rules.filter((rule) => rule.image === name);
  const tags = rules.length > 0 ? rules.flatMap(declaredTags) : (known.catalogue.get(name)?.tags ?? []);
  const found = highestInRange(tags, tag);
  if (found !== undefined) return found;
  const list = tags.length === 0 ? 'none is known' : `known are ${[...new Set(tags)].join(', ')}`;
  throw new RangeError(`no tag of function ${JSON.stringify(name)} is in the range ${JSON.stringify(tag)}: ${list}`);
}
