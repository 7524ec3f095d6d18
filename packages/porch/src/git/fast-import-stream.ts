/**
 * Commits in the language of `git fast-import`.
 */

import { withOctalBytes } from './byte-path.ts';
import { gitError } from './errors.ts';
import { isObjectId } from './reference-name.ts';
import type { DirectoryChange, NewCommit, Signature } from './types.ts';

const CHUNK_BYTES = 64 << 10;
const FILE_MODES = new Set(['100644', '100755', '120000', '160000']);

/**
 * Pieces of the stream that writes the commits, which `checkCommits` has let pass, below a reference of its own, asks for their ids, and
 * leaves no reference behind.
 */
export function* fastImportStream(commits: readonly NewCommit[], reference: string): Generator<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  for (const part of parts(commits, reference)) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    pending.push(bytes);
    size += bytes.length;
    if (size < CHUNK_BYTES) continue;
    yield Buffer.concat(pending);
    pending = [];
    size = 0;
  }
  yield Buffer.concat(pending);
}

/**
 * Checks what git would refuse, or take for something else, before a process is started.
 * @throws GitError Other when a path, mode or parent cannot be
 */
export function checkCommits(commits: readonly NewCommit[]): void {
  for (const [index, commit] of commits.entries()) {
    for (const parent of commit.parents) {
      const valid = typeof parent === 'string' ? isObjectId(parent) : parent.index >= 0 && parent.index < index;
      if (!valid) throw gitError('Other', `commit ${index} has the impossible parent ${JSON.stringify(parent)}`);
    }
    for (const change of commit.changes) checkChange(change);
  }
}

function* parts(commits: readonly NewCommit[], reference: string): Generator<string | Buffer> {
  for (const [index, commit] of commits.entries()) {
    const [first, ...others] = commit.parents.map((parent) =>
      typeof parent === 'string' ? parent : `:${parent.index + 1}`,
    );
    if (first === undefined) yield `reset ${reference}\n`;
    yield `commit ${reference}\nmark :${index + 1}\n`;
    yield `author ${signature(commit.author)}\ncommitter ${signature(commit.committer)}\n`;
    yield* data(Buffer.from(commit.message.replaceAll('\0', '')));
    if (first !== undefined) yield `from ${first}\n`;
    for (const other of others) yield `merge ${other}\n`;
    for (const change of commit.changes) yield* directory(change);
    yield '\n';
  }
  for (const index of commits.keys()) yield `get-mark :${index + 1}\n`;
  yield `reset ${reference}\n\ndone\n`;
}

function* directory(change: DirectoryChange): Generator<string | Buffer> {
  yield change.path === '' ? 'deleteall\n' : `D ${quote(change.path)}\n`;
  if (change.content === null) return;
  if ('tree' in change.content) {
    yield `M 040000 ${change.content.tree} ${quote(change.path)}\n`;
    return;
  }
  const prefix = change.path === '' ? '' : `${change.path}/`;
  for (const file of change.content.files) {
    const path = quote(prefix + file.path);
    if (file.mode === '160000') {
      yield `M ${file.mode} ${file.bytes.toString('latin1')} ${path}\n`;
    } else {
      yield `M ${file.mode} inline ${path}\n`;
      yield* data(file.bytes);
    }
  }
}

function* data(bytes: Buffer): Generator<string | Buffer> {
  yield `data ${bytes.length}\n`;
  yield bytes;
  yield '\n';
}

function quote(path: string): string {
  return `"${withOctalBytes(path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n'))}"`;
}

function signature(who: Signature): string {
  const clean = (text: string) => text.replace(/[<>\u0000-\u001f]/g, '').trim();
  const name = clean(who.name);
  return `${name === '' ? '' : `${name} `}<${clean(who.email)}> ${Math.floor(who.time.getTime() / 1000)} +0000`;
}

function checkChange(change: DirectoryChange): void {
  if (change.path !== '') checkPath(change.path);
  if (change.content === null) return;
  if ('tree' in change.content) {
    if (isObjectId(change.content.tree)) return;
    throw gitError('Other', `${JSON.stringify(change.content.tree)} is not the id of a tree`);
  }
  const seen = new Set<string>();
  for (const file of change.content.files) {
    checkPath(file.path);
    if (seen.has(file.path)) throw gitError('Other', `the file ${JSON.stringify(file.path)} is there twice`);
    seen.add(file.path);
    if (!FILE_MODES.has(file.mode))
      throw gitError('Other', `the file ${JSON.stringify(file.path)} has mode ${file.mode}`);
    if (file.mode === '160000' && !isObjectId(file.bytes.toString('latin1')))
      throw gitError('Other', `the submodule ${JSON.stringify(file.path)} stands at no commit`);
  }
}

function checkPath(path: string): void {
  const wrong = path.split('/').some((part) => part === '' || part === '.' || part === '..' || /^\.git$/i.test(part));
  if (wrong || path.includes('\0')) throw gitError('Other', `${JSON.stringify(path)} is not a path that Git can store`);
}
