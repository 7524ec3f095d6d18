import type { Task } from '../resources/package-revision.ts';
import { type CommitAnnotation, workspaceOf } from './annotation.ts';
import { creationTask } from './creation-task.ts';
import type { CommitInfo, ObjectId } from './types.ts';
import type { Writable } from './writable.ts';

/** What a mark takes apart from its texts. */
const MARK_SIZE = 200;
/** What a parent takes: its id, and its place in the index. */
const PARENT_SIZE = 64;
/** Parents that commits of nearly all histories have at most. */
const USUAL_PARENTS = 2;

/** What an annotation of a commit says of one package. */
export interface MarkFact {
  readonly path: string;
  readonly workspaceName?: string;
  /** How the revision came to be, when this commit says so. */
  readonly task?: Task;
  /** It published a revision, and thereby ended the work in its workspace. */
  readonly approval?: true;
}

/** What matters of a commit to discovery. Plain data, kept as JSON. */
export interface CommitFacts {
  readonly id: ObjectId;
  readonly parents: readonly ObjectId[];
  /** Milliseconds since the epoch. */
  readonly committed: number;
  readonly marks: readonly MarkFact[];
  /** Address and time, in milliseconds since the epoch, of the author; only where there are marks. */
  readonly author?: readonly [email: string, time: number];
}

/** How much of memory facts take, roughly in characters; commits as histories are made of, without marks and with few parents, count nothing. */
export function sizeOf({ parents, marks, author }: CommitFacts): number {
  let size = Math.max(0, parents.length - USUAL_PARENTS) * PARENT_SIZE + (author === undefined ? 0 : author[0].length);
  for (const { path, workspaceName = '', task } of marks) {
    size += MARK_SIZE + path.length + workspaceName.length + (task === undefined ? 0 : JSON.stringify(task).length);
  }
  return size;
}

/** The facts without what their size counts: neither marks nor parents beyond the usual ones. */
export function withoutExtras({ id, parents, committed }: CommitFacts): CommitFacts {
  return { id, parents: parents.slice(0, USUAL_PARENTS), committed, marks: [] };
}

/** Takes from a commit, and the annotations of its message, what matters. */
export function factsOf(commit: CommitInfo, annotations: readonly CommitAnnotation[]): CommitFacts {
  const { id, committed, author } = commit;
  const parents = commit.parents.length < 2 ? commit.parents : [...new Set(commit.parents)];
  if (annotations.length === 0) return { id, parents, committed, marks: [] };
  return { id, parents, committed, marks: annotations.map(markOf), author: [author.email, author.time] };
}

function markOf(annotation: CommitAnnotation): MarkFact {
  const { path } = annotation;
  const workspaceName = workspaceOf(annotation);
  const mark: Writable<MarkFact> = workspaceName === undefined ? { path } : { path, workspaceName };
  if (annotation.task !== undefined) {
    const task = creationTask(annotation.task);
    if (task !== undefined) mark.task = task;
  } else if (annotation.workspaceName !== undefined && Number(annotation.revision) > 0) {
    mark.approval = true;
  }
  return mark;
}
