import type { Task } from '../resources/package-revision.ts';
import { readAnnotations, workspaceOf } from './annotation.ts';
import { mayCreate } from './creation-task.ts';
import type { CommitInfo, ObjectId } from './types.ts';

/** What an annotation of a commit says of one package. */
export interface MarkFact {
  readonly path: string;
  readonly workspaceName?: string;
  /** How the revision came to be, when this commit says so; as it was written. */
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

/** Takes from a commit what matters. */
export function factsOf(commit: CommitInfo): CommitFacts {
  const marks = readAnnotations(commit.message).map((annotation): MarkFact => {
    const workspaceName = workspaceOf(annotation);
    const approval =
      annotation.task === undefined && annotation.workspaceName !== undefined && Number(annotation.revision) > 0;
    return {
      path: annotation.path,
      ...(workspaceName === undefined ? {} : { workspaceName }),
      ...(annotation.task !== undefined && mayCreate(annotation.task) ? { task: annotation.task } : {}),
      ...(approval ? { approval } : {}),
    };
  });
  const { id, parents, committer, author } = commit;
  return {
    id,
    parents,
    committed: committer.time.getTime(),
    marks,
    ...(marks.length === 0 ? {} : { author: [author.email, author.time.getTime()] as const }),
  };
}
