import ignore, { type Ignore } from 'ignore';
import { kptfileName, type PackageFiles } from './files.ts';
import { baseName, directoryOf, joinPath } from './package-paths.ts';

/** One package of a tree: a directory with a Kptfile, and the files of it that belong to no package below. */
export interface PackageNode {
  /** Relative to the tree's root; empty for the root itself. */
  readonly path: string;
  /** Its resource files, relative to it, in order: Kptfile, YAML and JSON that `.krmignore` does not hide. */
  readonly resourceFiles: readonly string[];
  /** The nearest packages below, in order. */
  readonly subpackages: readonly PackageNode[];
}

/** The package whose files these are; undefined where there is no Kptfile at all. The topmost Kptfile decides. */
export function discoverPackage(files: PackageFiles): PackageNode | undefined {
  const directories = [...files.keys()]
    .filter((path) => baseName(path) === kptfileName && !isGit(path))
    .map(directoryOf)
    .sort((a, b) => depth(a) - depth(b) || compare(a, b));
  const root = directories[0];
  if (root === undefined) return undefined;
  return buildTree(files, root, new Set(directories));
}

interface Building {
  readonly path: string;
  readonly resourceFiles: string[];
  readonly subpackages: Building[];
  readonly ignored: Ignore | undefined;
}

function buildTree(files: PackageFiles, root: string, directories: ReadonlySet<string>): PackageNode {
  const nodes = new Map<string, Building>();
  const nodeOf = (path: string): Building => {
    const known = nodes.get(path);
    if (known !== undefined) return known;
    const rules = files.get(joinPath(path, '.krmignore'));
    const ignored = rules === undefined ? undefined : ignore({ ignorecase: false }).add(rules);
    const node: Building = { path, resourceFiles: [], subpackages: [], ignored };
    nodes.set(path, node);
    if (path !== root) nodeOf(owner(directoryOf(path))).subpackages.push(node);
    return node;
  };
  const owner = (directory: string): string => {
    let current = directory;
    while (current !== root && !directories.has(current)) current = directoryOf(current);
    return current;
  };
  const rootNode = nodeOf(root);
  for (const path of [...files.keys()].sort(compareInWalk)) {
    if (root !== '' && !path.startsWith(`${root}/`)) continue;
    if (!isResourceFile(path) || isGit(path)) continue;
    const node = nodeOf(owner(directoryOf(path)));
    const relative = node.path === '' ? path : path.slice(node.path.length + 1);
    if (node.ignored?.ignores(relative) !== true) node.resourceFiles.push(relative);
  }
  for (const node of nodes.values()) node.subpackages.sort((a, b) => compare(a.path, b.path));
  return rootNode;
}

/** Whether a file holds resources, by its name. */
export function isResourceFile(path: string): boolean {
  return isYamlFile(path) || path.endsWith('.json');
}

/** Whether a file is YAML, by its name. */
export function isYamlFile(path: string): boolean {
  return /\.ya?ml$/.test(path) || baseName(path) === kptfileName;
}

function isGit(path: string): boolean {
  return path.startsWith('.git/') || path.includes('/.git/');
}

function depth(directory: string): number {
  return directory === '' ? 0 : directory.split('/').length;
}

/** The order in which a walk through directories comes by: what is in a directory stands where the directory's name does. */
function compareInWalk(a: string, b: string): number {
  return compare(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
