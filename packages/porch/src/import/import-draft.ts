import { pushOnRenderFailureAnnotation } from '../resources/group.ts';
import { packageRevisionName } from '../resources/names.ts';
import { type ImportTarget, RefusedError } from './import-target.ts';
import type { RecordedDraft, RecordedRevision } from './recorded-revision.ts';

/**
 * On drafts that an import has begun and not finished. One that was interrupted finds by it what it has to finish when it is run again.
 */
export const unfinishedImportAnnotation = 'porch.kpt.dev/unfinished-import';

/** Tasks that make a package revision; records may hold others, of what was done to it afterwards. */
const creatingTasks = new Set(['init', 'clone', 'edit', 'upgrade']);

function creationTasks({ tasks }: RecordedDraft): RecordedDraft['tasks'] {
  return tasks.filter(({ type }) => creatingTasks.has(type)).slice(0, 1);
}

/** What making a draft comes to, in words. */
export function draftInWords(draft: RecordedDraft): string {
  const [task] = creationTasks(draft);
  const files = Object.keys(draft.files).length;
  const how = `made by ${task?.type ?? 'init'}`;
  return `${draft.lifecycle.toLowerCase()} with ${files} ${files === 1 ? 'file' : 'files'}, ${how}`;
}

/** @throws RefusedError with what is wrong with a record of which no draft can be made */
export function requireUsable({ name }: RecordedRevision, draft: RecordedDraft): void {
  if (!Object.hasOwn(draft.files, 'Kptfile')) throw new RefusedError(0, 'its record has no Kptfile');
  if (packageRevisionName({ ...draft }) !== name) {
    throw new RefusedError(0, `its record says that it is ${packageRevisionName({ ...draft })}`);
  }
}

/**
 * Makes a draft with the task and the files that are recorded. Where its pipeline fails the files are stored as they are. A draft that
 * cannot be given its files is deleted again, so that a later import finds things as they were.
 * @returns what there is to say besides
 * @throws RefusedError with the reason why the draft cannot be made
 */
export async function importDraft(
  record: RecordedRevision,
  draft: RecordedDraft,
  target: ImportTarget,
): Promise<readonly string[]> {
  const { namespace, name } = record;
  const tasks = creationTasks(draft);
  const { packageName, repository, workspaceName } = draft;
  await target.create({
    namespace,
    name,
    annotations: { [unfinishedImportAnnotation]: 'true' },
    spec: { packageName, repository, workspaceName, ...(tasks.length > 0 && { tasks }) },
  });
  return finishDraft(record, draft, 'Draft', target);
}

/**
 * Gives a draft that an import has made its files and its lifecycle. `lifecycle` is the one it has.
 * @returns what there is to say besides
 * @throws RefusedError when it cannot be given its files; it is deleted then
 */
export async function finishDraft(
  record: RecordedRevision,
  draft: RecordedDraft,
  lifecycle: string,
  target: ImportTarget,
): Promise<readonly string[]> {
  const { namespace, name } = record;
  const notes = lifecycle === 'Draft' ? await fillDraft(record, draft, target) : [];
  const annotations = { [unfinishedImportAnnotation]: null, [pushOnRenderFailureAnnotation]: null };
  await target.patch(namespace, name, { metadata: { annotations } });
  return notes;
}

async function fillDraft(record: RecordedRevision, draft: RecordedDraft, target: ImportTarget): Promise<string[]> {
  let notes: string[];
  try {
    notes = await storeFiles(record, draft, target);
  } catch (error) {
    if (error instanceof RefusedError) await deleteBegun(record, target, error);
    throw error;
  }
  return draft.lifecycle === 'Proposed' ? [...notes, ...(await propose(record, target))] : notes;
}

/** @throws RefusedError where it cannot be deleted either, with what was wrong with it in the first place */
async function deleteBegun(
  { namespace, name }: RecordedRevision,
  target: ImportTarget,
  why: RefusedError,
): Promise<void> {
  try {
    await target.delete(namespace, name);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const stays = `${why.message}; what was begun of it stays, to be finished by the next import: ${error.message}`;
    throw new RefusedError(why.code, stays, { cause: why });
  }
}

/** A package that cannot be rendered cannot be proposed either. */
async function propose({ namespace, name }: RecordedRevision, target: ImportTarget): Promise<string[]> {
  try {
    await target.patch(namespace, name, { spec: { lifecycle: 'Proposed' } });
    return [];
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 400) throw error;
    return [`it stays a draft: ${error.message}`];
  }
}

async function storeFiles(record: RecordedRevision, draft: RecordedDraft, target: ImportTarget): Promise<string[]> {
  const { namespace, name } = record;
  try {
    await target.replaceFiles(namespace, name, draft.files);
    return [];
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 400) throw error;
    await storeUnrendered(record, draft, target, error);
    return [`its files are stored as they were, since they cannot be rendered: ${error.message}`];
  }
}

/** Stores files whose rendering fails, if that is what is wrong with them. @throws the refusal where it is something else */
async function storeUnrendered(
  record: RecordedRevision,
  draft: RecordedDraft,
  target: ImportTarget,
  refusal: RefusedError,
): Promise<void> {
  const { namespace, name } = record;
  await target.patch(namespace, name, { metadata: { annotations: { [pushOnRenderFailureAnnotation]: 'true' } } });
  try {
    await target.replaceFiles(namespace, name, draft.files);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 400) throw error;
  }
  const stored = await target.files(namespace, name);
  const paths = Object.keys(draft.files);
  const there = paths.length === Object.keys(stored).length && paths.every((path) => Object.hasOwn(stored, path));
  if (!there) throw refusal;
}
