import type { ContentBlob, Store } from '@porch/apiserver';
import { LRUCache } from 'lru-cache';
import { gitError } from '../git/errors.ts';
import { type PackageContent, textsExceed, treeContent } from './content.ts';
import { decodeContent, encodeContent } from './content-encoding.ts';
import type { GitRepositories } from './git-repositories.ts';
import { inOwnMemory } from './own-memory.ts';

/**
 * Bytes of the texts of a package in Git, in JSON: it is put together and sent in one piece, which holds up everything for as long as that
 * takes, and in Git a few kilobytes may stand for any size.
 */
const mostTextBytes = 64 << 20;

const treePrefix = 'tree:';

/** The reference under which content that is only in Git is found. */
export function treeReference(tree: string): string {
  return `${treePrefix}${tree}`;
}

/** The tree a reference names, or undefined when the content is in the store. */
export function treeOfReference(reference: string): string | undefined {
  return reference.startsWith(treePrefix) ? reference.slice(treePrefix.length) : undefined;
}

/** Content of packages: what this server wrote is in the store under its digest, what was discovered is in Git by tree. */
export class ContentStore {
  readonly #store: Store;
  readonly #repositories: GitRepositories;
  readonly #mostTextBytes: number;
  readonly #recent: LRUCache<string, PackageContent>;

  /** `mostWritten`: bytes that a client may write at once, which can always be read. */
  constructor(store: Store, repositories: GitRepositories, cacheBytes: number, mostWritten = 0) {
    this.#store = store;
    this.#repositories = repositories;
    this.#mostTextBytes = Math.max(mostTextBytes, mostWritten);
    this.#recent = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: (content) => content.reduce((sum, file) => sum + file.bytes.length + file.path.length + 100, 1),
    });
  }

  /**
   * @throws Error when the store has lost the content; GitError when it must be fetched and cannot be, and TooLarge
   */
  async read(namespace: string, repository: string, reference: string, signal?: AbortSignal): Promise<PackageContent> {
    const tree = treeOfReference(reference);
    const cacheKey = tree === undefined ? reference : `${namespace}/${repository}/${reference}`;
    const recent = this.#recent.get(cacheKey);
    if (recent !== undefined) return recent;
    const content =
      tree === undefined ? await this.#fromStore(reference) : await this.#fromGit(namespace, repository, tree, signal);
    return this.#keep(cacheKey, content);
  }

  /** Prepares content for a write set. */
  async prepare(content: PackageContent): Promise<ContentBlob> {
    const blob = await encodeContent(content);
    this.#keep(blob.digest, content);
    return blob;
  }

  #keep(cacheKey: string, content: PackageContent): PackageContent {
    const kept = inOwnMemory(content);
    this.#recent.set(cacheKey, kept);
    return kept;
  }

  async #fromStore(digest: string): Promise<PackageContent> {
    const bytes = await this.#store.content(digest);
    if (bytes === undefined) throw new Error(`the store has no content ${digest}`);
    return decodeContent(bytes);
  }

  async #fromGit(namespace: string, repository: string, tree: string, signal?: AbortSignal): Promise<PackageContent> {
    const git = await this.#repositories.open(namespace, repository);
    if (!(await git.mirror.has(tree))) {
      await git.mirror.fetch(await git.access(), signal === undefined ? {} : { signal });
    }
    const content = await treeContent(git.mirror, tree);
    if (!textsExceed(content, this.#mostTextBytes)) return content;
    throw gitError(
      'TooLarge',
      `its texts have more than ${this.#mostTextBytes} bytes together, as clients get them in JSON`,
    );
  }
}
