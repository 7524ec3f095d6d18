import { readFile } from 'node:fs/promises';
import { imageParts } from '../function-rule.ts';

/** What stands for an image: a program with its arguments, or a module. */
export interface ImageEntry {
  readonly image: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** A table of images cannot be used. Names the file and the line. */
export class ImageTableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageTableError';
  }
}

/**
 * Reads a table of images: on each line an image, an absolute path and arguments, with spaces between them; what follows a `#` is a
 * comment. An image without a registry stands for that of any registry, one without a tag for any tag.
 *
 * @param kind - what stands for the images; modules take no arguments
 * @throws ImageTableError
 */
export async function readImageTable(
  path: string,
  kind: 'programs' | 'modules' = 'programs',
): Promise<readonly ImageEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageTableError(`table of images ${path} cannot be read: ${reason}`, { cause: error });
  }
  return text.split('\n').flatMap((line, index) => {
    const [image, file, ...args] = line
      .replace(/(^|\s)#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    if (image === undefined) return [];
    const wrong = (reason: string) => new ImageTableError(`table of images ${path}, line ${index + 1}: ${reason}`);
    if (!file?.startsWith('/')) throw wrong('give an image and an absolute path');
    if (!isImage(image)) throw wrong(`${image} is no image: give NAME, NAME:TAG or REGISTRY/PATH/NAME:TAG`);
    if (kind === 'modules' && args.length > 0) throw wrong('a module takes no arguments');
    return [{ image, file, args }];
  });
}

/** Whether there can be an image of this name; an entry for another would stand for nothing. */
function isImage(text: string): boolean {
  const { name, tag, digest } = imageParts(text);
  return name !== '' && tag !== '' && digest !== '';
}

/** The first entry of a table that stands for an image. */
export function findImage(table: readonly ImageEntry[], image: string): ImageEntry | undefined {
  const wanted = imageParts(image);
  return table.find((entry) => {
    const { repository, name, tag, digest } = imageParts(entry.image);
    return (
      name === wanted.name &&
      (repository === '' || repository === wanted.repository) &&
      (tag === undefined || tag === wanted.tag) &&
      (digest === undefined || digest === wanted.digest)
    );
  });
}
