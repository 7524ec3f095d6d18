/**
 * What commits say of the package revisions they belong to: a line `kpt:` with JSON in the commit's message.
 */
import { systemAuthenticated, type UserInfo } from '@porch/apiserver';
import type { Task } from '../resources/package-revision.ts';
import type { Writable } from './writable.ts';

/** What one annotation says. */
export interface CommitAnnotation {
  /** Full path of the package. */
  readonly path: string;
  /** Absent in commits of early versions, which kept it in `revision`. */
  readonly workspaceName?: string;
  /** As written: "0" for drafts, a number for approvals. */
  readonly revision?: string;
  readonly task?: Task;
}

/** The person that a commit names. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** Who commits, whoever the author is. */
export const committer: Person = { name: 'Package Orchestration Service', email: 'porch@kpt.dev' };

/** Who is named as author: the one the Repository asks for, else the user, else the server itself. */
export function commitAuthor(
  git: { readonly author?: string | undefined; readonly email?: string | undefined } | undefined,
  user: UserInfo | undefined,
): Person {
  const { author = '', email = '' } = git ?? {};
  if (author !== '' || email !== '') return clean({ name: author === '' ? email : author, email });
  if (user?.groups.includes(systemAuthenticated)) return clean({ name: user.name, email: user.name });
  return committer;
}

/** Git has no way to write these characters in a name or an address. */
function clean(person: Person): Person {
  const allowed = (text: string): string => text.replace(/[\u0000-\u001f\u007f<>]/g, '').trim();
  return { name: allowed(person.name), email: allowed(person.email) };
}

const subjects: Readonly<Record<string, string>> = {
  init: 'Creating new empty revision',
  clone: 'Creating new revision by cloning',
  edit: 'Creating new revision by copying previous revision',
  upgrade: 'Upgrading revision',
  render: 'Rendering package',
};

/** Message of a commit on the branch of a draft. */
export function draftCommitMessage(commit: {
  readonly path: string;
  readonly workspaceName: string;
  readonly task?: Task | undefined;
}): string {
  const { task } = commit;
  const other = task === undefined || task.type === '' ? 'Intermediate commit' : `Intermediate commit: ${task.type}`;
  const known = task !== undefined && Object.hasOwn(subjects, task.type) ? subjects[task.type] : undefined;
  return `${known ?? other}\n\n\n${annotationLine({ ...commit, revision: 0 })}\n`;
}

/** Message of the commit that publishes a revision. */
export function approvalCommitMessage(commit: {
  readonly path: string;
  readonly workspaceName: string;
  readonly revision: number;
}): string {
  return `Approving package revision ${commit.path}/${commit.revision}\n\n${annotationLine(commit)}\n`;
}

/** Message of the commit that removes a package from the branch. */
export function removalCommitMessage(path: string): string {
  return `Delete ${path}`;
}

function annotationLine(commit: {
  readonly path: string;
  readonly workspaceName: string;
  readonly revision: number;
  readonly task?: Task | undefined;
}): string {
  const { path, workspaceName, revision, task } = commit;
  const annotation = {
    package: path,
    workspaceName,
    revision: String(revision),
    ...(task === undefined ? {} : { task }),
  };
  return `${mark}${JSON.stringify(annotation)}`;
}

const mark = 'kpt:';

/** Annotations of one commit that are read, and characters that they may have together: many times what is written. */
const mostAnnotations = 100;
const mostCharacters = 16 * 1024;

/** The annotations of a message, in order. Lines that are not what they should be, and what is beyond the bounds, count as not there. */
export function readAnnotations(message: string): readonly CommitAnnotation[] {
  const annotations: CommitAnnotation[] = [];
  for (const json of textsOf(message)) {
    const annotation = parse(json);
    if (annotation !== undefined) annotations.push(annotation);
  }
  return annotations;
}

/** What stands behind the mark in lines that begin with it, blanks aside. */
function textsOf(message: string): readonly string[] {
  const texts: string[] = [];
  let characters = 0;
  let next = 0;
  for (let at = message.indexOf(mark); at >= 0 && texts.length < mostAnnotations; at = message.indexOf(mark, next)) {
    const newline = message.indexOf('\n', at);
    next = newline < 0 ? message.length : newline;
    if (!isBlank(message, message.lastIndexOf('\n', at) + 1, at) || characters + next - at > mostCharacters) continue;
    characters += next - at;
    texts.push(message.slice(at + mark.length, next).trim());
  }
  return texts;
}

function isBlank(text: string, from: number, to: number): boolean {
  return from === to || text.slice(from, to).trim() === '';
}

function parse(json: string): CommitAnnotation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined; // anybody may write anything into a commit; the message is no less valid for it
  }
  if (!isRecord(value) || typeof value.package !== 'string') return undefined;
  const { workspaceName, revision, task } = value;
  const annotation: Writable<CommitAnnotation> = { path: value.package };
  if (typeof workspaceName === 'string' && workspaceName !== '') annotation.workspaceName = workspaceName;
  if (typeof revision === 'string' || typeof revision === 'number') annotation.revision = String(revision);
  if (isRecord(task) && typeof task.type === 'string') annotation.task = task as unknown as Task;
  return annotation;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The workspace that an annotation is about; early commits have it in `revision`. */
export function workspaceOf(annotation: CommitAnnotation): string | undefined {
  return annotation.workspaceName ?? annotation.revision;
}
