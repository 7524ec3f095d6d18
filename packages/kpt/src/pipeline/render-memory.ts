import { createHash } from 'node:crypto';
import { isResourceFile } from '../package/discover.ts';
import type { PackageFiles } from '../package/files.ts';
import { baseName } from '../package/package-paths.ts';
import { ReuseCache } from '../runtimes/reuse-cache.ts';
import type { RenderOptions } from './job.ts';
import type { RenderedPackage } from './render-package.ts';

/** What rendering made of a package. */
interface Remembered {
  /** Files that it changed or made; undefined for those that it removed. */
  readonly changes: ReadonlyMap<string, string | undefined>;
  readonly outcome: Omit<RenderedPackage, 'files'>;
}

/**
 * Remembers what rendering made of packages, up to a total size, so that equal ones need not be rendered again. What is equal is told
 * by the content of all files that rendering reads, by the options, and by the functions of this program. Renders without functions
 * are not kept, nor those with a function whose next answer might be another one.
 */
export class RenderMemory {
  readonly #cache: ReuseCache<Remembered>;

  constructor(mostBytes: number) {
    this.#cache = new ReuseCache(mostBytes);
  }

  /** What `render` gave for an equal package, or gives now; and which of both. */
  async recall(
    files: PackageFiles,
    options: RenderOptions,
    render: () => Promise<RenderedPackage>,
  ): Promise<{ readonly rendered: RenderedPackage; readonly isReused: boolean }> {
    const key = keyOf(files, options);
    const known = this.#cache.get(key);
    if (known !== undefined)
      return { rendered: { ...known.outcome, files: apply(files, known.changes) }, isReused: true };
    const rendered = await render();
    if (rendered.isRepeatable && rendered.result.items !== undefined) this.#keep(key, files, rendered);
    return { rendered, isReused: false };
  }

  #keep(key: string, before: PackageFiles, { files, ...outcome }: RenderedPackage): void {
    const changed = [...files].filter(([path, text]) => before.get(path) !== text);
    const removed = [...before.keys()].filter((path) => !files.has(path)).map((path) => [path, undefined] as const);
    const changes = new Map([...changed, ...removed]);
    const texts = [...changes].reduce((sum, [path, text = '']) => sum + path.length + text.length, 0);
    this.#cache.set(key, { changes, outcome }, 2 * (texts + key.length + JSON.stringify(outcome).length));
  }
}

function apply(files: PackageFiles, changes: Remembered['changes']): PackageFiles {
  const result = new Map(files);
  for (const [path, text] of changes) {
    if (text === undefined) result.delete(path);
    else result.set(path, text);
  }
  return result;
}

function keyOf(files: PackageFiles, options: RenderOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const path of [...files.keys()].sort()) {
    const text = isRead(path) ? (files.get(path) ?? '') : '';
    hash.update(`\0${path}\0${text.length}\0`).update(text);
  }
  return hash.digest('base64');
}

/** Of other files rendering knows no more than that they are there; where a function has read one, the render is not kept. */
function isRead(path: string): boolean {
  return isResourceFile(path) || baseName(path) === '.krmignore';
}
