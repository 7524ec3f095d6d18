import type { Document, YAMLError } from 'yaml';
import { parseYaml } from './parse-yaml.ts';
import { findStructureProblem, tooDeep } from './structure-problem.ts';

/**
 * The document of a text that is no file: a value of a setter, an argument of a script.
 *
 * @throws Error that says what is wrong and in which line
 */
export function parseText(text: string): Document {
  const document = parseYaml(text);
  const [error] = document.errors;
  const problem =
    error === undefined
      ? findStructureProblem(document.contents)
      : { reason: syntaxReason(error), offset: error.pos[0] };
  if (problem === undefined) return document;
  throw new Error(`${problem.reason} at line ${text.slice(0, problem.offset).split('\n').length}`);
}

/** What is wrong, on one line. */
export function syntaxReason({ message, code }: YAMLError): string {
  // The parser has caught what its own recursion met.
  if (/call stack/.test(message)) return tooDeep;
  if (code === 'MULTIPLE_DOCS') return 'there must be one document only, and another one begins';
  return message.split('\n', 1)[0] ?? code;
}
