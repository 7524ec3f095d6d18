import { type ApiObject, inState, newDraft, paths, revisionName } from '../api/objects.ts';
import type { PorchClient } from '../api/porch-client.ts';
import { kptfile, resourceFiles } from '../fixture/package-files.ts';

const labels = (round: number): string =>
  `pipeline:\n  mutators:\n    - image: set-labels:v0.2.0\n      configMap:\n        round: r${round}\n`;

/**
 * One life of a package: made, filled and rendered, read page by page and watched, proposed; then either rejected and deleted, or published
 * and removed from Git again with all that follows the branch. Nothing of it is left, so that a server that grows keeps what it should not.
 */
export async function liveThrough(client: PorchClient, packageName: string, round: number): Promise<void> {
  const name = revisionName(packageName, 'v1');
  await client.post(paths.revisions, newDraft(packageName, 'v1'));
  const resources = await client.get(paths.resources(name));
  resources.spec.resources = { Kptfile: kptfile('soaked', labels(round)), ...resourceFiles('soaked', round) };
  await client.put(paths.resources(name), resources);
  if (round % 5 === 0) await readAllPages(client);
  if (round % 7 === 0) await watchBriefly(client);
  await setLifecycle(client, name, 'Proposed', paths.revision(name));
  if (round % 3 === 0) {
    await setLifecycle(client, name, 'Draft', paths.revision(name));
    await client.call(paths.revision(name), { method: 'DELETE' });
    return;
  }
  await setLifecycle(client, name, 'Published', paths.approval(name));
  for (const each of [name, revisionName(packageName, 'main')]) {
    await setLifecycle(client, each, 'DeletionProposed', paths.approval(each));
    await client.call(paths.revision(each), { method: 'DELETE' });
  }
}

/** Others write to it as well: labels move from one revision to the next. */
async function setLifecycle(client: PorchClient, name: string, lifecycle: string, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.put(path, inState(await client.get(paths.revision(name)), lifecycle));
      return;
    } catch (error) {
      if (attempt === 5 || !(error instanceof Error && error.message.includes('status 409'))) throw error;
    }
  }
}

async function readAllPages(client: PorchClient): Promise<void> {
  let more = '';
  do {
    const page: ApiObject & { metadata: { continue?: string } } = await client.get(
      `${paths.revisions}?limit=20${more === '' ? '' : `&continue=${encodeURIComponent(more)}`}`,
    );
    more = page.metadata.continue ?? '';
  } while (more !== '');
}

async function watchBriefly({ connection }: PorchClient): Promise<void> {
  const stream = await connection.open(`${paths.revisions}?watch=true`);
  for await (const _ of stream) break;
  stream.close();
}
