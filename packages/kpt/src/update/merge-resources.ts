import { markObject, mergeKeyOf } from '../package/merge-keys.ts';
import { PackageError } from '../pipeline/job.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { printFile } from '../yaml/resource-file.ts';
import { builtInShape, plainObject } from './built-in-shapes.ts';
import type { CrdShapes } from './crd-shapes.ts';
import { fingerprint } from './fingerprint.ts';
import { interleave } from './interleave.ts';
import { mergeComments } from './merge-comments.ts';
import { mergeFields } from './merge-fields.ts';
import type { MergeShape } from './merge-shape.ts';
import { writeOutAliases } from './plain-contents.ts';
import { sameFile } from './same-file.ts';
import type { UpgradeTree } from './upgrade-tree.ts';

/** The three packages of an upgrade and what is known of their types. */
export interface Upgrade {
  readonly old: UpgradeTree;
  readonly updated: UpgradeTree;
  readonly local: UpgradeTree;
  readonly crds: CrdShapes;
}

/**
 * Merges one file: its resources one by one where all versions of it hold resources only, otherwise as a whole, where a local
 * change wins.
 *
 * @returns the merged text, undefined where there is to be no such file
 * @throws PackageError for resources that cannot be read or told apart
 */
export function mergeFile(path: string, upgrade: Upgrade): string | undefined {
  const { old, updated, local } = upgrade;
  const ours = local.files.get(path);
  const [was, now] = [old.files.get(path), updated.files.get(path)];
  if (was === now) return ours;
  if (ours === undefined && was === undefined) return updated.text(path);
  const trees = [old, updated, local].filter((tree) => tree.files.has(path));
  const mayHoldResources = trees.every((tree) => tree.isResource(path));
  if (!mayHoldResources) return sameFile(path, old, local) ? updated.text(path) : ours;
  if (ours === old.text(path)) return updated.text(path);
  const [before, after, mine] = [old, updated, local].map((tree) => tree.resources(path) ?? []);
  if (before === undefined || after === undefined || mine === undefined) return ours;
  const documents = [...before, ...after, ...mine].filter((document) => !document.isEmpty);
  if (documents.length === 0 || !documents.every(isResource)) return ours === was ? updated.text(path) : ours;
  if (ours !== undefined && sameFile(path, old, local)) return updated.text(path);
  return mergeDocuments(path, before, after, mine, upgrade);
}

function isResource(document: ResourceDocument): boolean {
  const object = new KrmObject(document);
  return object.root !== undefined && object.apiVersion !== '' && object.kind !== '';
}

function mergeDocuments(
  path: string,
  before: readonly ResourceDocument[],
  after: readonly ResourceDocument[],
  mine: readonly ResourceDocument[],
  upgrade: Upgrade,
): string | undefined {
  const was = byKey(path, before, upgrade.old);
  const now = byKey(path, after, upgrade.updated);
  const ours = byKey(path, mine, upgrade.local);
  const keys = new Map([...ours].map(([key, document]) => [document, key]));
  const kept: [string, ResourceDocument][] = [];
  for (const [index, document] of mine.entries()) {
    const key = keys.get(document);
    const merged = key === undefined ? document : fate(path, was.get(key), now.get(key), document, upgrade.crds);
    if (merged !== undefined) kept.push([key ?? `empty ${index}`, merged]);
  }
  const added = new Map([...now].filter(([key]) => !ours.has(key) && !was.has(key)));
  const documents = interleave(kept, added, now.keys());
  if (!documents.some((document) => !document.isEmpty) && ours.size > 0) return undefined;
  return documents.length === 0 ? upgrade.local.files.get(path) : printFile(path, documents);
}

/** What becomes of a resource that the local package has. */
function fate(
  path: string,
  was: ResourceDocument | undefined,
  now: ResourceDocument | undefined,
  ours: ResourceDocument,
  crds: CrdShapes,
): ResourceDocument | undefined {
  const isOurs = was === undefined || fingerprint(was, path) !== fingerprint(ours, path);
  if (now === undefined) return isOurs ? ours : undefined;
  if (!isOurs) return now;
  if (was !== undefined && fingerprint(was, path) === fingerprint(now, path)) return ours;
  mergeResource(path, was, now, ours, crds);
  return ours;
}

function mergeResource(
  path: string,
  was: ResourceDocument | undefined,
  now: ResourceDocument,
  ours: ResourceDocument,
  crds: CrdShapes,
): void {
  const object = new KrmObject(ours, path);
  if (!path.endsWith('.json')) markObject(object, 'local');
  for (const resource of [was, now, ours]) if (resource !== undefined) writeOutAliases(resource.document, path);
  const versions = {
    old: was?.document.contents ?? undefined,
    updated: now.document.contents ?? undefined,
    local: ours.document.contents ?? undefined,
  };
  const merged = mergeFields(versions, shapeFor(new KrmObject(now, path), crds), now.document);
  if (merged !== undefined) ours.document.contents = merged;
  mergeComments(was?.document, now.document, ours.document);
}

function shapeFor(object: KrmObject, crds: CrdShapes): MergeShape {
  const { group, kind, version } = object;
  return builtInShape(group, kind) ?? crds.find(group, kind, version) ?? plainObject;
}

/** Resources by group, kind, and the namespace and name they have, or had upstream as their merge key says. */
function byKey(
  path: string,
  documents: readonly ResourceDocument[],
  { side }: UpgradeTree,
): Map<string, ResourceDocument> {
  const found = new Map<string, ResourceDocument>();
  for (const document of documents) {
    if (document.isEmpty) continue;
    const object = new KrmObject(document, path);
    const { namespace, name } = mergeKeyOf(object) ?? object;
    const key = JSON.stringify([object.group, object.kind, namespace, name]);
    if (found.has(key)) {
      throw new PackageError(
        `file ${JSON.stringify(path)} of the ${side} package holds two resources that cannot be told apart: ` +
          `${object.kind} ${JSON.stringify(namespace === '' ? name : `${namespace}/${name}`)}; ` +
          'give them different names (and different kpt-merge comments)',
        path,
      );
    }
    found.set(key, document);
  }
  return found;
}
