import { copyComments } from '../yaml/copy-comments.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { parseResources, printFile, YamlSyntaxError } from '../yaml/resource-file.ts';
import { kptfileName, type PackageFiles } from './files.ts';
import { baseName, checkPath } from './package-paths.ts';

/**
 * The new files, with the comments of objects that stand in both kept where the new text has none, whichever files they are
 * in. Files that did not change, and those that are not YAML, are taken as they are.
 *
 * @throws PackageError where a file's name could leave the package
 */
export function replaceFiles(before: PackageFiles, after: PackageFiles): PackageFiles {
  for (const path of after.keys()) checkPath(path);
  const changed = [...after].filter(([path, text]) => isYaml(path) && before.get(path) !== text);
  const changedOrGone = [...before].filter(([path, text]) => isYaml(path) && after.get(path) !== text);
  const sources = commentSources(changedOrGone);
  const result = new Map(after);
  if (sources.size === 0) return result;
  for (const [path, text] of changed) {
    if (!mayHoldAny(text, sources.values())) continue;
    const documents = parseLeniently(path, text);
    let touched = false;
    for (const document of documents) {
      const source = sources.get(identity(document));
      if (source === undefined || isTemplate(document)) continue;
      copyComments(source.document, document.document);
      touched = true;
    }
    if (touched) result.set(path, printFile(path, documents));
  }
  return result;
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path) || baseName(path) === kptfileName;
}

function commentSources(files: readonly (readonly [string, string])[]): Map<string, ResourceDocument> {
  const sources = new Map<string, ResourceDocument>();
  for (const [path, text] of files) {
    if (!text.includes('#')) continue;
    for (const document of parseLeniently(path, text)) {
      if (!document.isEmpty && !isTemplate(document)) sources.set(identity(document), document);
    }
  }
  return sources;
}

/** Whether a text can hold one of these objects, as far as their kinds and names tell; most files need not be parsed for that. */
function mayHoldAny(text: string, sources: Iterable<ResourceDocument>): boolean {
  const hasEscapes = text.includes('\\');
  const mayHold = (word: string): boolean => hasEscapes || !/^[\w./-]*$/.test(word) || text.includes(word);
  for (const source of sources) {
    const { kind, name } = new KrmObject(source);
    if (mayHold(kind) && mayHold(name)) return true;
  }
  return false;
}

function parseLeniently(path: string, text: string): ResourceDocument[] {
  try {
    return parseResources(path, text);
  } catch (error) {
    // Rendering reports it, unless the package tells it to ignore the file.
    if (error instanceof YamlSyntaxError) return [];
    throw error;
  }
}

function identity(document: ResourceDocument): string {
  const { apiVersion, kind, namespace, name } = new KrmObject(document);
  return JSON.stringify([apiVersion, kind, namespace, name]);
}

/** Whether the comments are instructions of a template language. */
function isTemplate({ origin }: ResourceDocument): boolean {
  return /#[@!]/.test(origin?.text ?? '');
}
