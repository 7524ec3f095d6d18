import { RE2JS } from 're2js';
import { messageOf } from '../reporting.ts';

/** One step of a field path. */
export type PathStep =
  /** A key of a mapping; of digits alone, an element of a list. */
  | { readonly type: 'key'; readonly key: string }
  /** The elements of a list whose field has a value, `[name=nginx]`; without a field, the elements that are that value. */
  | { readonly type: 'match'; readonly field: string; readonly value: string }
  /** Every element. */
  | { readonly type: 'all' };

/** Elements of a list, by a value that is looked for as a regular expression. */
export type MatchStep = Extract<PathStep, { readonly type: 'match' }> & { readonly expression: RE2JS };
/** One step of a path to what is to be replaced. */
export type TargetStep = Exclude<PathStep, { readonly type: 'match' }> | MatchStep;

/** A field path, as it was written and in its steps. */
export interface ParsedPath<Step> {
  readonly text: string;
  readonly steps: readonly Step[];
}

/**
 * Splits a path at its dots, except those with a backslash before them or within brackets: `metadata.annotations.[a.b/c]`,
 * `spec.containers.[name=x].image`, `spec.rules.*.host`, `spec.rules.0.host`. Parts that are empty are left out.
 *
 * @throws Error for a bracket that is not closed
 */
export function parseSourcePath(text: string): ParsedPath<PathStep> {
  const parts = splitPath(text).filter((part) => part !== '');
  return { text, steps: parts.map((part) => step(part, text)) };
}

/**
 * The same for what is to be replaced: no part may be empty, and what `[key=value]` looks for must be a regular expression, which
 * kustomize takes it for.
 *
 * @throws Error for a path that is none
 */
export function parseTargetPath(text: string): ParsedPath<TargetStep> {
  const steps = splitPath(text).map((part): TargetStep => {
    if (part === '' || part === '[]') throw wrongPath(text, 'has an empty part');
    const result = step(part, text);
    return result.type === 'match' ? { ...result, expression: compiled(result.value, text) } : result;
  });
  return { text, steps };
}

function compiled(value: string, path: string): RE2JS {
  try {
    return RE2JS.compile(value);
  } catch (error) {
    throw wrongPath(path, `has a value that is no regular expression: ${messageOf(error)}`, error);
  }
}

function wrongPath(path: string, reason: string, cause?: unknown): Error {
  return new Error(`field path ${JSON.stringify(path)} ${reason}`, { cause });
}

function splitPath(path: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let open = false;
  for (const character of path) {
    if (character === '.' && part.endsWith('\\')) part = `${part.slice(0, -1)}.`;
    else if (character === '.' && !open) {
      parts.push(part);
      part = '';
    } else {
      if (character === '[' && part === '') open = true;
      if (character === ']') open = false;
      part += character;
    }
  }
  return [...parts, part];
}

function step(part: string, path: string): PathStep {
  if (part.startsWith('[') && !part.endsWith(']')) throw wrongPath(path, `has a bracket that is not closed: ${part}`);
  if (part === '*') return { type: 'all' };
  const bracketed = /^\[(.*)\]$/s.exec(part)?.[1];
  if (bracketed === undefined) return { type: 'key', key: part };
  const equals = bracketed.indexOf('=');
  if (equals < 0) return { type: 'key', key: bracketed };
  return { type: 'match', field: bracketed.slice(0, equals), value: bracketed.slice(equals + 1) };
}
