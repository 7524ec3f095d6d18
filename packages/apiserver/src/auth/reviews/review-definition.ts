import type { TSchema } from 'typebox';
import Type from 'typebox';
import { nameColumn } from '../../core/columns.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { groupResource, type KubernetesObject } from '../../meta/object.ts';
import type { RequestContext, ResourceDefinition } from '../../registry/resource.ts';
import { serveObject } from '../../storage/served.ts';

/** A question that is asked by creating an object, and answered in its status; nothing is stored. */
export interface Review<T extends KubernetesObject> {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced?: boolean;
  readonly description: string;
  readonly spec?: TSchema;
  readonly status: TSchema;
  refuse?(object: T): readonly FieldError[];
  /** The status. */
  answer(context: RequestContext, object: T): Promise<object>;
}

/** The resource of a review: it can be created, and that is all. */
export function reviewDefinition<T extends KubernetesObject>(review: Review<T>): ResourceDefinition<T> {
  const { group, plural, kind, refuse } = review;
  const resource = groupResource(plural, group);
  return {
    group,
    version: 'v1',
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    namespaced: review.namespaced ?? false,
    description: review.description,
    schema: Type.Object({
      ...(review.spec === undefined ? {} : { spec: review.spec }),
      status: Type.Optional(review.status),
    }),
    // Reviews need no names, and keep none.
    composesNames: true,
    strategy: refuse === undefined ? {} : { validate: (_context, object) => refuse(object) },
    storage: {
      async create(context, object) {
        const { managedFields: _, ...metadata } = object.metadata;
        const answered = { ...object, metadata, status: await review.answer(context, object) };
        return { object: serveObject(answered, { resource, revision: 0 }), created: true };
      },
    },
    table: { columns: [nameColumn], cells: ({ metadata }) => [metadata.name ?? ''] },
  };
}
