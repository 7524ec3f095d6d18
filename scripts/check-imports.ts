/** Checks that imports point the way ARCHITECTURE.md says. Prints each that does not, and ends with code 1 if there are any. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkImports } from './imports/check-imports.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const paths = globSync('packages/*/{src,examples}/**/*.ts', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
const files = new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
const violations = checkImports(files);
for (const { file, line, specifier, rule } of violations)
  console.error(`${file}:${line}: imports ${specifier}: ${rule}`);
console.log(`${files.size} files, ${violations.length} imports against ARCHITECTURE.md`);
process.exitCode = violations.length === 0 ? 0 : 1;
