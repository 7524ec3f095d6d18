import type { KptfileReader } from '../kptfile/kptfile-reader.ts';
import { validatePipeline } from '../kptfile/validate-pipeline.ts';
import type { PackageNode } from '../package/discover.ts';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { baseName, joinPath } from '../package/package-paths.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { parseResources, printFile, YamlSyntaxError } from '../yaml/resource-file.ts';
import { isAttributed } from './attribution.ts';
import { PackageError } from './job.ts';
import { krmProblem } from './krm-check.ts';
import { hasReaderAnnotations } from './reader-annotations.ts';
import type { TextMemory } from './text-memory.ts';

/**
 * Whether rendering a package succeeds without running a function and leaves all its files, apart from the status in its Kptfile,
 * as they are. `false` also where that is not certain: rendering finds out. What is learned of a file is remembered, so that of a
 * package without pipelines only files with new text are parsed.
 */
export function isUnaffected(
  files: PackageFiles,
  root: PackageNode,
  memory: TextMemory,
  kptfiles: KptfileReader,
): boolean {
  const check = (path: string, as: 'Kptfile' | 'resources'): boolean => {
    const text = files.get(path) ?? '';
    // The name of a file decides whether it is exempt from the rules for resources.
    return memory.recall(`unaffected ${as} ${baseName(path)}`, text, () =>
      as === 'Kptfile' ? isPlainKptfile(path, text, kptfiles) : isPlainFile(path, text),
    );
  };
  const nodes = withDescendants(root);
  return (
    nodes.every(
      (node) => node.resourceFiles.includes(kptfileName) && check(joinPath(node.path, kptfileName), 'Kptfile'),
    ) &&
    nodes.every((node) =>
      node.resourceFiles.every((file) => file === kptfileName || check(joinPath(node.path, file), 'resources')),
    )
  );
}

function withDescendants(node: PackageNode): PackageNode[] {
  return [node, ...node.subpackages.flatMap(withDescendants)];
}

function isPlainKptfile(path: string, text: string, kptfiles: KptfileReader): boolean {
  try {
    const { content, documents } = kptfiles.read(path, text);
    validatePipeline(path, content);
    const { mutators = [], validators = [] } = content.pipeline ?? {};
    return mutators.length === 0 && validators.length === 0 && staysAsItIs(path, text, documents);
  } catch (error) {
    if (error instanceof PackageError) return false;
    throw error;
  }
}

function isPlainFile(path: string, text: string): boolean {
  try {
    return staysAsItIs(path, text, parseResources(path, text));
  } catch (error) {
    if (error instanceof YamlSyntaxError) return false;
    throw error;
  }
}

function staysAsItIs(path: string, text: string, documents: readonly ResourceDocument[]): boolean {
  const objects = documents.filter((document) => !document.isEmpty).map((document) => new KrmObject(document, path));
  return (
    objects.every(
      (object) => krmProblem(object) === undefined && !isAttributed(object) && !hasReaderAnnotations(object),
    ) && printFile(path, documents) === text
  );
}
