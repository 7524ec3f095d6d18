import { discoverPackage, type PackageNode } from './discover.ts';
import { kptfileName, type PackageFiles } from './files.ts';
import { joinPath } from './package-paths.ts';

/** The resource files of a directory and of the packages below it, Kptfiles included, without those that ignore rules hide. */
export function resourcePaths(files: PackageFiles): readonly string[] {
  // Discovery starts at the topmost Kptfile, and the directory itself may have none.
  const root = discoverPackage(files.has(kptfileName) ? files : new Map(files).set(kptfileName, ''));
  const collect = (node: PackageNode): readonly string[] => [
    ...node.resourceFiles.map((file) => joinPath(node.path, file)),
    ...node.subpackages.flatMap(collect),
  ];
  return root === undefined ? [] : collect(root).filter((path) => files.has(path));
}
