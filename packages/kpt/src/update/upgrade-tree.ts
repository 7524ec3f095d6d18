import { discoverPackage, type PackageNode } from '../package/discover.ts';
import type { PackageFiles } from '../package/files.ts';
import { markFile } from '../package/merge-keys.ts';
import { joinPath } from '../package/package-paths.ts';
import { PackageError } from '../pipeline/job.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { parseResources, YamlSyntaxError } from '../yaml/resource-file.ts';

/** Which of the three packages of an upgrade, as messages call it. */
export type Side = 'old upstream' | 'new upstream' | 'local';

/** One of the three packages of an upgrade. Upstream's files are read as a clone of them would have them: with merge keys. */
export class UpgradeTree {
  readonly side: Side;
  readonly files: PackageFiles;
  readonly #marked = new Map<string, string>();
  #resourceFiles: ReadonlySet<string> | undefined;

  constructor(side: Side, files: PackageFiles) {
    this.side = side;
    this.files = files;
  }

  /** A file's text, of an upstream package with merge keys; undefined where there is no such file. */
  text(path: string): string | undefined {
    const text = this.files.get(path);
    if (text === undefined || this.side === 'local') return text;
    const known = this.#marked.get(path) ?? markFile(path, text);
    this.#marked.set(path, known);
    return known;
  }

  /** Whether a file is one that resources are read from: YAML, JSON or Kptfile, and not hidden by `.krmignore`. */
  isResource(path: string): boolean {
    this.#resourceFiles ??= new Set(resourceFiles(discoverPackage(this.files)));
    return this.#resourceFiles.has(path);
  }

  /**
   * A fresh copy of a file's documents, of an upstream package with merge keys; undefined where there is no such file.
   *
   * @throws PackageError where it cannot be parsed
   */
  resources(path: string): ResourceDocument[] | undefined {
    const text = this.text(path);
    if (text === undefined) return undefined;
    try {
      return parseResources(path, text);
    } catch (error) {
      if (!(error instanceof YamlSyntaxError)) throw error;
      throw new PackageError(
        `file ${JSON.stringify(path)} of the ${this.side} package cannot be merged: ${error.message}; ` +
          'correct it, or list it in .krmignore if it holds no resources',
        path,
        { cause: error },
      );
    }
  }
}

function resourceFiles(node: PackageNode | undefined): string[] {
  if (node === undefined) return [];
  return [
    ...node.resourceFiles.map((file) => joinPath(node.path, file)),
    ...node.subpackages.flatMap((child) => resourceFiles(child)),
  ];
}
