import { posix } from 'node:path';
import { bans, packageDirections, packageNames, porchDirections } from './directions.ts';
import { type FoundImport, findImports } from './find-imports.ts';

/** An import that points the wrong way. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  readonly rule: string;
}

interface Place {
  readonly package: string;
  /** Folder below `src`; empty for files directly in it. */
  readonly folder: string;
  /** Examples stand for code of other people: they use the package as those do. */
  readonly example: boolean;
}

function placeOf(file: string): Place | undefined {
  const [root, name, src, ...rest] = file.split('/');
  if (root !== 'packages' || name === undefined) return undefined;
  return {
    package: name,
    folder: src === 'src' && rest.length > 1 ? (rest[0] ?? '') : '',
    example: src === 'examples',
  };
}

/** Tests and what only they use. */
function isTest(file: string): boolean {
  return /\.(test|test-support)\.ts$/.test(file) || file.includes('/testing/');
}

/** What tests are written with. The image has neither these nor what imports them. */
const testTools = ['vitest', 'fast-check'];

function checkRelative(file: string, from: Place, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  const to = placeOf(target);
  if (to?.package !== from.package) {
    if (isTest(file) && target.startsWith('e2e/harness/')) return undefined;
    return to === undefined
      ? 'sources import nothing outside their package by path'
      : `packages are imported by name, never by path: packages/${to.package}`;
  }
  if (target === `packages/${from.package}/package.json`) return undefined;
  if (isTest(target) && !isTest(file)) return 'what is there for tests is imported by tests only';
  if (from.package !== 'porch' || isTest(file) || from.folder === '' || from.folder === to.folder) return undefined;
  const allowed = porchDirections[from.folder];
  if (allowed === undefined)
    return `no direction is known for the folder ${from.folder}: add it to ARCHITECTURE.md and here`;
  if (allowed.includes(to.folder)) return undefined;
  const may = allowed.length === 0 ? 'none of the others' : allowed.join(', ');
  return `${from.folder} may import ${may}, not ${to.folder === '' ? 'the entry point' : to.folder}`;
}

function checkPackage(from: Place, specifier: string): string | undefined {
  const name = Object.keys(packageNames).find((n) => specifier === n || specifier.startsWith(`${n}/`));
  if (name === undefined) return undefined;
  if (packageNames[name] === from.package) {
    return from.example && specifier === name ? undefined : 'files of the same package are imported by path';
  }
  const allowed = packageDirections[from.package];
  if (allowed === undefined)
    return `no direction is known for packages/${from.package}: add it to ARCHITECTURE.md and here`;
  if (!allowed.includes(name)) return `packages/${from.package} must not import packages/${packageNames[name]}`;
  return specifier === name ? undefined : `packages are imported through their entry point: ${name}`;
}

function checkSpecifier(file: string, from: Place, specifier: string): string | undefined {
  if (specifier === '') return isTest(file) ? undefined : 'an import says in quotes what it imports';
  if (testTools.includes(specifier) && !isTest(file))
    return `${specifier} is imported by tests only: name the file *.test-support.ts`;
  return specifier.startsWith('.') ? checkRelative(file, from, specifier) : checkPackage(from, specifier);
}

const declaration = /^export\s+(?:async\s+)?(?:abstract\s+)?(?:function\*?|class|const|let|interface|type)\s+(\w+)/gm;

/** Names that the files below some folders of the apiserver declare. */
function exportedNames(files: ReadonlyMap<string, string>, folders: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const [file, source] of files) {
    if (!folders.some((folder) => file.startsWith(`packages/apiserver/src/${folder}/`)) || isTest(file)) continue;
    for (const match of source.matchAll(declaration)) names.add(match[1] ?? '');
  }
  return names;
}

type BanCheck = (from: Place, found: FoundImport) => string | undefined;

function banCheck(files: ReadonlyMap<string, string>): BanCheck {
  const compiled = bans.map((ban) => ({ ...ban, names: exportedNames(files, ban.exportedBy) }));
  return (from, { specifier, names }) => {
    for (const ban of compiled) {
      if (from.package !== 'porch' || from.folder !== ban.folder) continue;
      if (ban.modules.includes(specifier) || ban.modules.includes(`node:${specifier}`)) return ban.rule;
      if (specifier !== '@porch/apiserver') continue;
      if (names === undefined) return `${ban.rule}: import by name what is needed of ${specifier}`;
      const name = names.find((n) => ban.names.has(n));
      if (name !== undefined) return `${ban.rule}: ${name}`;
    }
    return undefined;
  };
}

/**
 * Checks the imports of all sources of the packages. Tests may import anything of their own package, and the harness of the
 * end-to-end tests.
 *
 * @param files sources by path from the root of the repository, with forward slashes
 */
export function checkImports(files: ReadonlyMap<string, string>): Violation[] {
  const banned = banCheck(files);
  const violations: Violation[] = [];
  for (const [file, source] of files) {
    const from = placeOf(file);
    if (from === undefined) continue;
    for (const found of findImports(source)) {
      const { specifier, line } = found;
      const rule = checkSpecifier(file, from, specifier) ?? (isTest(file) ? undefined : banned(from, found));
      if (rule !== undefined) violations.push({ file, line, specifier, rule });
    }
  }
  return violations;
}
