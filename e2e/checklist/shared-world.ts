import type { Json } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { expectStatus, repositoriesPath, revisionsPath } from '../harness/packages.ts';
import type { World } from '../harness/world.ts';

/** The one server that all checks share, with what several of them do. Each check has repositories of its own. */
export interface SharedWorld {
  get(): World;
}

export const initTask = { type: 'init', init: { description: 'A package for tests' } };

export function cloneOf(name: string): Json {
  return { type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } };
}

export function editOf(name: string): Json {
  return { type: 'edit', edit: { sourceRef: { name } } };
}

export function upgradeOf(old: string, updated: string, local: string): Json {
  return {
    type: 'upgrade',
    upgrade: {
      oldUpstreamRef: { name: old },
      newUpstreamRef: { name: updated },
      localPackageRevisionRef: { name: local },
    },
  };
}

export function configMap(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
}

export function kptfile(name: string, more = ''): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n${more}`;
}

/** A merge patch of a package revision. */
export async function patchRevision(world: World, name: string, patch: Json): Promise<Json> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  return expectStatus(await world.porch.http('PATCH', `${revisionsPath}/${name}`, patch, headers), 200);
}

/** Names of the package revisions that selectors choose, in order. */
export async function selected(world: World, selectors: Readonly<Record<string, string>>): Promise<string[]> {
  const { items } = await world.packages.list(`?${new URLSearchParams(selectors)}`);
  return items.map(({ metadata }: Json) => metadata.name).sort();
}

/** Takes a registration away, and waits until it is gone. */
export async function unregister(world: World, name: string): Promise<void> {
  expectStatus(await world.porch.http('DELETE', `${repositoriesPath}/${name}`), 200);
  await eventually(`the end of ${name}`, async () => {
    return (await world.porch.http('GET', `${repositoriesPath}/${name}`)).status === 404;
  });
}

/** Proposes the deletion of a published revision, and deletes it. */
export async function deletePublished(world: World, name: string): Promise<void> {
  expectStatus(await world.packages.setLifecycle(name, 'DeletionProposed'), 200);
  expectStatus(await world.packages.delete(name), 200);
  expectStatus(await world.packages.get(name), 404);
}
