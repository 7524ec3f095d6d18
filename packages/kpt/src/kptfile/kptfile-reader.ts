import { PackageError } from '../pipeline/job.ts';
import { keepAliases } from '../yaml/keep-aliases.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { printFile } from '../yaml/resource-file.ts';
import { decodeKptfile, type ParsedKptfile, parseKptfile, type ReadKptfile } from './read-kptfile.ts';

/**
 * Reads and edits Kptfiles for one job. A text that the last call has read or made is not parsed again, so that the steps of a job
 * parse a Kptfile once.
 */
export class KptfileReader {
  #text: string | undefined;
  #parsed: ParsedKptfile | undefined;

  /**
   * Reads a Kptfile strictly. The answer is shared with later calls: it must not be changed.
   *
   * @throws PackageError naming the file and, where there is one, the line and the field
   */
  read(path: string, text: string): ReadKptfile {
    const read = this.take(path, text);
    this.keep(text, read);
    return read;
  }

  /**
   * Reads a Kptfile for one that changes it, who then has it alone.
   *
   * @throws PackageError as `read` does
   */
  take(path: string, text: string): ReadKptfile {
    const known = text === this.#text ? this.#parsed : undefined;
    this.#text = undefined;
    this.#parsed = undefined;
    const { object, documents } = known ?? parseKptfile(path, text);
    return { object, documents, content: decodeKptfile(path, object, documents) };
  }

  /** Remembers what was read from, or printed as, a text. Nobody may change it after that. */
  keep(text: string, { object, documents }: ParsedKptfile): void {
    this.#text = text;
    this.#parsed = { object, documents };
  }

  /**
   * Lets `change` edit a Kptfile in place, and prints it; comments, order and formatting of the rest stay. Aliases whose anchor goes
   * are written out.
   *
   * @throws PackageError where the Kptfile cannot be read, or aliases stand for too much to be written out
   */
  edit(path: string, text: string, change: (kptfile: KrmObject) => void): string {
    const read = this.take(path, text);
    const restoreAliases = keepAliases(read.documents);
    change(read.object);
    try {
      restoreAliases();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new PackageError(`Kptfile at ${JSON.stringify(path)} cannot be changed: ${why}`, path, { cause: error });
    }
    const printed = printFile(path, read.documents, { newDocumentIndent: 'wide' });
    this.keep(printed, read);
    return printed;
  }
}
