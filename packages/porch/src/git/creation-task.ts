import { Compile } from 'typebox/compile';
import { type Task, taskSchema } from '../resources/package-revision.ts';
import type { CommitIndex, PackageMark } from './commit-index.ts';
import type { ObjectId } from './types.ts';

const creating = ['init', 'clone', 'edit', 'upgrade'] as const;
const validator = Compile(taskSchema);

/** More annotations of one package and workspace than any history has a reason for. */
const maxCandidates = 100;
/** For further ones the history is looked through once, and not for each of them as far as needed: mostly one of the first says it. */
const fewCandidates = 3;

/**
 * A task of an annotation, when it says how a revision came to be and is what the API knows as a task; what else stands in it
 * is left out: anybody may write anything there, and it is kept for each commit. An `edit` that names no source says nothing: some
 * writers put it on every commit.
 */
export function creationTask(task: Task): Task | undefined {
  const { type } = task;
  if (!isCreating(type)) return undefined;
  const only = withKnownFields(taskSchema, { type, [type]: task[type] ?? {} });
  if (!validator.Check(only)) return undefined;
  return type === 'edit' && !only.edit?.sourceRef?.name ? undefined : only;
}

/** Whether a task may say how a revision came to be; it is looked at more closely when that is asked. */
export function mayCreate(task: Task | undefined): boolean {
  return task !== undefined && isCreating(task.type);
}

function isCreating(type: string): type is (typeof creating)[number] {
  return creating.some((one) => one === type);
}

/** The value without the fields that its schema does not know. */
function withKnownFields(schema: object, value: unknown): unknown {
  if (!('properties' in schema) || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const properties = (schema.properties ?? {}) as Readonly<Record<string, object>>;
  const kept: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known !== undefined && field !== undefined && field !== null) kept[key] = withKnownFields(known, field);
  }
  return kept;
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
    .filter((mark) => mark.task !== undefined || (mark.approval && mark.commit !== commit))
    .slice(0, maxCandidates);
  let reached: ((mark: PackageMark) => boolean) | undefined;
  for (const [index, mark] of candidates.entries()) {
    const isBefore =
      index < fewCandidates
        ? commits.isAncestor(mark.commit, commit)
        : (reached ??= commits.reachableFrom(commit))(mark);
    if (!isBefore) continue;
    if (mark.task === undefined) break;
    found = mark.task;
    if (found.type === 'init' || found.type === 'clone') break;
  }
  return found === undefined ? [] : [found];
}
