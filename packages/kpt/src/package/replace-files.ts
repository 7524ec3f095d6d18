import { copyComments } from '../yaml/copy-comments.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { parseResources, printFile, YamlSyntaxError } from '../yaml/resource-file.ts';
import { isYamlFile } from './discover.ts';
import type { PackageFiles } from './files.ts';
import { checkPath } from './package-paths.ts';

/**
 * The new files, with the comments of objects that stand in both kept where the new text has none: those of the object in the same
 * file or, where it is new in that file, in any other. YAML that is no object gets those of its own place alone. Files that did not
 * change, and those that are not YAML, are taken as they are.
 *
 * @throws PackageError where a file's name could leave the package
 */
export function replaceFiles(before: PackageFiles, after: PackageFiles): PackageFiles {
  for (const path of after.keys()) checkPath(path);
  const changed = [...after].filter(([path, text]) => isYamlFile(path) && before.get(path) !== text);
  const changedOrGone = [...before].filter(([path, text]) => isYamlFile(path) && after.get(path) !== text);
  const sources = commentSources(changedOrGone);
  const result = new Map(after);
  if (sources.inPlace.size === 0) return result;
  for (const [path, text] of changed) {
    if (!sources.paths.has(path) && !mayHoldAny(text, sources.anywhere.values())) continue;
    const documents = parseLeniently(path, text);
    const isNew = newcomers(path, before.get(path));
    let touched = false;
    for (const [index, document] of documents.entries()) {
      const object = identity(document);
      let source = sources.inPlace.get(place(path, object, index));
      if (source === undefined && object !== undefined) {
        const elsewhere = sources.anywhere.get(object);
        if (elsewhere !== undefined && isNew(object)) source = elsewhere;
      }
      if (source === undefined || isTemplate(document)) continue;
      copyComments(source.document, document.document);
      touched = true;
    }
    if (touched) result.set(path, printFile(path, documents));
  }
  return result;
}

/** Says of an object whether it is new in a file, whose former text is read when that is first asked. */
function newcomers(path: string, former: string | undefined): (object: string) => boolean {
  let known: ReadonlySet<string | undefined> | undefined;
  return (object) => {
    known ??= new Set(former === undefined ? [] : parseLeniently(path, former).map(identity));
    return !known.has(object);
  };
}

/** The documents that comments can come from. */
interface CommentSources {
  readonly paths: ReadonlySet<string>;
  /** By file and object. */
  readonly inPlace: ReadonlyMap<string, ResourceDocument>;
  /** By object. */
  readonly anywhere: ReadonlyMap<string, ResourceDocument>;
}

function commentSources(files: readonly (readonly [string, string])[]): CommentSources {
  const paths = new Set<string>();
  const inPlace = new Map<string, ResourceDocument>();
  const anywhere = new Map<string, ResourceDocument>();
  for (const [path, text] of files) {
    if (!text.includes('#')) continue;
    for (const [index, document] of parseLeniently(path, text).entries()) {
      if (document.isEmpty || isTemplate(document)) continue;
      const object = identity(document);
      paths.add(path);
      inPlace.set(place(path, object, index), document);
      if (object !== undefined) anywhere.set(object, document);
    }
  }
  return { paths, inPlace, anywhere };
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

/** What tells an object apart from others; undefined for YAML that is none. */
function identity(document: ResourceDocument): string | undefined {
  const { apiVersion, kind, namespace, name } = new KrmObject(document);
  return kind === '' ? undefined : JSON.stringify([apiVersion, kind, namespace, name]);
}

/** Where an object stands; YAML that is none has its place in the order of the file instead. */
function place(path: string, object: string | undefined, index: number): string {
  return JSON.stringify([path, object ?? index]);
}

/** Whether the comments are instructions of a template language. */
function isTemplate({ origin }: ResourceDocument): boolean {
  return /#[@!]/.test(origin?.text ?? '');
}
