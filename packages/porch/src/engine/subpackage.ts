import type { RequestContext } from '@porch/apiserver';
import { kptfileName } from '@porch/kpt';
import { type PackageContent, textsOf, withTexts } from '../cache/content.ts';
import { comparePaths } from '../cache/content-path.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import { packageRevisions } from '../resources/group.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { type SubpackageTask, subpackageName } from '../resources/subpackage-task.ts';
import { answering, invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { cloneSource } from './source.ts';
import { upgradedSubpackage } from './upgrade-source.ts';

/** A draft, and the task for a subpackage that an update adds to it. */
export interface DraftSubpackage {
  readonly git: GitRepository;
  /** The draft as the update wants it. */
  readonly object: PackageRevision;
  readonly added: SubpackageTask;
}

/**
 * The files of a draft after a task for one of its subpackages: cloned to where nothing is, or upgraded where it is.
 * @throws StatusError 400 naming the field of the task that cannot be carried out on these files
 */
export async function withSubpackage(
  parts: EngineParts,
  context: RequestContext,
  draft: DraftSubpackage,
  content: PackageContent,
): Promise<PackageContent> {
  const { added } = draft;
  const [inside, others] = divided(content, added.directory);
  if (added.task.type === 'upgrade') {
    checkIsThere(draft, inside);
    return placed(others, added.directory, await upgraded(parts, context, draft, inside));
  }
  checkIsFree(draft, content);
  return placed(others, added.directory, await cloned(parts, context, draft));
}

async function cloned(
  parts: EngineParts,
  context: RequestContext,
  { git, object, added }: DraftSubpackage,
): Promise<PackageContent> {
  const { task, field, directory } = added;
  const registered = task.clone?.upstreamRef?.upstreamRef?.name;
  if (registered === nameOf(object)) {
    const at = `${field}.clone.upstreamRef.upstreamRef.name`;
    throw invalidField(nameOf(object), at, registered, 'a draft cannot be cloned into itself');
  }
  const { content, upstream, lock } = await cloneSource(parts, context, object, task, field);
  const name = subpackageName(directory);
  const job = await answering(packageRevisions, nameOf(object), 'the subpackage cannot be made', () =>
    parts.workers.run(
      {
        files: textsOf(content),
        steps: [
          { type: 'clone', name, upstream, lock },
          { type: 'subpackage', name },
        ],
        render: parts.render(git.namespace),
        whose: git.namespace,
      },
      context.signal,
    ),
  );
  return withTexts(content, job.files);
}

function upgraded(
  parts: EngineParts,
  context: RequestContext,
  { git, object, added }: DraftSubpackage,
  local: PackageContent,
): Promise<PackageContent> {
  const task = { git, object, task: added.task, place: added.field };
  return upgradedSubpackage(parts, context, task, local, subpackageName(added.directory));
}

/** The files below a directory, under their paths in it, and all others. */
function divided(content: PackageContent, directory: string): [inside: PackageContent, others: PackageContent] {
  const prefix = `${directory}/`;
  const inside = content.filter(({ path }) => path.startsWith(prefix));
  return [
    inside.map((file) => ({ ...file, path: file.path.slice(prefix.length) })),
    content.filter(({ path }) => !path.startsWith(prefix)),
  ];
}

function placed(others: PackageContent, directory: string, inside: PackageContent): PackageContent {
  const below = inside.map((file) => ({ ...file, path: `${directory}/${file.path}` }));
  return [...others, ...below].sort((a, b) => comparePaths(a.path, b.path));
}

function checkIsThere({ object, added }: DraftSubpackage, inside: PackageContent): void {
  if (inside.some(({ path }) => path === kptfileName)) return;
  const detail =
    inside.length === 0
      ? `subpackage "${added.directory}" not found in package "${nameOf(object)}"`
      : `there is no Kptfile in "${added.directory}" of package "${nameOf(object)}": it is no subpackage`;
  throw invalidField(nameOf(object), added.directoryField, added.directory, detail);
}

function checkIsFree({ object, added }: DraftSubpackage, content: PackageContent): void {
  const { directory, directoryField } = added;
  const refuse = (detail: string) => invalidField(nameOf(object), directoryField, directory, detail);
  for (const { path } of content) {
    const parent = path.endsWith(`/${kptfileName}`) ? path.slice(0, -kptfileName.length - 1) : undefined;
    if (parent !== undefined && directory.startsWith(`${parent}/`)) {
      throw refuse(`cannot clone subpackage into another subpackage, parent already has a subpackage at "${parent}"`);
    }
    if (path === directory || path.startsWith(`${directory}/`) || directory.startsWith(`${path}/`)) {
      throw refuse(`cannot clone subpackage into parent, parent already has content at "${path}"`);
    }
  }
}

function nameOf(object: PackageRevision): string {
  return object.metadata.name ?? '';
}
