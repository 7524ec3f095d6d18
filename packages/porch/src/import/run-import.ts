import type { PackageRevision } from '../resources/package-revision.ts';
import { draftInWords, finishDraft, importDraft, requireUsable, unfinishedImportAnnotation } from './import-draft.ts';
import { metadataChange } from './import-metadata.ts';
import { type ImportTarget, RefusedError } from './import-target.ts';
import type { RecordedDraft, RecordedRevision } from './recorded-revision.ts';

/** How many package revisions an import changed (or would change), found as they should be, and could not take over. */
export interface ImportSummary {
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
}

/** An import that is about to run. */
export interface ImportRun {
  readonly records: readonly RecordedRevision[];
  readonly target: ImportTarget;
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** Takes what is said, a line at a time. */
  print(line: string): void;
}

type Current = Map<string, PackageRevision>;

interface Done {
  readonly added: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Takes over what Git does not hold: drafts that were in a database only, lifecycles, labels, annotations, finalizers and owners.
 * Published revisions first, since drafts are made from them; drafts may be made from other drafts, so what fails is tried again for as
 * long as others succeed. A revision that cannot be taken over stops no other. Running it again changes nothing that was done before.
 * @throws RefusedError when the target cannot be asked at all
 */
export async function runImport(run: ImportRun): Promise<ImportSummary> {
  const current: Current = new Map();
  for (const namespace of new Set(run.records.map((record) => record.namespace))) {
    for (const revision of await run.target.revisions(namespace)) {
      current.set(key(namespace, revision.metadata.name ?? ''), revision);
    }
  }
  const summary = { changed: 0, unchanged: 0, failed: 0 };
  const count = (outcome: Outcome): void => {
    summary[outcome.result] += 1;
    if (outcome.said.length > 0) run.print(outcome.said);
  };
  for (const record of run.records) {
    if (record.draft === undefined) count(await importRecord(record, current, run));
  }
  let drafts = run.records.filter(({ draft }) => draft !== undefined);
  for (let left = Number.POSITIVE_INFINITY; drafts.length > 0 && drafts.length < left; ) {
    left = drafts.length;
    const failed: { readonly record: RecordedRevision; readonly outcome: Outcome }[] = [];
    for (const record of drafts) {
      const outcome = await importRecord(record, current, run);
      if (outcome.result === 'failed') failed.push({ record, outcome });
      else count(outcome);
    }
    drafts = failed.map(({ record }) => record);
    if (failed.length === 0 || failed.length === left) for (const { outcome } of failed) count(outcome);
  }
  return summary;
}

/** What became of one record, and the line that tells it. */
interface Outcome {
  readonly result: keyof ImportSummary;
  readonly said: string;
}

function key(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

async function importRecord(record: RecordedRevision, current: Current, run: ImportRun): Promise<Outcome> {
  const label = key(record.namespace, record.name);
  try {
    const { added, notes } = await takeOver(record, current.get(label), run);
    const said = [...added, ...notes];
    return {
      result: added.length > 0 ? 'changed' : 'unchanged',
      said: said.length > 0 ? `${label}: ${said.join('; ')}` : '',
    };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { result: 'failed', said: `${label}: cannot be taken over: ${error.message}` };
  }
}

async function takeOver(record: RecordedRevision, found: PackageRevision | undefined, run: ImportRun): Promise<Done> {
  const { namespace, name } = record;
  const made = found === undefined ? await makeDraft(record, run) : await lookAtDraft(record, found, run);
  const object = made.added.length === 0 || run.dryRun ? found : await run.target.revision(namespace, name);
  const lifecycle = found === undefined ? [] : await deletionProposal(record, found, run);
  const change = await metadataChange(record, object ?? { metadata: {} }, run.target);
  if (change.patch !== undefined && !run.dryRun) {
    await patchMetadata(record, change.patch, run.target);
  }
  return { added: [...made.added, ...lifecycle, ...change.added], notes: [...made.notes, ...change.notes] };
}

/** Writes of others meet the patch's lock; what is missing is worked out once more then. */
async function patchMetadata(record: RecordedRevision, patch: object, target: ImportTarget): Promise<void> {
  const { namespace, name } = record;
  try {
    await target.patch(namespace, name, { metadata: patch });
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 409) throw error;
    const object = await target.revision(namespace, name);
    if (object === undefined) throw new RefusedError(404, 'it was deleted in the meantime', { cause: error });
    const again = await metadataChange(record, object, target);
    if (again.patch !== undefined) await target.patch(namespace, name, { metadata: again.patch });
  }
}

async function makeDraft(record: RecordedRevision, { target, dryRun }: ImportRun): Promise<Done> {
  const { draft, namespace } = record;
  if (draft === undefined) {
    throw new RefusedError(404, 'it is not here; register its repository, and wait until that has been synchronised');
  }
  if (!(await target.hasRepository(namespace, draft.repository))) {
    throw new RefusedError(404, `repository ${draft.repository} is not registered in namespace ${namespace}`);
  }
  requireUsable(record, draft);
  const notes = dryRun ? [] : await importDraft(record, draft, target);
  return { added: [draftInWords(draft)], notes };
}

/** A draft that an interrupted import has left is finished. */
async function lookAtDraft(record: RecordedRevision, found: PackageRevision, run: ImportRun): Promise<Done> {
  const { draft } = record;
  if (draft === undefined) return { added: [], notes: [] };
  const unfinished = found.metadata.annotations?.[unfinishedImportAnnotation] !== undefined;
  if (!unfinished) return compareDraft(record, draft, found, run.target);
  requireUsable(record, draft);
  const notes = run.dryRun ? [] : await finishDraft(record, draft, found.spec.lifecycle ?? 'Draft', run.target);
  return { added: [draftInWords(draft)], notes: ['an import that was interrupted had begun it', ...notes] };
}

/** A draft that is here already keeps its files. */
async function compareDraft(
  { namespace, name }: RecordedRevision,
  draft: RecordedDraft,
  found: PackageRevision,
  target: ImportTarget,
): Promise<Done> {
  const files = await target.files(namespace, name);
  const paths = Object.keys(draft.files);
  const same = paths.length === Object.keys(files).length && paths.every((path) => files[path] === draft.files[path]);
  const notes = [
    ...(same ? [] : ['it is here with other files, which stay']),
    ...(found.spec.lifecycle === draft.lifecycle ? [] : [`it is ${found.spec.lifecycle} here, not ${draft.lifecycle}`]),
  ];
  return { added: [], notes };
}

/** The Go server's database does not tell Git of proposals to delete. */
async function deletionProposal(
  record: RecordedRevision,
  found: PackageRevision,
  { target, dryRun }: ImportRun,
): Promise<readonly string[]> {
  if (record.lifecycle !== 'DeletionProposed' || found.spec.lifecycle !== 'Published') return [];
  if (!dryRun) await target.patch(record.namespace, record.name, { spec: { lifecycle: 'DeletionProposed' } });
  return ['DeletionProposed'];
}
