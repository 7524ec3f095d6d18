import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

const map = (description: string) => Type.Optional(Type.Record(Type.String(), Type.String(), { description }));
const text = (description: string) => Type.Optional(Type.String({ description }));
const named = (description: string) =>
  Type.Object(
    { name: Type.String({ description: 'Name of the package revision, in the same namespace.' }) },
    { description },
  );

const gitLock = Type.Object(
  {
    repo: text('URL of the Git repository.'),
    directory: text('Directory of the package in the repository.'),
    ref: text('Branch or tag, in its short form.'),
    commit: text('Commit id. Absent for drafts: their branch moves with every change.'),
  },
  { description: 'Place in a Git repository.' },
);

const locator = (description: string) =>
  Type.Object({ type: text('Kind of origin: git.'), git: Type.Optional(gitLock) }, { description });

/** Schema of a package in a Git repository. */
const gitPackageSchema = Type.Object(
  {
    repo: Type.String({ description: 'URL of the Git repository.' }),
    ref: Type.String({
      description: 'Branch, tag or commit; empty, or HEAD, for the default branch of the repository.',
    }),
    directory: Type.String({ description: 'Directory of the package in the repository; empty for its root.' }),
    secretRef: Type.Optional(
      Type.Object(
        { name: Type.String({ description: 'Name of the Secret.' }) },
        { description: 'Secret with the credentials for the repository, in the same namespace.' },
      ),
    ),
  },
  { description: 'A package in a Git repository that need not be registered.' },
);

/** Schema of the package that another is made from. */
const upstreamPackageSchema = Type.Object(
  {
    type: text('Kind of origin: git or oci.'),
    git: Type.Optional(gitPackageSchema),
    oci: Type.Optional(
      Type.Object(
        { image: Type.String({ description: 'Image that holds the package.' }) },
        { description: 'A package in an OCI image. Not supported yet.' },
      ),
    ),
    upstreamRef: Type.Optional(named('A registered package revision.')),
  },
  { description: 'Where a package comes from; one of git and upstreamRef.' },
);

const subpackageDir = text(
  'Directory of a subpackage within the package. Only for a task that an update adds to a draft: it is carried out, and not kept.',
);

/** Schema of what a package revision is made by. */
export const taskSchema = Type.Object(
  {
    type: Type.String({ description: 'What to do: init, clone, edit or upgrade.' }),
    init: Type.Optional(
      Type.Object(
        {
          subpackage: text('Directory of a subpackage. Not supported.'),
          description: text('Short description, kept in the Kptfile.'),
          keywords: Type.Optional(Type.Array(Type.String(), { description: 'Keywords, kept in the Kptfile.' })),
          site: text('Web page of the package, kept in the Kptfile.'),
        },
        { description: 'Creates an empty package.' },
      ),
    ),
    clone: Type.Optional(
      Type.Object(
        { upstreamRef: Type.Optional(upstreamPackageSchema), subpackageDir },
        { description: 'Starts a package, or a subpackage of a draft, from an upstream one.' },
      ),
    ),
    edit: Type.Optional(
      Type.Object(
        { sourceRef: Type.Optional(named('Published revision of the same package to start from.')) },
        { description: 'Starts a new revision from an existing revision of the same package.' },
      ),
    ),
    upgrade: Type.Optional(
      Type.Object(
        {
          oldUpstreamRef: Type.Optional(named('Upstream revision that the package came from.')),
          newUpstreamRef: Type.Optional(named('Upstream revision to move to.')),
          localPackageRevisionRef: Type.Optional(named('Revision of this package with the local changes.')),
          strategy: text('resource-merge (default), fast-forward, force-delete-replace or copy-merge.'),
          subpackageDir,
        },
        { description: 'Merges a newer upstream revision into a package, or into a subpackage of a draft.' },
      ),
    ),
  },
  { description: 'How the package revision came to be.' },
);

