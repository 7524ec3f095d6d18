/** An import found in a source file. */
export interface FoundImport {
  /** Empty for a dynamic import of what is only known when it runs. */
  readonly specifier: string;
  /** Names that are imported; empty for side effects. Undefined for all that there are: namespaces and dynamic imports. */
  readonly names: readonly string[] | undefined;
  /** From 1. */
  readonly line: number;
}

// The formatter starts these statements at the first column, so that neither strings nor comments look like them.
const statement =
  /^(?:import|export)\b((?:[^'"`;/]|\/\/[^\n]*|\/\*[^]*?\*\/|\/(?![/*]))*?)\bfrom\s*(['"])([^'"\n]+)\2/gm;
const sideEffect = /^import\s*(['"])([^'"\n]+)\1/gm;
const dynamic = /\bimport\((?:\s|\/\*[^]*?\*\/)*(?:(['"`])([^'"`$\n]+)\1)?/g;
const comment = /^\s*(?:\/\/|\/?\*)/;
const comments = /\/\/[^\n]*|\/\*[^]*?\*\//g;

function namesOf(clause: string): string[] | undefined {
  const code = clause.replace(comments, '');
  if (code.includes('*')) return undefined;
  const braces = /\{([^}]*)\}/.exec(code)?.[1] ?? '';
  return braces
    .split(',')
    .map(
      (part) =>
        part
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] ?? '',
    )
    .filter((name) => name !== '');
}

function lineOf(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}

function isComment(source: string, index: number): boolean {
  const start = source.lastIndexOf('\n', index - 1) + 1;
  return comment.test(source.slice(start, index));
}

/** All imports and re-exports of a TypeScript source, types included, in the order of their lines. */
export function findImports(source: string): FoundImport[] {
  const found: FoundImport[] = [];
  for (const match of source.matchAll(statement)) {
    found.push({ specifier: match[3] ?? '', names: namesOf(match[1] ?? ''), line: lineOf(source, match.index) });
  }
  for (const [pattern, names] of [
    [sideEffect, []],
    [dynamic, undefined],
  ] as const) {
    for (const match of source.matchAll(pattern)) {
      if (isComment(source, match.index)) continue;
      found.push({ specifier: match[2] ?? '', names, line: lineOf(source, match.index) });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}
