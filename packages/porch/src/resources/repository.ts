import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ description }));
const time = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));
const secretRef = Type.Optional(
  Type.Object(
    { name: Type.String({ description: 'Name of the Secret, in the same namespace.' }) },
    {
      description:
        'Secret with the credentials, of type kubernetes.io/basic-auth (username, password), Opaque (bearerToken) ' +
        'or kubernetes.io/ssh-auth (ssh-privatekey, known_hosts).',
    },
  ),
);

/**
 * The status of a Repository that nobody has looked at. Programs that judge objects by their status alone (kstatus: kpt, Flux, Helm)
 * take one that says neither a generation nor a condition for one that is as it should be.
 */
export const nothingObserved = { observedGeneration: 0 } as const;

/** Schema of Repositories. */
export const repositorySchema = Type.Object({
  spec: Type.Optional(
    Type.Object(
      {
        description: text('What the repository is for.'),
        deployment: Type.Optional(Type.Boolean({ description: 'Whether its packages are deployed as they are.' })),
        type: text('Kind of storage: git. (oci is accepted and reported as unsupported.) Cannot be changed.'),
        content: Type.Optional(Type.String({ description: 'Deprecated; always Package.', default: 'Package' })),
        sync: Type.Optional(
          Type.Object(
            {
              schedule: text(
                'When to look for changes: a cron expression of five fields, a name such as @hourly, in UTC unless TZ=Europe/Berlin or the like stands before it, or @every with a duration.',
              ),
              runOnceAt: time('Look for changes once at this time; removed when done.'),
            },
            { description: 'When to look for changes in the repository.' },
          ),
        ),
        git: Type.Optional(
          Type.Object(
            {
              repo: Type.String({ description: 'URL of the repository. Cannot be changed.' }),
              branch: Type.Optional(
                Type.String({
                  description: 'Branch that published packages go to. Cannot be changed.',
                  default: 'main',
                  minLength: 1,
                }),
              ),
              createBranch: Type.Optional(Type.Boolean({ description: 'Create the branch where it does not exist.' })),
              directory: text('Only packages below this directory belong to the repository. Cannot be changed.'),
              secretRef,
              author: text('Author of the commits, instead of the user who makes the request.'),
              email: text("The author's address."),
            },
            { description: 'A Git repository.' },
          ),
        ),
        oci: Type.Optional(
          Type.Object(
            { registry: Type.String({ description: 'Registry and path. Cannot be changed.' }), secretRef },
            { description: 'An OCI registry.' },
          ),
        ),
      },
      { description: 'Where the packages are.' },
    ),
  ),
  status: Type.Optional(
    Type.Object(
      {
        conditions: Type.Optional(
          Type.Array(
            Type.Object(
              {
                type: Type.String({ description: 'Ready, DraftsMirrored and others.' }),
                status: Type.String({ description: 'True, False or Unknown.' }),
                reason: Type.String({ description: 'One word for the reason.' }),
                message: Type.String({ description: 'What is the matter, and what to do about it.' }),
                lastTransitionTime: Type.String({ format: 'date-time', description: 'When the status last changed.' }),
                observedGeneration: Type.Optional(
                  Type.Integer({ description: 'Generation of the spec that this is about.' }),
                ),
              },
              { description: 'A condition of the repository.' },
            ),
            {
              description: 'Whether the repository can be used.',
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['type'],
            },
          ),
        ),
        lastFullSyncTime: time('When the packages were last brought up to date.'),
        nextFullSyncTime: time('When that is due again.'),
        observedGeneration: Type.Optional(
          Type.Integer({ description: 'Generation of the spec that was last acted on.' }),
        ),
        observedRunOnceAt: time('The runOnceAt that was last acted on.'),
        packageCount: Type.Optional(Type.Integer({ description: 'Number of package revisions.' })),
        gitCommitHash: text('Head of the branch at the last synchronisation.'),
      },
      { description: 'What is known of the repository.', default: nothingObserved },
    ),
  ),
});

type Schema = Type.Static<typeof repositorySchema>;
export type RepositorySpec = NonNullable<Schema['spec']>;
export type RepositoryStatus = NonNullable<Schema['status']>;
export type RepositoryCondition = NonNullable<RepositoryStatus['conditions']>[number];

/** A registered repository. `config.porch.kpt.dev/v1alpha1`. */
export interface Repository extends KubernetesObject {
  spec: RepositorySpec;
  status?: RepositoryStatus;
}
