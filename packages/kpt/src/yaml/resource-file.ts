import { PackageError } from '../pipeline/job.ts';
import type { SequenceIndent } from './layout.ts';
import { syntaxReason } from './parse-text.ts';
import { printDocument, printEndedDocument } from './print-document.ts';
import { printJson } from './print-json.ts';
import { ResourceDocument } from './resource-document.ts';
import { findStructureProblem } from './structure-problem.ts';

/** The text of one document of a file and where it starts. */
interface DocumentText {
  readonly raw: string;
  /** The line of the file that the text starts at, from 1. */
  readonly line: number;
}

/** A file that is not YAML (or JSON). Lines count from the start of the file. */
export class YamlSyntaxError extends Error {
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, reason: string) {
    super(`yaml: line ${line}: ${reason}`);
    this.name = 'YamlSyntaxError';
    this.path = path;
    this.line = line;
  }
}

/**
 * The documents of a YAML or JSON file, in order; those without content (comments only) are among them.
 *
 * @throws YamlSyntaxError naming the first thing that is wrong
 */
export function parseResources(path: string, text: string): ResourceDocument[] {
  return splitDocuments(text).map(({ raw, line }, index) => {
    const resource = ResourceDocument.parse(raw, index === 0);
    const fail = (offset: number, reason: string): never => {
      const linesBefore = (resource.origin?.text.slice(0, offset).split('\n').length ?? 1) - 1;
      throw new YamlSyntaxError(path, line + linesBefore, reason);
    };
    const [error] = resource.errors;
    if (error !== undefined) fail(error.pos[0], syntaxReason(error));
    const problem = findStructureProblem(resource.document.contents);
    if (problem !== undefined) fail(problem.offset, problem.reason);
    return resource;
  });
}

/** Cuts a file where its `---` lines are; each text keeps its own such line. The texts joined are the file. */
function splitDocuments(text: string): DocumentText[] {
  const starts = [0];
  for (const match of text.matchAll(/(?<![^\n])---(?=[ \t\r\n]|$)/g)) {
    const before = text.slice(starts.at(-1), match.index);
    // Directives and byte order marks belong to the document after the marker.
    const onlyDirectives = /^\ufeff?(?:[%#][^\n]*\n|[^\S\n]*\n)*$/.test(before) && /^\ufeff?%/m.test(before);
    if (match.index > 0 && !onlyDirectives && before !== '\ufeff') starts.push(match.index);
  }
  let line = 1;
  return starts.map((start, index) => {
    const raw = text.slice(start, starts[index + 1]);
    const result = { raw, line };
    line += raw.split('\n').length - 1;
    return result;
  });
}

function printJsonFile(path: string, document: ResourceDocument, before?: readonly ResourceDocument[]): string {
  try {
    return printJson(
      document,
      before?.some(({ origin }) => origin === document.origin),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PackageError(`file ${JSON.stringify(path)}: ${reason}`, path, { cause: error });
  }
}

/** How a file is printed. */
export interface PrintFileOptions {
  /** How sequences of documents that show no style of their own are indented. */
  readonly newDocumentIndent?: SequenceIndent;
  /** The documents that the file held; a document of another file becomes JSON in a JSON file. All are its own unless given. */
  readonly before?: readonly ResourceDocument[] | undefined;
}

/**
 * The text of a file made of these documents. Unchanged documents are printed byte by byte.
 *
 * @throws PackageError for a JSON file that has been changed and cannot be written
 */
export function printFile(
  path: string,
  documents: readonly ResourceDocument[],
  options: PrintFileOptions = {},
): string {
  const [only] = documents;
  if (path.endsWith('.json') && documents.length === 1 && only !== undefined)
    return printJsonFile(path, only, options.before);
  const pieces: string[] = [];
  for (const [index, document] of documents.entries()) {
    const print = index < documents.length - 1 ? printEndedDocument : printDocument;
    let printed = print(document, options.newDocumentIndent);
    const previous = pieces.at(-1);
    if (previous === undefined) {
      if (document.origin?.isFirst === false) printed = printed.replace(/^---[ \t]*\r?\n/, '');
    } else {
      // A byte order mark belongs to the beginning of a file.
      printed = printed.replace(/^\ufeff/, '');
      const lineEnd = previous.endsWith('\r\n') ? '\r\n' : '\n';
      const isMarked = /^---(?=[ \t\r\n]|$)/.test(printed);
      // What is before directives must have been ended.
      const marker = /^%/.test(printed) ? '...' : '---';
      if (!isMarked && pieces.some((piece) => piece !== '')) pieces.push(`${marker}${lineEnd}`);
    }
    pieces.push(printed);
  }
  return pieces.join('');
}
