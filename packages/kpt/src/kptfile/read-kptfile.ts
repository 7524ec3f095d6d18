import { PackageError } from '../pipeline/job.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { plainTextData } from '../yaml/plain-text-data.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { parseResources, YamlSyntaxError } from '../yaml/resource-file.ts';
import { DecodeError, decodeDocument, decodePlainData, mostCharacters } from './decode.ts';
import { type Kptfile, kptfileApiVersion, kptfileKind } from './kptfile.ts';
import { kptfileShape } from './shape.ts';

/** A Kptfile's document, to be edited. */
export interface ParsedKptfile {
  readonly object: KrmObject;
  /** The file's documents; the Kptfile's is among them. */
  readonly documents: readonly ResourceDocument[];
}

/** A Kptfile's document and its content. */
export interface ReadKptfile extends ParsedKptfile {
  readonly content: Kptfile;
}

/**
 * Reads a Kptfile strictly.
 *
 * @throws PackageError naming the file and, where there is one, the line and the field
 */
export function readKptfile(path: string, text: string): ReadKptfile {
  const parsed = parseKptfile(path, text);
  return { ...parsed, content: decodeKptfile(path, parsed.object, parsed.documents) };
}

/**
 * The content of a Kptfile that is written as most are, in a small part of the time; undefined where `readKptfile` has to be asked, which
 * also says what is wrong with one. The status of the last rendering is not in it.
 */
export function readUsualKptfile(text: string): Kptfile | undefined {
  if (text.length > mostCharacters) return undefined;
  const data = plainTextData(text);
  if (data?.['apiVersion'] !== kptfileApiVersion || data['kind'] !== kptfileKind) return undefined;
  return decodePlainData(data, kptfileShape) as Kptfile | undefined;
}

/**
 * Parses a Kptfile; what it says is not looked at.
 *
 * @throws PackageError where it is no YAML or has not exactly one document
 */
export function parseKptfile(path: string, text: string): ParsedKptfile {
  const documents = parseDocuments(path, text);
  const filled = documents.filter((document) => !document.isEmpty);
  const [document] = filled;
  if (document === undefined) throw unreadable(path, 'the file is empty');
  if (filled.length > 1) throw unreadable(path, `the file holds ${filled.length} documents where one is expected`);
  const object = new KrmObject(document, path, documents.indexOf(document));
  return { object, documents };
}

/**
 * The content of a Kptfile that has been parsed, or changed since.
 *
 * @throws PackageError where it is no Kptfile, or has a field that none may have
 */
export function decodeKptfile(path: string, object: KrmObject, documents: readonly ResourceDocument[]): Kptfile {
  checkType(path, object);
  const document = object.source;
  try {
    return decodeDocument(document.document, kptfileShape) as Kptfile;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const line =
      (document.origin?.text.slice(0, error.offset).split('\n').length ?? 1) + linesBefore(documents, document);
    throw unreadable(path, `yaml: line ${line}: ${error.message}`, error);
  }
}

function parseDocuments(path: string, text: string): ResourceDocument[] {
  try {
    return parseResources(path, text);
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw unreadable(path, error.message, error);
    throw error;
  }
}

function checkType(path: string, object: KrmObject): void {
  const { apiVersion, kind, group, version } = object;
  if (object.root === undefined) throw unreadable(path, 'the file holds no mapping');
  if (group === 'kpt.dev' && kind === kptfileKind && /^v1alpha[12]$/.test(version)) {
    throw new PackageError(
      `Kptfile at ${JSON.stringify(path)} has an old version (${JSON.stringify(version)}) of the Kptfile schema; ` +
        `bring it to ${kptfileApiVersion} with "kpt fn eval --image fix"`,
      path,
    );
  }
  if (apiVersion !== kptfileApiVersion || kind !== kptfileKind) {
    throw new PackageError(
      `Kptfile at ${JSON.stringify(path)} has an unknown resource type (${JSON.stringify(`${apiVersion}, Kind=${kind}`)}); ` +
        `apiVersion must be ${kptfileApiVersion} and kind ${kptfileKind}`,
      path,
    );
  }
}

function unreadable(path: string, details: string, cause?: unknown): PackageError {
  return new PackageError(`Kptfile at ${JSON.stringify(path)} can't be read.\n\nDetails:\n${details}`, path, { cause });
}

function linesBefore(documents: readonly ResourceDocument[], document: ResourceDocument): number {
  const before = documents.slice(0, documents.indexOf(document));
  return before.reduce((lines, { origin }) => lines + (origin?.raw.split('\n').length ?? 1) - 1, 0);
}
