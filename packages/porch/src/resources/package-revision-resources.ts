import type { KubernetesObject } from '@porch/apiserver';
import Type from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ description }));

const resultItem = Type.Object(
  {
    message: Type.String({ description: 'What the function has to say.' }),
    severity: text('error, warning or info.'),
    resourceRef: Type.Optional(
      Type.Object(
        {
          apiVersion: text('apiVersion of the resource.'),
          kind: text('Kind of the resource.'),
          name: text('Name of the resource.'),
          namespace: text('Namespace of the resource.'),
        },
        { description: 'Resource that the result is about.' },
      ),
    ),
    field: Type.Optional(
      Type.Object(
        {
          path: text('Path of the field.'),
          currentValue: text('Value it has.'),
          proposedValue: text('Value it should have.'),
        },
        { description: 'Field that the result is about.' },
      ),
    ),
    file: Type.Optional(
      Type.Object(
        {
          path: text('Path in the package.'),
          index: Type.Optional(Type.Integer({ description: 'Number of the document in the file.' })),
        },
        { description: 'File that the result is about.' },
      ),
    ),
    tags: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Further data of the function.' })),
  },
  { description: 'One result of a function.' },
);

/** Schema of what a rendering has come to. */
const renderStatusSchema = Type.Object(
  {
    result: Type.Optional(
      Type.Object(
        {
          apiVersion: text('kpt.dev/v1'),
          kind: text('FunctionResultList'),
          metadata: Type.Optional(
            Type.Object(
              {
                name: text('fnresults'),
                creationTimestamp: Type.Optional(
                  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
                    description: 'Not used; some clients send it, as null.',
                  }),
                ),
              },
              { description: 'Name of the list.' },
            ),
          ),
          exitCode: Type.Integer({ description: '0 when all functions succeeded.' }),
          items: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  image: text('Image of the function.'),
                  exec: text('Executable of the function.'),
                  stderr: text('What the function wrote to its standard error.'),
                  exitCode: Type.Integer({ description: '0 when the function succeeded.' }),
                  results: Type.Optional(Type.Array(resultItem, { description: 'What it reported.' })),
                },
                { description: 'Outcome of one function.' },
              ),
              { description: 'One entry a function, in the order they ran.' },
            ),
          ),
        },
        { description: 'Outcome of the pipeline.' },
      ),
    ),
    error: Type.Optional(Type.String({ description: 'Why rendering failed; empty when it succeeded.' })),
  },
  { description: 'Outcome of the last rendering.' },
);

/** Schema of the files of a package revision. */
export const packageRevisionResourcesSchema = Type.Object({
  spec: Type.Optional(
    Type.Object(
      {
        packageName: text('Package, with its path in the repository.'),
        workspaceName: text('Workspace of the package revision.'),
        revision: Type.Optional(Type.Integer({ description: 'Number of the revision.' })),
        repository: text('Name of the Repository object.'),
        resources: Type.Optional(
          Type.Record(Type.String(), Type.String(), {
            description:
              'Files of the package by path. An update replaces them all: a file that is not in it is deleted.',
          }),
        ),
      },
      { description: 'Content of the package revision.' },
    ),
  ),
  status: Type.Optional(
    Type.Object({ renderStatus: Type.Optional(renderStatusSchema) }, { description: 'What came of rendering.' }),
  ),
});

export type RenderStatus = Type.Static<typeof renderStatusSchema>;

/** The files of a package revision, under the same name. `porch.kpt.dev/v1alpha1`. */
export interface PackageRevisionResources extends KubernetesObject {
  spec: {
    packageName?: string;
    workspaceName?: string;
    revision?: number;
    repository?: string;
    resources?: Record<string, string>;
  };
  status?: { renderStatus?: RenderStatus };
}
