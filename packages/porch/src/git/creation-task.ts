import Value from 'typebox/value';
import { type Task, taskSchema } from '../resources/package-revision.ts';
import type { CommitIndex } from './commit-index.ts';
import type { ObjectId } from './types.ts';

const creating = new Set(['init', 'clone', 'edit', 'upgrade']);

/** More annotations of one package and workspace than any history has a reason for. */
const maxCandidates = 100;

/**
 * A task of an annotation, when it says how a revision came to be and is what the API knows as a task; what else stands in it
 * is left out. An `edit` that names no source says nothing: some writers put it on every commit.
 */
export function creationTask(task: Task | undefined): Task | undefined {
  if (task === undefined || !creating.has(task.type)) return undefined;
  const cleaned = Value.Clean(taskSchema, structuredClone(task));
  if (!Value.Check(taskSchema, cleaned)) return undefined;
  const only: Task = { type: cleaned.type };
  if (cleaned.type === 'init') only.init = cleaned.init ?? {};
  if (cleaned.type === 'clone') only.clone = cleaned.clone ?? {};
  if (cleaned.type === 'edit') only.edit = cleaned.edit ?? {};
  if (cleaned.type === 'upgrade') only.upgrade = cleaned.upgrade ?? {};
  return cleaned.type === 'edit' && !cleaned.edit?.sourceRef?.name ? undefined : only;
}

/**
 * How the revision at a commit came to be. Annotations of its package and workspace among its ancestors are read from new to old:
 * the oldest task counts, but nothing beyond an init or a clone, nor beyond an approval, which ended an earlier life of the
 * workspace.
 */
export function recoverTasks(commits: CommitIndex, path: string, workspaceName: string, commit: ObjectId): Task[] {
  let found: Task | undefined;
  const candidates = commits
    .marks(path)
    .filter((mark) => mark.workspaceName === workspaceName)
    .filter((mark) => mark.task !== undefined || (mark.approval && mark.commit !== commit));
  for (const mark of candidates.slice(0, maxCandidates)) {
    if (!commits.isAncestor(mark.commit, commit)) continue;
    if (mark.task === undefined) break;
    found = mark.task;
    if (found.type === 'init' || found.type === 'clone') break;
  }
  return found === undefined ? [] : [found];
}
