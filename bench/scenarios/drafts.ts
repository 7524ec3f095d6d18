import { inState, newDraft, paths, revisionName } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { referencesBecome } from '../fixture/remote.ts';

/** A draft of a package of its own. */
export interface Draft {
  readonly packageName: string;
  /** Name of its package revision. */
  readonly name: string;
}

const workspace = 'v1';
/** Drafts that are prepared at once. */
const atOnce = 16;

/** The drafts that a scenario works with; nothing is made yet. */
export function planDrafts(folder: string, count: number): readonly Draft[] {
  return Array.from({ length: count }, (_, i) => {
    const packageName = `${folder}/p-${i}`;
    return { packageName, name: revisionName(packageName, workspace) };
  });
}

/** What to post to make a draft. */
export function draftObject(draft: Draft) {
  return newDraft(draft.packageName, workspace);
}

/** Its branch while it is in a state. */
function branchOf(draft: Draft, state: 'drafts' | 'proposed' | 'deletionProposed'): string {
  return `refs/heads/${state}/${draft.packageName}/${workspace}`;
}

/** Makes drafts, and waits until Git has them. */
export async function createDrafts(bed: Bed, drafts: readonly Draft[]): Promise<void> {
  await each(drafts, (draft) => bed.client.post(paths.revisions, draftObject(draft)));
  await mirrored(bed, drafts, 'drafts');
}

/** Proposes drafts, and waits until Git has it. */
export async function propose(bed: Bed, drafts: readonly Draft[]): Promise<void> {
  await each(drafts, async ({ name }) => {
    await bed.client.put(paths.revision(name), inState(await bed.client.get(paths.revision(name)), 'Proposed'));
  });
  await mirrored(bed, drafts, 'proposed');
}

/** Deletes drafts, and waits until Git has it. */
export async function deleteDrafts(bed: Bed, drafts: readonly Draft[]): Promise<void> {
  await each(drafts, ({ name }) => bed.client.call(paths.revision(name), { method: 'DELETE' }));
  await gone(bed, drafts, 'drafts');
}

/** Waits until the remote has the branches. */
export async function mirrored(
  bed: Bed,
  drafts: readonly Draft[],
  state: Parameters<typeof branchOf>[1],
): Promise<void> {
  await referencesBecome(
    bed.remote,
    drafts.map((draft) => branchOf(draft, state)),
    true,
  );
}

/** Waits until the remote has the branches no more. */
export async function gone(bed: Bed, drafts: readonly Draft[], state: Parameters<typeof branchOf>[1]): Promise<void> {
  await referencesBecome(
    bed.remote,
    drafts.map((draft) => branchOf(draft, state)),
    false,
  );
}

async function each(drafts: readonly Draft[], work: (draft: Draft) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < drafts.length; i += atOnce) await Promise.all(drafts.slice(i, i + atOnce).map(work));
}
