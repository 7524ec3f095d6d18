import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ description }));
const tags = (description: string) => Type.Array(Type.String({ minLength: 1 }), { description, minItems: 1 });
const quantities = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), { description }));
/** Parts of Kubernetes' own kinds that only somebody who makes pods can use; kept as they are. */
const open = (description: string) =>
  Type.Optional(
    Type.Object({}, { description, additionalProperties: true, 'x-kubernetes-preserve-unknown-fields': true }),
  );
const container = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        resources: Type.Optional(
          Type.Object(
            {
              limits: quantities('What the function may take at most; memory is kept to.'),
              requests: quantities('What is set aside for it.'),
            },
            { description: 'What the function may take.' },
          ),
        ),
        env: Type.Optional(
          Type.Array(
            Type.Object(
              {
                name: Type.String({ description: 'Name of the variable.', minLength: 1 }),
                value: text('Its value.'),
                valueFrom: open('Where its value is; not followed here.'),
              },
              { description: 'A variable.' },
            ),
            { description: "Variables of the function's environment." },
          ),
        ),
        envFrom: Type.Optional(
          Type.Array(Type.Object({}, { additionalProperties: true }), { description: 'Not followed here.' }),
        ),
      },
      { description },
    ),
  );

/** Schema of FunctionConfigs. */
export const functionConfigSchema = Type.Object({
  spec: Type.Object(
    {
      image: Type.String({ description: 'Base name of the images that this is about, set-labels.', minLength: 1 }),
      prefixes: Type.Optional(
        Type.Array(Type.String(), {
          description:
            'Registries and paths the images may come from; "" is the default prefix. Any where there are none.',
        }),
      ),
      goExecutor: Type.Optional(
        Type.Object(
          {
            id: text('Name of the built-in function; the name of this object unless given.'),
            tags: tags('Tags that it stands for.'),
          },
          { description: 'Run by a function that is part of the program.' },
        ),
      ),
      binaryExecutor: Type.Optional(
        Type.Object(
          {
            path: Type.String({
              description: 'Path of the program, below the directory of --functions.',
              minLength: 1,
            }),
            tags: tags('Tags that it stands for.'),
          },
          { description: 'Run by a program, where the server runs some.' },
        ),
      ),
      podExecutor: Type.Optional(
        Type.Object(
          {
            tags: Type.Optional(Type.Array(Type.String(), { description: 'Tags that are known to exist.' })),
            timeToLive: Type.Optional(
              Type.String({ description: 'How long an idle pod stays; there are none here.', default: '30m' }),
            ),
            maxParallelExecutions: Type.Optional(
              Type.Integer({ description: 'Most runs at the same time.', minimum: 1 }),
            ),
            preferredMaxQueueLength: Type.Optional(
              Type.Integer({ description: 'When another pod is made; there are none here.', minimum: 1 }),
            ),
            templateOverrides: Type.Optional(
              Type.Object(
                {
                  serviceAccountName: text('Not used here.'),
                  securityContext: open('Not used here: containers are always shut in.'),
                  initContainer: container('Not used here.'),
                  container: container('The container of the function.'),
                },
                { description: 'How its container differs from others.' },
              ),
            ),
          },
          { description: 'Run as a container, or by a function runner.' },
        ),
      ),
      limits: Type.Optional(
        Type.Object(
          {
            timeout: text('Most time of one run, 30s.'),
            memory: text('Most memory of one run, 256Mi.'),
            output: text('Most that one run may answer, 1Mi.'),
          },
          {
            description:
              "What a run outside the server's own threads may take, in place of what the server was started with.",
          },
        ),
      ),
    },
    { description: 'How the images of a function are run.' },
  ),
  status: Type.Optional(
    Type.Object(
      {
        apiServerObservedGeneration: Type.Optional(
          Type.Integer({ description: 'Generation of the spec that the server acts on.' }),
        ),
        functionRunnerObservedGeneration: Type.Optional(
          Type.Integer({ description: 'Generation of the spec that a function runner acts on.' }),
        ),
        controllerObservedGeneration: Type.Optional(
          Type.Integer({ description: 'Generation of the spec that the controllers act on.' }),
        ),
        error: text('Why it is not acted on as it says.'),
      },
      { description: 'Whether it is acted on.' },
    ),
  ),
});

type Schema = Type.Static<typeof functionConfigSchema>;
export type FunctionConfigSpec = Schema['spec'];
export type FunctionConfigStatus = NonNullable<Schema['status']>;

/** How the images of a function are run. `config.porch.kpt.dev/v1alpha1`. */
export interface FunctionConfig extends KubernetesObject {
  spec: FunctionConfigSpec;
  status?: FunctionConfigStatus;
}
