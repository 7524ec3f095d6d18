import { plainGit } from './git-command.ts';

/** A commit as plain git shows it. */
export interface RemoteCommit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly tree: string;
  /** The whole message, as it was written. */
  readonly message: string;
  /** `Name <address>`. */
  readonly author: string;
  readonly committer: string;
}

/** Files by path; null removes one. A file with a mode may be executable or a symbolic link. */
export type Files = Readonly<
  Record<string, string | null | { readonly mode: '100755' | '120000'; readonly text: string }>
>;

/** A bare repository as somebody sees it who knows nothing of the server. */
export class Remote {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  git(...args: string[]): Promise<string> {
    return plainGit(this.directory, args);
  }

  /** All references: id by name, without `refs/`. */
  async refs(): Promise<Record<string, string>> {
    const text = await this.git('for-each-ref', '--format=%(refname) %(objectname)');
    return Object.fromEntries(
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [ref = '', id = ''] = line.split(' ');
          return [ref.replace(/^refs\//, ''), id];
        }),
    );
  }

  /** The id behind a name, or undefined. */
  async id(revision: string): Promise<string | undefined> {
    return (await this.refs())[revision];
  }

  async commit(revision: string): Promise<RemoteCommit> {
    const format = ['%H', '%P', '%T', '%an <%ae>', '%cn <%ce>', '%B'].join('%x00');
    const text = await this.git('show', '-s', `--format=${format}`, revision);
    const [id = '', parents = '', tree = '', author = '', committer = '', message = ''] = text.split('\0');
    return { id, parents: parents.split(' ').filter((parent) => parent !== ''), tree, author, committer, message };
  }

  /** Text of the files below a path of a commit. */
  async files(revision: string, path = ''): Promise<Record<string, string>> {
    const place = path === '' ? revision : `${revision}:${path}`;
    const names = (await this.git('ls-tree', '-r', '--name-only', '--full-tree', place)).split('\n');
    const files: Record<string, string> = {};
    for (const name of names.filter((line) => line !== '')) {
      files[name] = await plainGit(this.directory, ['show', `${revision}:${path === '' ? name : `${path}/${name}`}`]);
    }
    return files;
  }

  /** Id of the tree at a path of a commit. */
  tree(revision: string, path: string): Promise<string> {
    return this.git('rev-parse', `${revision}:${path}`);
  }

  /**
   * Somebody else's commit on a branch, which begins at `from` where it is new, and the tags that go to it. Gives its id.
   */
  async push(branch: string, files: Files, options: { from?: string; tags?: readonly string[] } = {}): Promise<string> {
    const ref = `refs/heads/${branch}`;
    const parent = options.from ?? ((await this.id(`heads/${branch}`)) === undefined ? undefined : ref);
    const lines: string[] = [`commit ${ref}`, 'committer Somebody Else <somebody@example.com> now', data('By hand\n')];
    if (parent !== undefined) lines.push(`from ${await this.git('rev-parse', `${parent}^{commit}`)}`);
    for (const [path, file] of Object.entries(files)) lines.push(fileCommand(path, file));
    lines.push('');
    await plainGit(this.directory, ['fast-import', '--quiet', '--date-format=now'], { input: lines.join('\n') });
    const id = await this.git('rev-parse', ref);
    for (const tag of options.tags ?? []) await this.git('update-ref', `refs/tags/${tag}`, id);
    return id;
  }
}

function fileCommand(path: string, file: Files[string]): string {
  if (file === null || file === undefined) return `D ${path}`;
  const { mode, text } = typeof file === 'string' ? { mode: '100644', text: file } : file;
  return `M ${mode} inline ${path}\n${data(text)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