/** Schema of a condition of a package. */
const conditionSchema = Type.Object(
  {
    type: Type.String({ description: 'Type of the condition.' }),
    status: Type.String({ description: 'True, False or Unknown.' }),
    reason: text('One word for the reason of the status.'),
    message: text('Details in words.'),
  },
  { description: 'A condition, as the Kptfile has it.' },
);

/** Schema of what is wanted of a package revision. */
const packageRevisionSpecSchema = Type.Object(
  {
    packageName: text('Package, with its path in the repository: a/b/pkg.'),
    repository: text('Name of the Repository object.'),
    workspaceName: text('Name of this line of work, unique among the revisions of the package.'),
    revision: Type.Optional(
      Type.Integer({
        description: 'Number of the revision: 0 for drafts and proposals, -1 for what is on the tracked branch.',
      }),
    ),
    parent: Type.Optional(
      Type.Object(
        { name: Type.String({ description: 'Name of the parent.' }) },
        { description: 'Deprecated, without effect: parent package revision.' },
      ),
    ),
    lifecycle: text('Draft, Proposed, Published or DeletionProposed.'),
    tasks: Type.Optional(
      Type.Array(taskSchema, {
        description:
          'How the package revision came to be; one task at most. An update may add one that clones or upgrades a subpackage.',
      }),
    ),
    readinessGates: Type.Optional(
      Type.Array(
        Type.Object(
          { conditionType: Type.String({ description: 'Type of the condition that must be True.' }) },
          { description: 'A condition to wait for.' },
        ),
        { description: 'Conditions that must be True before the package is ready; kept in the Kptfile.' },
      ),
    ),
    packageMetadata: Type.Optional(
      Type.Object(
        { labels: map('Labels of the Kptfile.'), annotations: map('Annotations of the Kptfile.') },
        { description: 'Metadata of the package itself, kept in the Kptfile.' },
      ),
    ),
  },
  { description: 'What the package revision is.' },
);

/** Schema of how a package revision is. */
const packageRevisionStatusSchema = Type.Object(
  {
    upstreamLock: Type.Optional(locator('Upstream package that this one was cloned from or upgraded to.')),
    selfLock: Type.Optional(locator('Where this package revision is in Git.')),
    publishedBy: text('User who approved it.'),
    publishTimestamp: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'When it was published.' }),
    ),
    deployment: Type.Optional(
      Type.Boolean({ description: 'Whether its repository holds packages that are deployed.' }),
    ),
    conditions: Type.Optional(Type.Array(conditionSchema, { description: 'Conditions of the Kptfile.' })),
  },
  { description: 'What is known of the package revision.' },
);

/** Schema of package revisions. */
export const packageRevisionSchema = Type.Object({
  spec: Type.Optional(packageRevisionSpecSchema),
  status: Type.Optional(packageRevisionStatusSchema),
});

/** How far a package revision has come. */
export type Lifecycle = 'Draft' | 'Proposed' | 'Published' | 'DeletionProposed';
export type Task = Type.Static<typeof taskSchema>;
export type Locator = Type.Static<ReturnType<typeof locator>>;
export type PackageRevisionSpec = Type.Static<typeof packageRevisionSpecSchema>;
export type PackageRevisionStatus = Type.Static<typeof packageRevisionStatusSchema>;

/** A revision of a package: a draft, a proposal, or a published one. `porch.kpt.dev/v1alpha1`. */
export interface PackageRevision extends KubernetesObject {
  spec: PackageRevisionSpec;
  status: PackageRevisionStatus;
}

/** Whether a lifecycle counts as published. */
export function isPublished(lifecycle: string | undefined): boolean {
  return lifecycle === 'Published' || lifecycle === 'DeletionProposed';
}

/** The task of a package revision that is created without one: an empty package. */
export function defaultTask(packageName: string): Task {
  return { type: 'init', init: { description: `${packageName} description` } };
}
