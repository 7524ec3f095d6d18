import { posix } from 'node:path';
import type { Kptfile } from '../kptfile/kptfile.ts';
import type { KptfileReader } from '../kptfile/kptfile-reader.ts';
import type { ReadKptfile } from '../kptfile/read-kptfile.ts';
import { KptfileFieldError, validatePipeline } from '../kptfile/validate-pipeline.ts';
import type { PackageNode } from '../package/discover.ts';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { displayPath, joinPath } from '../package/package-paths.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { parseResources, YamlSyntaxError } from '../yaml/resource-file.ts';
import { PackageError } from './job.ts';
import { RenderError } from './render-error.ts';

/** A package that is being rendered. */
export interface RenderNode {
  /** Relative to the rendered package; empty for that. */
  readonly path: string;
  readonly kptfile: Kptfile;
  readonly children: readonly RenderNode[];
  /** The objects it owns now. */
  items: KrmObject[];
  /** The documents of its files as they were read, by path relative to the package. */
  readonly documents: ReadonlyMap<string, readonly ResourceDocument[]>;
}

/**
 * Reads a package and those below it, and checks their Kptfiles.
 *
 * @throws RenderError for the first file that cannot be used
 */
export function loadTree(files: PackageFiles, node: PackageNode, kptfiles: KptfileReader): RenderNode {
  return loadNode(files, node, kptfiles, node.path, '');
}

function loadNode(
  files: PackageFiles,
  node: PackageNode,
  kptfiles: KptfileReader,
  root: string,
  parent: string,
): RenderNode {
  const path = node.path === root ? '' : node.path.slice(root === '' ? 0 : root.length + 1);
  try {
    const { content: kptfile, documents: ownDocuments } = loadKptfile(files, node, kptfiles, path);
    const parse = (file: string) =>
      file === kptfileName ? ownDocuments : parseResources(file, files.get(joinPath(node.path, file)) ?? '');
    const documents = new Map(node.resourceFiles.map((file) => [file, parse(file)]));
    const items = [...documents].flatMap(([file, list]) => objectsOf(file, list, path));
    checkConfigPaths(kptfile, path, documents);
    const children = node.subpackages.map((child) => loadNode(files, child, kptfiles, root, path));
    return { path, kptfile, children, items, documents };
  } catch (error) {
    if (error instanceof YamlSyntaxError) {
      const file = joinPath(displayPath(path), error.path).replace(/^\.\//, '');
      throw new RenderError(path, 'pkg.readResources', `file ${JSON.stringify(file)}: ${error.message}`, {
        cause: error,
      });
    }
    if (error instanceof PackageError) throw unreadablePackage(path, parent, error);
    throw error;
  }
}

function unreadablePackage(path: string, parent: string, error: PackageError): RenderError {
  const { cause } = error;
  if (path !== '' && cause instanceof YamlSyntaxError) {
    // What is no YAML cannot be told from no package: the search of the parent fails.
    const reason = `error reading Kptfile at ${JSON.stringify(displayPath(path))}: ${cause.message}`;
    return new RenderError(path, 'pkg.Subpackages', reason, { cause: error, during: parent });
  }
  return new RenderError(path, 'pkg.read', error.message, { cause: error });
}

function loadKptfile(files: PackageFiles, node: PackageNode, kptfiles: KptfileReader, path: string): ReadKptfile {
  const text = files.get(joinPath(node.path, kptfileName)) ?? '';
  const read = kptfiles.take(joinPath(path, kptfileName), text);
  validatePipeline(joinPath(path, kptfileName), read.content);
  return read;
}

/** The objects of a package's file, given its documents. */
export function objectsOf(file: string, documents: readonly ResourceDocument[], packagePath: string): KrmObject[] {
  return documents
    .filter((document) => !document.isEmpty)
    .map((document, index) => {
      const object = new KrmObject(document, file, index);
      object.packagePath = packagePath;
      return object;
    });
}

function checkConfigPaths(
  { pipeline }: Kptfile,
  path: string,
  documents: ReadonlyMap<string, readonly ResourceDocument[]>,
): void {
  for (const kind of ['mutators', 'validators'] as const) {
    for (const [index, { configPath }] of (pipeline?.[kind] ?? []).entries()) {
      if (!configPath) continue;
      const count = documents.get(posix.normalize(configPath))?.filter((document) => !document.isEmpty).length;
      const problem = configProblem(configPath, count);
      if (problem === undefined) continue;
      throw new KptfileFieldError(
        joinPath(path, kptfileName),
        `pipeline.${kind}[${index}].configPath`,
        configPath,
        problem,
      );
    }
  }
}

function configProblem(configPath: string, count: number | undefined): string | undefined {
  const title = `functionConfig ${JSON.stringify(configPath)}`;
  if (count === undefined) return `${title} must be a resource file of this package, not hidden by .krmignore`;
  if (count === 0) return `${title} must hold one resource, but holds none`;
  return count > 1 ? `${title} must not contain more than one config, got ${count}` : undefined;
}
